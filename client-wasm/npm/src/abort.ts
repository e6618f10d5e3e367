/**
 * Hears of an abort, also of one that has happened.
 *
 * @returns takes the listener off the signal
 */
export function onAbort(signal: AbortSignal | undefined, aborted: () => void): () => void {
  if (signal?.aborted) aborted();
  else signal?.addEventListener('abort', aborted);
  return () => signal?.removeEventListener('abort', aborted);
}

/** What an aborted call rejects with. Platforms before 2022 give no reason. */
export const reasonOf = (signal: AbortSignal): unknown => signal.reason ?? new DOMException('aborted', 'AbortError');
