import { Connect } from './types.js';
export { AnyPushes, AnyRoutes, CallArguments, Client, ClientInfo, CloseCode, CloseReason, Codec, ConnectError, ConnectOptions, DecodeError, DisconnectedError, ErrorBody, LatestOnly, NotSentError, NotifyOptions, PitayaError, PushIterator, PushesOptions, Queue, QueueLimits, ReconnectOptions, RequestBody, RequestOptions, ResponseBody, ServerError, SocketLike, State, TimeoutError, TraceLine, TracePacket, WebSocketConstructor, bytes, json } from './types.js';

/** Connects to a Pitaya server; see {@link Connect}. */
declare const connect: Connect;

export { Connect, connect };
