// What a scenario is given: the package under test, the peers, and a place for what nobody caught.

import type * as Pitaya from 'pitaya-client';
import type { Client, CloseReason, ConnectOptions, State, WebSocketConstructor } from 'pitaya-client';

/** Routes and pushes of the peers: whatever a scenario asks for. */
export type AnyRoutes = Record<string, { req: unknown; res: any }>;
export type AnyPushes = Record<string, any>;
export type AnyClient = Client<AnyRoutes, AnyPushes>;
export type StateOf<Kind extends State['kind']> = Extract<State, { kind: Kind }>;

/** What differs between Node and the browsers. */
export interface Host {
  /** The entry under test. */
  readonly pitaya: typeof Pitaya;
  /** The sockets of the platform, or those passed in. */
  readonly WebSocket: WebSocketConstructor;
  /** Whether `WebSocket` has to be passed to `connect`. */
  readonly passWebSocket: boolean;
  /** URLs of the peers by name, such as `on-demand` or `silent/1s`. */
  readonly peers: Readonly<Record<string, string>>;
  /** Stops or starts the peer `restarted`. */
  control(order: 'stop' | 'start'): Promise<void>;
  /** Errors that reached the platform because nobody caught them. */
  readonly uncaught: unknown[];
}

export type Scenario = (setting: Setting) => Promise<void>;

const LONG_MS = 20_000;

/** How a connection ended, whether `connect` told it or the client's state. */
export interface Ending {
  readonly reason: CloseReason;
  readonly exhausted: boolean | undefined;
}

export class Setting {
  readonly #host: Host;
  readonly #clients = new Set<AnyClient>();

  constructor(host: Host) {
    this.#host = host;
  }

  get pitaya(): typeof Pitaya {
    return this.#host.pitaya;
  }

  get WebSocket(): WebSocketConstructor {
    return this.#host.WebSocket;
  }

  peer(name: string): string {
    const url = this.#host.peers[name];
    if (url === undefined) throw new Error(`no peer is called ${name}`);
    return url;
  }

  /** Connects to a peer and comes back fast; the client is closed after the scenario. */
  async connect(peer: string, options: ConnectOptions = {}): Promise<AnyClient> {
    const client = await this.#host.pitaya.connect<AnyRoutes, AnyPushes>(this.peer(peer), this.options(options));
    this.#clients.add(client);
    return client;
  }

  options(options: ConnectOptions = {}): ConnectOptions {
    const socket = this.#host.passWebSocket ? { WebSocket: this.#host.WebSocket } : {};
    return { reconnect: { baseMs: 50, capMs: 200 }, ...socket, ...options };
  }

  /** The end of a connection that a peer ends at the ack: then either `connect` fails or the client is closed right after. */
  async ending(peer: string, options: ConnectOptions = {}): Promise<Ending> {
    let client;
    try {
      client = await this.connect(peer, options);
    } catch (error) {
      if (!(error instanceof this.pitaya.ConnectError) || !error.reason) throw error;
      return { reason: error.reason, exhausted: undefined };
    }
    return await until(client, 'closed');
  }

  control(order: 'stop' | 'start'): Promise<void> {
    return this.#host.control(order);
  }

  /** Takes the error whose message has this text out of those that nobody caught, and waits for it if need be. */
  async uncaught(text: string): Promise<void> {
    const { uncaught } = this.#host;
    await eventually(`an uncaught error "${text}"`, async () => {
      const at = uncaught.findIndex((error) => String(error).includes(text));
      return at >= 0 && uncaught.splice(at, 1).length === 1;
    });
  }

  async cleanUp(): Promise<void> {
    await Promise.all([...this.#clients].map((client) => client.close()));
  }
}

export function deadline<T>(what: string, promise: Promise<T>, ms = LONG_MS): Promise<T> {
  let timer: ReturnType<typeof setTimeout>;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} does not come`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Waits for a state. */
export function until<Kind extends State['kind']>(
  client: AnyClient,
  kind: Kind,
  fits: (state: StateOf<Kind>) => boolean = () => true,
): Promise<StateOf<Kind>> {
  const wanted = (state: State): state is StateOf<Kind> => state.kind === kind && fits(state as StateOf<Kind>);
  const found = new Promise<StateOf<Kind>>((resolve) => {
    if (wanted(client.state)) return resolve(client.state);
    const off = client.onState((state) => {
      if (!wanted(state)) return;
      off();
      resolve(state);
    });
  });
  return deadline(`state ${kind}`, found);
}

/** Waits for something that no event tells. */
export async function eventually(what: string, holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + LONG_MS;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`${what} does not come`);
    await elapsed(20);
  }
}

/** A time in which nothing may happen, or until something is over. */
export function elapsed(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Loses the connection of a client of `on-demand`, and waits until it has noticed. */
export async function lose(client: AnyClient): Promise<StateOf<'reconnecting'>> {
  const lost = until(client, 'reconnecting');
  await client.notify('mock.drop', null);
  return await lost;
}
