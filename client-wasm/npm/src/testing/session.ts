import type { AnyPushes } from '../client.js';
import { CloseCode } from '../close.js';
import type { Connection, Handshake } from './connection.js';
import type { Ending } from './ending.js';
import type { ServerCodec } from './codec.js';

/** A client that a test server has taken in, until its connection ends. */
export class Session<Pushes = AnyPushes> {
  /** What the client said in its handshake. */
  readonly handshake: Handshake;

  readonly #connection: Connection;
  readonly #codec: ServerCodec;

  /** @internal */
  constructor(handshake: Handshake, connection: Connection, codec: ServerCodec) {
    this.handshake = handshake;
    this.#connection = connection;
    this.#codec = codec;
  }

  /** What the client's `user` option gave for this connection. */
  get user(): Handshake['user'] {
    return this.handshake.user;
  }

  /** Whether the connection has ended. What is sent to it afterwards goes nowhere. */
  get closed(): boolean {
    return this.#connection.isClosed;
  }

  /**
   * Sends a push. Before the client is through with its handshake it waits until then.
   *
   * @throws RangeError for a route over 255 bytes and for a body over 16,777,215 bytes
   */
  push<Route extends keyof Pushes & string>(route: Route, body: Pushes[Route]): void {
    this.#connection.push(route, this.#codec.encode(route, body, 'push'));
  }

  /** Kicks the client, which then stays away: its state is `closed` and the reason says `kicked`. */
  kick(reason?: string | Ending): void {
    this.#connection.close(typeof reason === 'string' ? { reason } : (reason ?? {}), CloseCode.Kicked);
  }

  /** Ends the connection with a close; without a code it is one after which the client stays away. */
  close(ending: Ending = {}): void {
    this.#connection.close(ending, CloseCode.Normal);
  }

  /** Breaks this connection as a lost network does; the client reconnects as its options say. */
  drop(): void {
    this.#connection.lose();
  }
}
