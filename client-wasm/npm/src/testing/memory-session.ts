import { CloseCode } from '../close.js';
import type { ServerCodec } from './codec.js';
import type { Connection } from './connection.js';
import type { Ending } from './ending.js';
import type { Handshake, Session } from './session.js';

/** A session over a connection in memory. */
export class MemorySession implements Session {
  readonly handshake: Handshake;

  readonly #connection: Connection;
  readonly #codec: ServerCodec;

  constructor(handshake: Handshake, connection: Connection, codec: ServerCodec) {
    this.handshake = handshake;
    this.#connection = connection;
    this.#codec = codec;
  }

  get user(): Handshake['user'] {
    return this.handshake.user;
  }

  get closed(): boolean {
    return this.#connection.isClosed;
  }

  push(route: string, body: unknown): void {
    this.#connection.push(route, this.#codec.encode(route, body, 'push'));
  }

  kick(reason: string | Ending = {}): void {
    this.#connection.close(typeof reason === 'string' ? { reason } : reason, CloseCode.Kicked);
  }

  close(ending: Ending = {}): void {
    this.#connection.close(ending, CloseCode.Normal);
  }

  drop(): void {
    this.#connection.lose();
  }
}
