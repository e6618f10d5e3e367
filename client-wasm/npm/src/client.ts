import type { CloseReason } from './close.js';
import type { Queue } from './options.js';
import type { TraceLine } from './trace.js';

/** Requests and notifies where the application names no map. */
export type AnyRoutes = Record<string, { req: any; res: any }>;
/** Pushes where the application names no map. */
export type AnyPushes = Record<string, any>;

/** The body that a route takes; `undefined` where the map names none. */
export type RequestBody<Entry> = Entry extends { req: infer Body } ? Body : undefined;
/** The body of a route's answer; `undefined` where the map names none. */
export type ResponseBody<Entry> = Entry extends { res: infer Body } ? Body : undefined;

/** The arguments of a call: the body may be left out where it may be `undefined`. */
export type CallArguments<Body, Options> = undefined extends Body ? [body?: Body, options?: Options] : [body: Body, options?: Options];

/** Settings of one notify. */
export interface NotifyOptions {
  /** Takes the message back, if it still waits for a connection. */
  signal?: AbortSignal;
  /** What becomes of it while there is no connection. Default: the option of `connect`. */
  queue?: Queue;
}

/** Settings of one request. */
export interface RequestOptions extends NotifyOptions {
  /** Time for the answer in milliseconds, waiting for a connection included; `Infinity` never ends it. Default: `requestTimeoutMs` of `connect`. */
  timeoutMs?: number;
}

/** Settings of {@link Client.pushes}. */
export interface PushesOptions {
  /** Ends the iterator. */
  signal?: AbortSignal;
  /** Pushes that wait for the loop at most; the oldest are dropped beyond that, and counted. Default: 256. */
  buffer?: number;
}

/** Pushes for a `for await` loop. */
export interface PushIterator<Body> extends AsyncIterableIterator<Body> {
  /** Pushes that came too fast for the loop and were dropped. */
  readonly dropped: number;
}

/** Where a client stands. */
export type State =
  /** The first connection is being made. */
  | { readonly kind: 'connecting' }
  /** Messages go both ways. */
  | { readonly kind: 'connected'; readonly serializer: string }
  /**
   * The connection was lost and is tried again: this is attempt number `attempt`, which starts in `nextInMs` milliseconds, counted from the change of
   * state, or is being made. A pause, and being offline, put it off.
   */
  | { readonly kind: 'reconnecting'; readonly attempt: number; readonly nextInMs: number | undefined; readonly cause: CloseReason }
  /** It is over; `exhausted` says that the client would have come back and had no attempt left. */
  | { readonly kind: 'closed'; readonly reason: CloseReason; readonly exhausted: boolean };

/**
 * A connection to a Pitaya server that comes back by itself. Made by `connect`.
 *
 * What a listener throws is reported as an exception of an event listener is; other listeners still run.
 */
export interface Client<Routes = AnyRoutes, Pushes = AnyPushes> extends AsyncDisposable {
  /**
   * Sends a request; resolves to its answer.
   *
   * Rejects with `ServerError` for an answer that is an error, `TimeoutError`, `DisconnectedError`, `NotSentError`, `DecodeError`, or the reason of the signal.
   */
  request<Route extends keyof Routes & string>(
    route: Route,
    ...call: CallArguments<RequestBody<Routes[Route]>, RequestOptions>
  ): Promise<ResponseBody<Routes[Route]>>;
  /**
   * Sends a message without answer. Resolves when it was handed to the network, and rejects as a request does where it could not be; nobody has
   * to look at that.
   */
  notify<Route extends keyof Routes & string>(route: Route, ...call: CallArguments<RequestBody<Routes[Route]>, NotifyOptions>): Promise<void>;
  /**
   * Hears pushes on a route. They come in the order in which the server has sent them.
   *
   * @returns takes the listener back
   */
  on<Route extends keyof Pushes & string>(route: Route, listener: (body: Pushes[Route]) => void): () => void;
  /** Hears the next push on a route. */
  once<Route extends keyof Pushes & string>(route: Route, listener: (body: Pushes[Route]) => void): () => void;
  /** Hears all pushes, also those that nobody else hears. */
  onAny(listener: (route: string, body: any) => void): () => void;
  /** Pushes on a route as an iterator, from now on. It ends, after what has come, when the client is closed, and at once with the signal. */
  pushes<Route extends keyof Pushes & string>(route: Route, options?: PushesOptions): PushIterator<Pushes[Route]>;

  /** Where the client stands. */
  readonly state: State;
  /** Hears changes of the state. */
  onState(listener: (state: State, previous: State) => void): () => void;
  /** The round trip in milliseconds; `undefined` before it is known. */
  readonly rtt: number | undefined;
  /** What the round trip is measured by. Heartbeats are the network alone; with servers that do not return them it is the fastest requests. */
  readonly rttSource: 'heartbeat' | 'requests' | undefined;
  /** Answers that no request waited for: `late` came after a time-out or an abort, `unknown` were never asked for. */
  readonly unmatched: { readonly late: number; readonly unknown: number };
  /** The parsed body of the server's last handshake, with whatever it says besides. */
  readonly handshake: unknown;

  /** Stops reconnecting, and does not take the server's silence for a lost connection. For an application that goes to the background. */
  pause(): void;
  /** The end of a pause: looks whether the connection is still alive, or makes a new one at once. */
  resume(): void;
  /** Makes the attempt that waits for its time now. */
  reconnectNow(): void;
  /** Lets the calls go that waited for the connection, under `holdQueue`. */
  release(): void;
  /** Called with each message of the connection in readable form. Set it to see what goes over the wire, and to `undefined` again. */
  trace: ((line: TraceLine) => void) | undefined;
  /** Closes the connection for good. What waits is rejected. Resolves when the server has closed as well, after a second at most. */
  close(): Promise<void>;
}
