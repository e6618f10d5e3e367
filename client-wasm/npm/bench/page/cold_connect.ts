import { connect } from 'pitaya-client';

/** When things happened, in milliseconds after the call of `connect`. */
export interface Events {
  /** The socket was made. */
  readonly socket: number;
  /** The server had taken it. */
  readonly open: number;
  /** The last byte of the module had come. */
  readonly fetched: number;
  /** The module could be called. */
  readonly ready: number;
  /** `connect` resolved. */
  readonly connected: number;
}

/** Connects once and watches what the browser does. It needs a page of its own: a second client finds the module ready. */
export async function coldConnect(server: string): Promise<Events> {
  const times = { socket: NaN, open: NaN, ready: NaN };
  globalThis.WebSocket = class extends WebSocket {
    constructor(url: string | URL) {
      super(url);
      times.socket = performance.now();
      this.addEventListener('open', () => (times.open = performance.now()));
    }
  };
  const { Instance } = WebAssembly;
  WebAssembly.Instance = new Proxy(Instance, {
    construct(target, [module, imports]) {
      const instance = new target(module, imports);
      times.ready = performance.now();
      return instance;
    },
  });
  const start = performance.now();
  const client = await connect(server);
  const connected = performance.now();
  await client.close();
  const [module] = (performance.getEntriesByType('resource') as PerformanceResourceTiming[]).filter(({ name }) => name.endsWith('.wasm'));
  if (!module) throw new Error('the page has not fetched the module');
  return {
    socket: times.socket - start,
    open: times.open - start,
    fetched: module.responseEnd - start,
    ready: times.ready - start,
    connected: connected - start,
  };
}
