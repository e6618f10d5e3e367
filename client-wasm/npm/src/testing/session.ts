import type { AnyPushes } from '../client.js';
import type { Ending } from './ending.js';

/** What clients say in their handshake. */
export interface Handshake {
  /** The client's library and build. */
  readonly sys: Readonly<Record<string, unknown>>;
  /** What the application says of its user. */
  readonly user?: Readonly<Record<string, unknown>>;
}

/** A client that a test server has taken in, until its connection ends. */
export interface Session<Pushes = AnyPushes> {
  /** What the client said in its handshake. */
  readonly handshake: Handshake;
  /** What the client's `user` option gave for this connection. */
  readonly user: Handshake['user'];
  /** Whether the connection has ended. What is sent to it afterwards goes nowhere. */
  readonly closed: boolean;

  /**
   * Sends a push. Before the client is through with its handshake it waits until then.
   *
   * @throws RangeError for a route over 255 bytes and for a body over 16,777,215 bytes
   */
  push<Route extends keyof Pushes & string>(route: Route, body: Pushes[Route]): void;
  /** Kicks the client, which then stays away: its state is `closed` and the reason says `kicked`. */
  kick(reason?: string | Ending): void;
  /** Ends the connection with a close; without a code it is one after which the client stays away. */
  close(ending?: Ending): void;
  /** Breaks this connection as a lost network does; the client reconnects as its options say. */
  drop(): void;
}
