// What every entry exports beside its own `connect`.

export type { Connect } from './connect.js';

export { CloseCode, type CloseReason } from './close.js';
export type {
  AnyPushes,
  AnyRoutes,
  CallArguments,
  Client,
  NotifyOptions,
  PushesOptions,
  PushIterator,
  RequestBody,
  RequestOptions,
  ResponseBody,
  State,
} from './client.js';
export { bytes, json, type Codec, type ErrorBody } from './codec.js';
export { ConnectError, DecodeError, DisconnectedError, NotSentError, PitayaError, ServerError, TimeoutError } from './errors.js';
export type {
  ClientInfo,
  ConnectOptions,
  LatestOnly,
  Queue,
  QueueLimits,
  ReconnectOptions,
  SocketLike,
  WebSocketConstructor,
} from './options.js';
export type { TraceLine, TracePacket } from './trace.js';
