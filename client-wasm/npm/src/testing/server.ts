import type { AnyPushes, AnyRoutes, RequestBody, ResponseBody } from '../client.js';
import type { CAPABILITIES } from '../handshake.js';
import type { WebSocketConstructor } from '../options.js';
import type { ServerCodec } from './codec.js';
import type { Ending } from './ending.js';
import type { Handshake, Session } from './session.js';

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

/** How clients are turned away: always alike, or as a function of what they say decides. */
export type Refusal = Ending | ((handshake: Handshake) => Ending | undefined);

/** What a handler returns: nothing where the map of routes names no answer. */
export type Answer<Body> = undefined extends Body ? Body | void : Body;

/** A Pitaya server inside the test. Made by {@link createTestServer}. */
export interface TestServer<Routes = AnyRoutes, Pushes = AnyPushes> {
  /** For the option `WebSocket` of `connect`; whatever the URL is, this server answers. */
  readonly WebSocket: WebSocketConstructor;
  /** The clients that are connected, the longest connected first. */
  readonly sessions: readonly Session<Pushes>[];
  /** How long a message takes each way, in milliseconds. Default 0: it arrives in a microtask, whatever fake timers do. */
  latency: number;

  /**
   * Serves a request: what the handler returns, or what its promise resolves to, is the answer. A {@link ServerFault} that it throws becomes the
   * client's `ServerError`; anything else that it throws is answered with code `PIT-000`, as a server does. A route without handler is answered with
   * `PIT-404`.
   *
   * @returns takes the handler back
   */
  handle<Route extends keyof Routes & string>(
    route: Route,
    handler: (
      body: RequestBody<Routes[Route]>,
      session: Session<Pushes>,
    ) => Answer<ResponseBody<Routes[Route]>> | Promise<Answer<ResponseBody<Routes[Route]>>>,
  ): () => void;
  /**
   * Hears notifies. One without listener is ignored, as by a server.
   *
   * @returns takes the listener back
   */
  onNotify<Route extends keyof Routes & string>(
    route: Route,
    listener: (body: RequestBody<Routes[Route]>, session: Session<Pushes>) => void,
  ): () => void;
  /** Sends a push to everyone. */
  broadcast<Route extends keyof Pushes & string>(route: Route, body: Pushes[Route]): void;

  /** From now on requests are answered so many milliseconds late; 0 ends that. */
  delay(ms: number): void;
  /**
   * From now on clients are turned away in the handshake; {@link TestServer.admit} ends that. With a function only those for whom it returns
   * something are. Without a code it is one after which clients stay away.
   */
  refuse(refusal?: Refusal): void;
  /** From now on clients are taken in again. */
  admit(): void;
  /** Breaks every connection as a lost network does. Clients reconnect as their options say. */
  drop(): void;
  /** Shuts the server down: clients are told, and cannot connect until {@link TestServer.start}. */
  stop(ending?: Ending): void;
  /** From now on clients can connect again. */
  start(): void;
}
