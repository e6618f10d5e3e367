import type { AnyPushes, AnyRoutes, Request, Response } from '../client.js';
import { CloseCode } from '../close.js';
import { json } from '../codec.js';
import { CAPABILITIES } from '../handshake.js';
import { toolsNow } from '../tools.js';
import type { Terms } from '../../wasm/tools.js';
import type { ServerCodec } from './codec.js';
import type { Handshake } from './connection.js';
import { Connection } from './connection.js';
import type { Ending } from './ending.js';
import { ServerFault } from './fault.js';
import { Session } from './session.js';
import type { Listener } from './socket.js';
import { TestSocket } from './socket.js';

/** Settings of a test server. */
export interface TestServerOptions {
  /** Time between heartbeats in milliseconds; 0, the default, is none. */
  heartbeatMs?: number;
  /** Short codes for routes, 1 to 65535; none by default. */
  dictionary?: Readonly<Record<string, number>>;
  /** How bodies are read and written. Default: `json`. */
  codec?: ServerCodec;
  /** Whether bodies and the handshake are deflated where that is shorter, as by a Go Pitaya server. Default: false. */
  compression?: boolean;
  /** The extensions that clients are granted; all by default, none for a server of the family. */
  capabilities?: readonly Capability[];
}

/** An extension of the family's wire. */
export type Capability = (typeof CAPABILITIES)[number];

type Handler = (body: unknown, session: Session<never>) => unknown;

/** A Pitaya server inside the test. Made by {@link createTestServer}. */
export class TestServer<Routes = AnyRoutes, Pushes = AnyPushes> {
  /** For the option `WebSocket` of `connect`; whatever the URL is, this server answers. */
  readonly WebSocket: new (url: string | URL, protocols?: string | string[]) => TestSocket;
  /** How long a message takes each way, in milliseconds. Default 0: it arrives in a microtask, whatever fake timers do. */
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

  /** @internal */
  constructor(options: TestServerOptions = {}) {
    const { heartbeatMs = 0, dictionary = {}, codec = json, compression = false, capabilities = CAPABILITIES } = options;
    this.#codec = codec;
    const granted = CAPABILITIES.reduce((bits, name, bit) => bits | (capabilities.includes(name) ? 1 << bit : 0), 0);
    const codes = Object.values(dictionary);
    for (const code of codes) {
      if (!(Number.isInteger(code) && code >= 0 && code <= 0xffff)) throw new RangeError(`${code} is no code of a dictionary: codes are 1 to 65535`);
    }
    try {
      const name = codec.name ?? 'json';
      this.#terms = new (toolsNow().Terms)(heartbeatMs, name, compression, granted, Object.keys(dictionary), Uint16Array.from(codes));
    } catch (error) {
      throw new RangeError(String(error));
    }
    const listener: Listener = {
      latency: () => this.latency,
      open: (socket) => (this.#stopped ? undefined : this.#connection(socket)),
    };
    this.WebSocket = class extends TestSocket {
      constructor(url: string | URL) {
        super(url, listener);
      }
    };
  }

  /** The clients that are connected, the longest connected first. */
  get sessions(): readonly Session<Pushes>[] {
    return [...this.#sessions];
  }

  /**
   * Serves a request: what the handler returns, or what its promise resolves to, is the answer. A {@link ServerFault} that it throws becomes the
   * client's `ServerError`; anything else that it throws is answered with code `PIT-000`, as a server does. A route without handler is answered with
   * `PIT-404`.
   *
   * @returns takes the handler back
   */
  handle<Route extends keyof Routes & string>(
    route: Route,
    handler: (body: Request<Routes[Route]>, session: Session<Pushes>) => Answer<Response<Routes[Route]>> | Promise<Answer<Response<Routes[Route]>>>,
  ): () => void {
    return put(this.#handlers, route, handler as Handler);
  }

  /**
   * Hears notifies. One without listener is ignored, as by a server.
   *
   * @returns takes the listener back
   */
  onNotify<Route extends keyof Routes & string>(
    route: Route,
    listener: (body: Request<Routes[Route]>, session: Session<Pushes>) => void,
  ): () => void {
    return put(this.#listeners, route, listener as Handler);
  }

  /** Sends a push to everyone. */
  broadcast<Route extends keyof Pushes & string>(route: Route, body: Pushes[Route]): void {
    for (const session of this.#sessions) session.push(route, body);
  }

  /** From now on requests are answered so many milliseconds late; 0 ends that. */
  delay(ms: number): void {
    this.#delay = ms;
  }

  /**
   * From now on clients are turned away in the handshake; {@link admit} ends that. With a function only those for whom it returns something are.
   * Without a code it is one after which clients stay away.
   */
  refuse(refusal: Refusal = {}): void {
    this.#refusal = refusal;
  }

  /** From now on clients are taken in again. */
  admit(): void {
    this.#refusal = undefined;
  }

  /** Breaks every connection as a lost network does. Clients reconnect as their options say. */
  drop(): void {
    for (const connection of [...this.#connections]) connection.lose();
  }

  /** Shuts the server down: clients are told, and cannot connect until {@link start}. */
  stop(ending: Ending = {}): void {
    this.#stopped = true;
    for (const connection of [...this.#connections]) connection.close(ending, CloseCode.Draining);
  }

  /** From now on clients can connect again. */
  start(): void {
    this.#stopped = false;
  }

  #connection(socket: TestSocket): Connection {
    let session: Session<Pushes> | undefined;
    const connection: Connection = new Connection(socket, this.#terms, {
      handshake: (handshake) => {
        const refusal = typeof this.#refusal === 'function' ? this.#refusal(handshake) : this.#refusal;
        if (refusal !== undefined) {
          connection.refuse(refusal);
          return;
        }
        session = new Session(handshake, connection, this.#codec);
        this.#sessions.add(session);
        connection.accept();
      },
      request: (id, route, body) => {
        if (session !== undefined) void this.#answer(connection, session, id, route, body);
      },
      notify: (route, body) => {
        const listener = this.#listeners.get(route);
        if (session !== undefined) listener?.(this.#codec.decode(route, body, 'notify'), session as Session<never>);
      },
      closed: () => {
        this.#connections.delete(connection);
        if (session !== undefined) this.#sessions.delete(session);
      },
    });
    this.#connections.add(connection);
    return connection;
  }

  async #answer(connection: Connection, session: Session<Pushes>, id: number, route: string, bytes: Uint8Array): Promise<void> {
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

  #run(session: Session<Pushes>, route: string, bytes: Uint8Array): unknown {
    const handler = this.#handlers.get(route);
    if (handler === undefined) throw new ServerFault('PIT-404', `pitaya/handler: ${route} not found`);
    let body: unknown;
    try {
      body = this.#codec.decode(route, bytes, 'request');
    } catch (error) {
      throw new ServerFault('PIT-400', messageOf(error));
    }
    return handler(body, session as Session<never>);
  }
}

/** How clients are turned away: always alike, or as a function of what they say decides. */
export type Refusal = Ending | ((handshake: Handshake) => Ending | undefined);

/** What a handler returns: nothing where the map names no answer. */
type Answer<Body> = undefined extends Body ? Body | void : Body;

function put<Value>(map: Map<string, Value>, key: string, value: Value): () => void {
  map.set(key, value);
  return () => {
    if (map.get(key) === value) map.delete(key);
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * Makes a Pitaya server inside the test: no sockets, no ports, the real wire, and `connect` talks to it.
 *
 * ```ts
 * const server = createTestServer<Routes, Pushes>();
 * server.handle('room.join', ({ name }, session) => {
 *   session.push('onLine', { from: 'server', text: `welcome, ${name}` });
 *   return { members: [name] };
 * });
 * const client = await connect<Routes, Pushes>('ws://test', { WebSocket: server.WebSocket });
 * await client.request('room.join', { name: 'ada' });
 * ```
 *
 * It works with fake timers: what has latency or delay, reconnects and heartbeats waits for them, everything else does not. They have to
 * replace `performance.now` too, as those of vitest do.
 *
 * @throws RangeError for a dictionary that contradicts itself
 */
export function createTestServer<Routes = AnyRoutes, Pushes = AnyPushes>(
  options?: TestServerOptions,
): TestServer<Routes, Pushes> {
  return new TestServer<Routes, Pushes>(options);
}
