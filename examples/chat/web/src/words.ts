import { type CloseReason, ConnectError, DisconnectedError, NotSentError, ServerError, TimeoutError } from 'pitaya-client';

/** What became of a line that did not get through. */
export interface Fate {
  words: string;
  /** Whether it is certain that nobody has seen the line. */
  known: boolean;
}

/** Why a line was not said. */
export function fate(error: unknown): Fate {
  if (error instanceof ServerError) return { words: `Not sent: ${error.message}.`, known: true };
  const away = 'the server was away for too long';
  if (error instanceof TimeoutError) {
    return error.sent
      ? { words: 'The server did not answer: it is not known whether this arrived.', known: false }
      : { words: `Not sent: ${away}.`, known: true };
  }
  if (error instanceof DisconnectedError) {
    return error.sent
      ? { words: 'The connection was lost: it is not known whether this arrived.', known: false }
      : { words: 'Not sent: the connection was lost.', known: true };
  }
  if (error instanceof NotSentError) {
    const reasons: Record<string, string> = {
      expired: away,
      'queue-full': 'too many lines are waiting',
      'not-connected': 'there is no connection',
    };
    return { words: `Not sent: ${reasons[error.code] ?? error.message}.`, known: true };
  }
  return { words: `Not sent: ${String(error)}`, known: false };
}

/** Why the player did not get in. */
export function refusal(error: unknown): string {
  if (error instanceof ConnectError) {
    if (error.code === 'refused') return sentence(error.reason?.reason ?? '');
    // The client's own WebAssembly comes from the same server.
    const away = ['unreachable', 'closed', 'module'].includes(error.code);
    if (away) return 'The chat server cannot be reached. Is it running?';
  }
  return sentence(error instanceof Error ? error.message : String(error));
}

/** Why the player is out again. */
export function ending(reason: CloseReason): string {
  const what = reason.kicked ? 'You were signed out' : 'The connection has ended';
  return reason.reason ? `${what}: ${reason.reason}.` : `${what}.`;
}

/** Servers write their reasons in lower case and without a full stop, to stand in a log. */
function sentence(reason: string): string {
  const [first = '', ...rest] = reason;
  return reason ? `${first.toLocaleUpperCase()}${rest.join('')}.` : 'The server refused, and did not say why.';
}
