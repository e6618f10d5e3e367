import type { Codec } from './codec.js';

/** Settings of `connect`. All are optional. */
export interface ConnectOptions {
  /**
   * What the handshake tells the server of the user: an object, or a function that makes it. The function is called anew at each attempt, so
   * that a token may be fresh; its time counts against `timeoutMs`.
   */
  user?: object | (() => object | undefined | Promise<object | undefined>);
  /** Aborts connecting; `connect` then rejects with the signal's reason. Once connected it has no effect. */
  signal?: AbortSignal;
  /** Time to open the connection, and again for the server's handshake, in milliseconds. Default: 10,000. */
  timeoutMs?: number;
  /** Time for an answer where a request says none, in milliseconds. Default: 10,000. */
  requestTimeoutMs?: number;
  /** When to come back after a lost connection; `false` is never. */
  reconnect?: false | ReconnectOptions;
  /** What becomes of calls while there is no connection. Default: `fail`. */
  queue?: Queue;
  /** Whether calls that waited for the connection leave only at `client.release()`, so that the application can sign in anew first. Default: false. */
  holdQueue?: boolean;
  /**
   * How bodies are written. One codec is used whatever the server says; of several the one that the server's handshake names. By default
   * `json`, and a server that uses something else is an error.
   */
  codec?: Codec | readonly Codec[];
  /** What makes sockets. Default: the platform's `WebSocket`. For Node 20 give that of the package `ws`. */
  WebSocket?: WebSocketConstructor;
  /** What the handshake tells of the application. */
  clientInfo?: ClientInfo;
  /** The extensions of the wire that are offered, all by default; with an empty list it is the family's own wire. */
  capabilities?: readonly string[];
  /** The longest packet body that is taken, in bytes. Default: 16,777,215, the most that the wire can say. */
  maxPacketBytes?: number;
  /** The most that one compressed body may become, in bytes. Default: 16 MiB. */
  maxInflatedBytes?: number;
}

/**
 * When to come back: after a time of at most `baseMs`, then twice that, and so on to `capMs`. The server's own advice goes before it.
 */
export interface ReconnectOptions {
  /** Attempts in a row before giving up. Default: without end. */
  attempts?: number;
  /** The first delay in milliseconds. Default: 500. */
  baseMs?: number;
  /** The longest delay in milliseconds. Default: 30,000. */
  capMs?: number;
  /** Share of each delay that is random, 0 to 1, so that not all clients come back at once. Default: 1. */
  jitter?: number;
  /** How long a connection must have lasted for the attempts to be counted anew, in milliseconds. Default: 10,000. */
  stableMs?: number;
  /** Whether a first connection that fails is tried again, too. Default: false, as the address may be wrong. */
  first?: boolean;
}

/**
 * What becomes of a call while there is no connection: it fails at once; it waits, within limits (`wait` is those limits' defaults); or it waits
 * and takes the place of an earlier call with the same key, which then fails as `superseded`.
 */
export type Queue = 'fail' | 'wait' | QueueLimits | LatestOnly;

/** How many calls may wait. */
export interface QueueLimits {
  /** Calls that wait at most. Default: 64. */
  items?: number;
  /** Bytes that wait at most. Default: 65,536. */
  bytes?: number;
  /** How long one waits at most, in milliseconds. Default: 30,000. */
  ageMs?: number;
}

/** Only the newest call of a key waits. */
export interface LatestOnly {
  latestOnly: string;
}

/** What the handshake tells of the application. */
export interface ClientInfo {
  /** Such as `mac` or `web`. Default: `web`. */
  platform?: string;
  /** The application's version. */
  version?: string;
  /** The application's build. */
  build?: string;
}

/** What makes sockets: the class `WebSocket`, or an adapter for a host that has another kind. */
export type WebSocketConstructor = new (url: string) => SocketLike;

/**
 * What the client needs of a socket. A mini-game host, whose socket is a task with functions such as `onMessage(callback)`, is adapted by a
 * class with these members, which connects in its constructor, calls the four handlers, and throws in its constructor for an address that it
 * does not take.
 */
export interface SocketLike {
  /** Set to `arraybuffer` by the client. */
  binaryType: any;
  /** Bytes that were sent but are not on the network yet; leave it out where the host does not tell. */
  readonly bufferedAmount?: number;
  /** Called when the socket is open. */
  onopen: ((event: any) => void) | null;
  /** Called with each message: `data` is an `ArrayBuffer`, a `Uint8Array`, or text. */
  onmessage: ((event: any) => void) | null;
  /** Called at the end, also of a socket that never opened: `code` and `reason` are those of the close frame, 1006 for none. */
  onclose: ((event: any) => void) | null;
  /** Called before `onclose` when something failed; `message` says what, where it is known. */
  onerror: ((event: any) => void) | null;
  /** Sends a message. The bytes are the socket's own, and `bytes.buffer` holds nothing else. */
  send(bytes: Uint8Array<ArrayBuffer>): void;
  /** Closes the socket. */
  close(code?: number, reason?: string): void;
}

/** A policy in the machine's words: kind, items, bytes, age, key. */
export function queueLimits(queue: Queue): [number, number, number, number, string] {
  const { items = 64, bytes = 65536, ageMs = 30_000, latestOnly } = queue as QueueLimits & Partial<LatestOnly>;
  return [queue === 'fail' ? 0 : latestOnly === undefined ? 1 : 2, items, bytes, ageMs, latestOnly ?? ''];
}
