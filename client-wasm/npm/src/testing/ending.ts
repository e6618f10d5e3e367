/** How a test server ends a connection, or turns a client away: what the client reads from it. */
export interface Ending {
  /**
   * The number of the close. The hundreds decide what a client does: it comes back after 100 to 399, and stays away after all others. Numbers
   * and texts only reach clients with the capability `close-reason`, which this package's client has.
   */
  code?: number;
  /** The same for people; by default the text that belongs to the code. */
  reason?: string;
  /** The earliest time to come back, in milliseconds from the close. */
  retryAfterMs?: number;
  /** Where to come back to. */
  endpoint?: string;
}

/** The same as the arguments of the wire's functions. */
export function spread(ending: Ending, code: number): [number, string, number, string] {
  return [ending.code ?? code, ending.reason ?? '', ending.retryAfterMs ?? -1, ending.endpoint ?? ''];
}
