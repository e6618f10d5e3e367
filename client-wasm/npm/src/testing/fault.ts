/** Thrown by a handler of a test server: the client's request rejects with a `ServerError` that says the same. */
export class ServerFault extends Error {
  override readonly name = 'ServerFault';

  /**
   * @param code what programs tell errors apart by, such as `PIT-404` or one of the game's own
   * @param message for people
   * @param metadata details for programs
   */
  constructor(
    readonly code: string,
    message = '',
    readonly metadata: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}
