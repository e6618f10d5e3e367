import { readJson } from './codec.js';

/** How a connection, or an attempt to make one, ended. */
export interface CloseReason {
  /** Why: a {@link CloseCode}, or a number of the application (900 to 999). Clients come back by themselves after 100 to 399 only. */
  readonly code: number;
  /** The same for people; not for programs. */
  readonly reason: string;
  /** Who ended it: this program, the server, this client because the server broke the protocol, or nobody, as the network failed. */
  readonly origin: 'local' | 'peer' | 'fault' | 'transport';
  /** The server's advice: the earliest time to come back, in milliseconds from the end. */
  readonly retryAfterMs?: number;
  /** The server's advice: where to come back to. */
  readonly endpoint?: string;
  /** Whether the server does not want this client (codes 500 to 999): it was kicked or turned away, and stays away. */
  readonly kicked: boolean;
}

/** Why connections end. The hundreds decide what a client does: it comes back after 100 to 399, and stays away after all others. */
export const CloseCode = {
  /** The side that closed was done. */
  Normal: 0,
  /** The server's stream ended without a word. */
  Eof: 100,
  /** The network failed. */
  Transport: 101,
  /** Nothing came from the server for too long. */
  HeartbeatTimeout: 102,
  /** The server did not finish the handshake in time. */
  HandshakeTimeout: 103,
  /** The server is being shut down or replaced. */
  Draining: 110,
  /** The server takes no more connections now. */
  Overloaded: 111,
  /** The client did not read what was sent to it. */
  SlowConsumer: 112,
  /** The client sent more than it may. */
  RateLimited: 113,
  /** A fault inside the server. */
  Internal: 114,
  /** A packet that none is. */
  BadPacket: 400,
  /** A packet over the limit. */
  PacketTooLarge: 401,
  /** A message that none is. */
  BadMessage: 402,
  /** A packet out of its turn. */
  OutOfOrder: 403,
  /** A handshake that cannot be read. */
  BadHandshake: 404,
  /** A compressed body that is corrupt or over the limit. */
  BadCompression: 405,
  /** Kicked by the application. */
  Kicked: 500,
  /** The same user signed in elsewhere. */
  Replaced: 501,
  /** The handshake was refused. */
  Refused: 502,
  /** The client's version is too old. */
  ClientTooOld: 503,
} as const;

const ORIGINS = ['local', 'peer', 'fault', 'transport'] as const;

/** What ends are called of which nobody said why: by the code, for those that this side finds out itself. */
const WORDS: Readonly<Record<number, string>> = {
  100: 'the peer ended the stream',
  101: 'the transport failed',
  102: 'nothing was heard from the peer for too long',
  103: 'the handshake took too long',
  400: 'malformed packet',
  401: 'packet too large',
  402: 'malformed message',
  403: 'packet out of order',
  404: 'malformed handshake',
  405: 'malformed or oversized compressed body',
  500: 'kicked by the server',
};

/** The machine's words for an end. */
export function closeReason(code: number, origin: number, reason: string, retryAfterMs = -1, endpoint = ''): CloseReason {
  return {
    code,
    reason: reason || (WORDS[code] ?? 'closed'),
    origin: ORIGINS[origin]!,
    ...(retryAfterMs >= 0 && { retryAfterMs }),
    ...(endpoint && { endpoint }),
    kicked: origin === 1 && code >= 500 && code < 1000,
  };
}

/** An end as it travels: code, text, delay (negative: none) and endpoint (empty: none). */
export type Close = [code: number, reason: string, retryAfterMs: number, endpoint: string];

/** An end in the server's words; anything else is a plain kick, whose meaning is certain without its body (wire 5). */
export function readClose(value: any): Close {
  const code = value?.code ?? 500;
  const reason = value?.reason ?? '';
  const delay = value?.retry_after_ms ?? -1;
  const endpoint = value?.endpoint ?? '';
  return isCode(code) && reason === `${reason}` && delay === Math.trunc(delay) && endpoint === `${endpoint}`
    ? [code, reason, delay, endpoint]
    : [500, '', -1, ''];
}

/** Whether it is a whole number of 16 bits. */
export const isCode = (value: any): value is number => value === (value & 0xffff);

/** The body of a kick: ours, pomelo's `{"reason":".."}`, or none. */
export function readKick(body: Uint8Array): Close {
  let value: unknown;
  try {
    value = readJson(body);
  } catch {
    // There is none.
  }
  return readClose(value);
}
