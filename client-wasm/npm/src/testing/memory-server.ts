import { CloseCode } from '../close.js';
import { json } from '../codec.js';
import { CAPABILITIES } from '../handshake.js';
import { toolsNow } from '../tools.js';
import type { Terms } from '../../wasm/tools.js';
import type { ServerCodec } from './codec.js';
import { Connection } from './connection.js';
import type { Ending } from './ending.js';
import { ServerFault } from './fault.js';
import { MemorySession } from './memory-session.js';
import type { Refusal, TestServer, TestServerOptions } from './server.js';
import type { Session } from './session.js';
import { TestSocket } from './socket.js';

type Handler = (body: any, session: Session<any>) => unknown;

/** A test server: connections in memory, and what the test has them answer. */
export class MemoryServer<Routes, Pushes> implements TestServer<Routes, Pushes> {
  readonly WebSocket: new (url: string | URL) => TestSocket;
  latency = 0;

  readonly #terms: Terms;
  readonly #codec: ServerCodec;
  readonly #handlers = new Map<string, Handler>();
  readonly #listeners = new Map<string, Handler>();
  readonly #connections = new Set<Connection>();
  readonly #sessions = new Set<Session<Pushes>>();
  #delay = 0;
  #stopped = false;
  #refusal: Refusal | undefined;

  constructor(options: TestServerOptions = {}) {
    this.#codec = options.codec ?? json;
    this.#terms = terms(options, this.#codec.name ?? 'json');
    const listener = {
      latency: () => this.latency,
      open: (socket: TestSocket) => (this.#stopped ? undefined : this.#connection(socket)),
    };
    this.WebSocket = class extends TestSocket {
      constructor(url: string | URL) {
        super(url, listener);
      }
    };
  }

  get sessions(): readonly Session<Pushes>[] {
    return [...this.#sessions];
  }

  handle(route: string, handler: Handler): () => void {
    return put(this.#handlers, route, handler);
  }

  onNotify(route: string, listener: Handler): () => void {
    return put(this.#listeners, route, listener);
  }

  broadcast<Route extends keyof Pushes & string>(route: Route, body: Pushes[Route]): void {
    for (const session of this.#sessions) session.push(route, body);
  }

  delay(ms: number): void {
    this.#delay = ms;
  }

  refuse(refusal: Refusal = {}): void {
    this.#refusal = refusal;
  }

  admit(): void {
    this.#refusal = undefined;
  }

  drop(): void {
    for (const connection of [...this.#connections]) connection.lose();
  }

  stop(ending: Ending = {}): void {
    this.#stopped = true;
    for (const connection of [...this.#connections]) connection.close(ending, CloseCode.Draining);
  }

  start(): void {
    this.#stopped = false;
  }

  #connection(socket: TestSocket): Connection {
    let session: MemorySession | undefined;
    const connection: Connection = new Connection(socket, this.#terms, {
      handshake: (handshake) => {
        const refusal = typeof this.#refusal === 'function' ? this.#refusal(handshake) : this.#refusal;
        if (refusal !== undefined) {
          connection.refuse(refusal);
          return;
        }
        session = new MemorySession(handshake, connection, this.#codec);
        this.#sessions.add(session);
        connection.accept();
      },
      request: (id, route, body) => {
        if (session !== undefined) void this.#answer(connection, session, id, route, body);
      },
      notify: (route, body) => {
        const listener = this.#listeners.get(route);
        if (session !== undefined) listener?.(this.#codec.decode(route, body, 'notify'), session);
      },
      closed: () => {
        this.#connections.delete(connection);
        if (session !== undefined) this.#sessions.delete(session);
      },
    });
    this.#connections.add(connection);
    return connection;
  }

  async #answer(connection: Connection, session: MemorySession, id: number, route: string, bytes: Uint8Array): Promise<void> {
    const fail = (error: unknown): void => {
      const { code, message, metadata } = error instanceof ServerFault ? error : new ServerFault('PIT-000', messageOf(error));
      connection.fail(id, code, message, metadata);
    };
    let answer: () => void;
    try {
      const body = this.#codec.encode(route, await this.#run(session, route, bytes), 'response');
      answer = () => {
        try {
          connection.respond(id, body);
        } catch (error) {
          fail(error);
        }
      };
    } catch (error) {
      answer = () => fail(error);
    }
    if (this.#delay > 0) setTimeout(answer, this.#delay);
    else answer();
  }

  #run(session: MemorySession, route: string, bytes: Uint8Array): unknown {
    const handler = this.#handlers.get(route);
    if (handler === undefined) throw new ServerFault('PIT-404', `pitaya/handler: ${route} not found`);
    let body: unknown;
    try {
      body = this.#codec.decode(route, bytes, 'request');
    } catch (error) {
      throw new ServerFault('PIT-400', messageOf(error));
    }
    return handler(body, session);
  }
}

/** What the server settles with every client. */
function terms(options: TestServerOptions, serializer: string): Terms {
  const { heartbeatMs = 0, dictionary = {}, compression = false, capabilities = CAPABILITIES } = options;
  const granted = CAPABILITIES.reduce((bits, name, bit) => bits | (capabilities.includes(name) ? 1 << bit : 0), 0);
  const codes = Object.values(dictionary);
  const wrong = codes.find((code) => !(Number.isInteger(code) && code > 0 && code <= 0xffff));
  if (wrong !== undefined) throw new RangeError(`${wrong} is no code of a dictionary: codes are 1 to 65535`);
  try {
    return new (toolsNow().Terms)(heartbeatMs, serializer, compression, granted, Object.keys(dictionary), Uint16Array.from(codes));
  } catch (error) {
    throw new RangeError(String(error));
  }
}

function put<Value>(map: Map<string, Value>, key: string, value: Value): () => void {
  map.set(key, value);
  return () => {
    if (map.get(key) === value) map.delete(key);
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
