import type { CloseReason } from './close.js';

/** What everything that this package rejects with has in common; only an abort rejects with the signal's own reason, as `fetch` does. */
export class PitayaError extends Error {
  /** What went wrong, for programs; see each kind. The general kind has `internal`: a fault of this package. */
  declare readonly code: string;
  /** Whether the same may work later, without a change of what was asked. */
  declare readonly retryable: boolean;
  /** What this error comes from, where there is something. */
  declare readonly cause?: unknown;

  /** @internal */
  constructor(name: string, message: string, code: string, retryable: boolean, particulars?: object) {
    super(message);
    Object.assign(this, { name, code, retryable }, particulars);
  }
}

/** The server answered a request with an error. `code` and `message` are the server's; `PIT-404`, for example, is a route that it does not have. */
export class ServerError extends PitayaError {
  /** What the server says besides, by name. */
  declare readonly metadata: Readonly<Record<string, string>>;
}

/** No answer came in time; one that comes later is dropped and counted in `unmatched`. The code is `timeout`. */
export class TimeoutError extends PitayaError {
  /** Whether the request had been handed to the network, so that the server may have acted on it. */
  declare readonly sent: boolean;
  /** The time that it had, in milliseconds. */
  declare readonly afterMs: number;
}

/** The connection ended before the answer came. The code is `disconnected`. */
export class DisconnectedError extends PitayaError {
  /** Whether the message had been handed to the network, so that the server may have acted on it. */
  declare readonly sent: boolean;
  /** How the connection ended. */
  declare readonly reason: CloseReason;
}

/**
 * The message was never given to the network. The code says why: `not-connected`; `queue-full` and `expired` for one that was to wait for the
 * connection; `superseded` by a later one under `latestOnly`; `too-large` for a body over 16,777,215 bytes; `route` for a route over 255 bytes;
 * `encode` for a body that the codec cannot write, with its exception as `cause`.
 */
export class NotSentError extends PitayaError {}

/**
 * `connect` gave no client. The code says why: `url` for an address that is none; `no-websocket` where the platform has none and the option
 * was not given; `user` when the handshake's `user` could not be made; `unreachable`; `refused` by the server; `closed` for a connection that
 * ended otherwise before it was usable; `module` when the client's own file could not be loaded, `build` when it belongs to another version.
 */
export class ConnectError extends PitayaError {
  /** How the connection ended, if there was one. */
  declare readonly reason?: CloseReason;

  /** @internal */
  constructor(code: string, message: string, retryable: boolean, particulars?: object) {
    super('ConnectError', message, code, retryable, particulars);
  }
}

/** The body of an answer or a push cannot be read. The code is `decode`, and `cause` is the codec's exception. */
export class DecodeError extends PitayaError {
  /** @internal */
  constructor(route: string, cause: unknown) {
    super('DecodeError', `${route} has an unreadable body: ${cause}`, 'decode', false, { cause });
  }
}

/** Whether a client comes back by itself after this close: ended by circumstances, not on purpose. */
export const comesBack = (code: number): boolean => code >= 100 && code < 400;

/** Tells the platform of an exception of the application, as it is told of what an event listener throws. Not all have `reportError`. */
export function report(error: unknown): void {
  setTimeout(() => {
    throw error;
  });
}
