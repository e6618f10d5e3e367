// The boundary to the wasm module: the orders that it takes, each for one client, and what it calls. Every order returns when the client wants to
// hear of the time again. Numbers of kinds are those of the crate's `order.rs` and `convert.rs`.

/** News without particulars. */
export const enum Signal {
  Connect = 0,
  Timer = 1,
  Pause = 2,
  Resume = 3,
  Online = 4,
  Offline = 5,
  Release = 6,
}

/** What is over. */
export const enum End {
  /** The attempt to open a socket; a code that reconnects (101) says that the same may work later, 0 that it will not. */
  Attempt = 0,
  /** The socket, by its close event. */
  Socket = 1,
  /** The handshake: refused. */
  Refused = 2,
  /** The connection, by a kick that was read. */
  Kicked = 3,
  /** The connection, by a body that cannot be inflated. */
  Fault = 4,
  /** The client: the application is done. */
  Client = 5,
}

/** The module's functions. `client` is the number that `open` gave. */
export interface Wasm {
  open(
    host: Host,
    seed: number,
    timeoutMs: number,
    requestTimeoutMs: number,
    attempts: number,
    baseMs: number,
    capMs: number,
    jitter: number,
    stableMs: number,
    retryFirst: boolean,
    holdQueue: boolean,
    maxPacketBytes: number,
  ): number;
  free(client: number): void;
  signal(client: number, now: number, signal: Signal): number;
  connected(client: number, now: number, socket: object, handshake: Uint8Array): number;
  frame(client: number, now: number, bytes: Uint8Array): number;
  route(client: number, name: string, code: number): void;
  accept(client: number, now: number, heartbeatMs: number, capabilities: number): number;
  end(client: number, now: number, what: End, code: number, reason: string, retryAfterMs: number, endpoint: string): number;
  /** A `timeoutMs` of 0 makes it a notify, a negative one stands for the default. `queue`: 0 fail, 1 wait within limits, 2 latest only. */
  call(
    client: number,
    now: number,
    call: number,
    route: string,
    body: Uint8Array,
    timeoutMs: number,
    queue: number,
    items: number,
    bytes: number,
    ageMs: number,
    key: string,
  ): number;
  cancel(client: number, now: number, call: number): number;
  /** Negative where requests measured it and not heartbeats, NaN before the first measurement. */
  rtt(client: number): number;
}

/** Orders that are given with nothing but their particulars. */
export type Order = 'signal' | 'connected' | 'frame' | 'end' | 'cancel';
/** What such an order says beside the client and the time. */
export type Particulars<Name extends Order> = Parameters<Wasm[Name]> extends [client: number, now: number, ...particulars: infer Rest] ? Rest : never;

/** What the machine calls while it is borrowed. Bytes are views that end with the call. */
export interface Host {
  connect(attempt: number, endpoint: string): unknown;
  disconnect(code: number, reason: string): void;
  handshake(body: Uint8Array): void;
  kick(body: Uint8Array): void;
  response(call: number, error: boolean, deflated: boolean, body: Uint8Array): void;
  push(route: string, deflated: boolean, body: Uint8Array): void;
  sent(call: number): void;
  failed(call: number, kind: number, sent: boolean): void;
  ended(code: number, origin: number, reason: string, retryAfterMs: number, endpoint: string): void;
  state(kind: number, attempt: number, next: number, exhausted: boolean): void;
  unmatched(late: boolean): void;
}

/** Loads the module. */
export type Load = () => Promise<Wasm>;
