import type { CloseReason } from './close.js';

/** What everything that this package rejects with has in common; only an abort rejects with the signal's own reason, as `fetch` does. */
export class PitayaError extends Error {
  /** What went wrong, for programs; see each kind. The general kind has `internal`: a fault of this package. */
  readonly code: string;
  /** Whether the same may work later, without a change of what was asked. */
  readonly retryable: boolean;
  /** What this error comes from, where there is something. */
  declare readonly cause?: unknown;

  /** @internal */
  constructor(name: string, code: string, message: string, retryable: boolean, cause?: unknown) {
    super(message);
    this.name = name;
    this.code = code;
    this.retryable = retryable;
    if (cause !== undefined) (this as { cause?: unknown }).cause = cause;
  }
}

/** The server answered a request with an error. `code` and `message` are the server's; `PIT-404`, for example, is a route that it does not have. */
export class ServerError extends PitayaError {
  /** What the server says besides, by name. */
  readonly metadata: Readonly<Record<string, string>>;

  constructor(code: string, message: string, metadata: Readonly<Record<string, string>> = {}) {
    super('ServerError', code, message, false);
    this.metadata = metadata;
  }
}

/** No answer came in time; one that comes later is dropped and counted in `unmatched`. The code is `timeout`. */
export class TimeoutError extends PitayaError {
  /** Whether the request had been handed to the network, so that the server may have acted on it. */
  readonly sent: boolean;
  /** The time that it had, in milliseconds. */
  readonly afterMs: number;

  /** @internal */
  constructor(route: string, sent: boolean, afterMs: number) {
    super('TimeoutError', 'timeout', `no answer to ${route} within ${afterMs} ms`, true);
    this.sent = sent;
    this.afterMs = afterMs;
  }
}

/** The connection ended before the answer came. The code is `disconnected`. */
export class DisconnectedError extends PitayaError {
  /** Whether the message had been handed to the network, so that the server may have acted on it. */
  readonly sent: boolean;
  /** How the connection ended. */
  readonly reason: CloseReason;

  /** @internal */
  constructor(route: string, sent: boolean, reason: CloseReason) {
    super('DisconnectedError', 'disconnected', `disconnected before ${route} was done: ${reason.reason}`, comesBack(reason.code));
    this.sent = sent;
    this.reason = reason;
  }
}

/**
 * The message was never given to the network. The code says why: `not-connected`; `queue-full` and `expired` for one that was to wait for the
 * connection; `superseded` by a later one under `latestOnly`; `too-large` for a body over 16,777,215 bytes; `route` for a route over 255 bytes;
 * `encode` for a body that the codec cannot write, with its exception as `cause`.
 */
export class NotSentError extends PitayaError {
  /** @internal */
  constructor(route: string, code: string, retryable: boolean, cause?: unknown) {
    super('NotSentError', code, `${route} was not sent: ${code}`, retryable, cause);
  }
}

/**
 * `connect` gave no client. The code says why: `url` for an address that is none; `no-websocket` where the platform has none and the option
 * was not given; `user` when the handshake's `user` could not be made; `unreachable`; `refused` by the server; `closed` for a connection that
 * ended otherwise before it was usable; `module` when the client's own file could not be loaded, `build` when it belongs to another version.
 */
export class ConnectError extends PitayaError {
  /** How the connection ended, if there was one. */
  readonly reason: CloseReason | undefined;

  /** @internal */
  constructor(code: string, message: string, retryable: boolean, cause?: unknown, reason?: CloseReason) {
    super('ConnectError', code, message, retryable, cause);
    this.reason = reason;
  }
}

/** The body of an answer or a push cannot be read. The code is `decode`, and `cause` is the codec's exception. */
export class DecodeError extends PitayaError {
  /** @internal */
  constructor(route: string, cause: unknown) {
    super('DecodeError', 'decode', `the body of ${route} cannot be read: ${cause}`, false, cause);
  }
}

/** Whether a client comes back by itself after this close: ended by circumstances, not on purpose. */
export function comesBack(code: number): boolean {
  return code >= 100 && code < 400;
}

/** Tells the platform of an exception of the application's own functions, as an exception of an event listener is told. */
export function report(error: unknown): void {
  if (typeof reportError === 'function') reportError(error);
  else {
    setTimeout(() => {
      throw error;
    });
  }
}
