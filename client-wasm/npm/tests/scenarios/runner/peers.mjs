// The peers of the scenarios: processes of pitaya-conformance-server.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';

/** The arguments of the fixture servers. */
export const SDK = ['--profile', 'sdk', ...['json', 'protobuf'].flatMap((kind) => ['ws', 'tcp', 'tls'].flatMap((by) => [`--${kind}-${by}`, '0']))];
const RESTARTED = ['--mock', 'on-demand'];

/** A process, and where it listens. */
export class Server {
  constructor(child, listeners) {
    this.child = child;
    this.listeners = listeners;
  }

  static async start(program, args) {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    process.once('exit', () => child.kill('SIGKILL'));
    let said = '';
    child.stderr.on('data', (bytes) => (said += bytes));
    const listeners = new Map();
    const wanted = args.includes('all') ? Infinity : args.filter((arg) => arg === '--mock').length + (args.includes('sdk') ? 6 : 0);
    const failed = once(child, 'error').then(([error]) => Promise.reject(error));
    const exited = once(child, 'exit').then(() => Promise.reject(new Error(`${program} ${args.join(' ')} ended: ${said}`)));
    const ready = (async () => {
      for await (const line of createInterface({ input: child.stdout })) {
        const [, name, address] = /^listening (\S+) (\S+)$/.exec(line) ?? [];
        if (name) listeners.set(name, address);
        // The last script of `all` is told last.
        if (listeners.size === wanted || (wanted === Infinity && name === 'text-frame')) return;
      }
      await exited;
    })();
    exited.catch(() => {});
    failed.catch(() => {});
    await Promise.race([ready, exited, failed]);
    return new Server(child, listeners);
  }

  url(name) {
    const address = this.listeners.get(name);
    if (!address) throw new Error(`the server has no ${name}`);
    return `ws://${address}/`;
  }

  async stop() {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await ended;
  }
}

/** All peers; `urls` by the names that scenarios use. */
export class Peers {
  #program;
  #servers = [];
  #restarted;
  urls = {};

  constructor(program) {
    this.#program = program;
  }

  async start() {
    const [usual, hasty, slow] = await Promise.all([
      this.#start([...SDK, '--mock', 'all', '--delay', '300']),
      this.#start([...SDK, '--mock', 'silent', '--mock', 'no-heartbeat', '--heartbeat', '1']),
      this.#start(['--mock', 'slow-handshake', '--delay', '30000']),
    ]);
    for (const name of usual.listeners.keys()) this.urls[name] = usual.url(name);
    this.urls.sdk = usual.url('json-ws');
    this.urls['sdk-protobuf'] = usual.url('protobuf-ws');
    this.urls['sdk/1s'] = hasty.url('json-ws');
    this.urls['silent/1s'] = hasty.url('silent');
    this.urls['no-heartbeat/1s'] = hasty.url('no-heartbeat');
    this.urls['slow-handshake/30s'] = slow.url('slow-handshake');
    this.urls.nothing = `ws://127.0.0.1:${await closedPort()}/`;
    this.#restarted = await Server.start(this.#program, RESTARTED);
    this.urls.restarted = this.#restarted.url('on-demand');
  }

  async #start(args) {
    const server = await Server.start(this.#program, args);
    this.#servers.push(server);
    return server;
  }

  /** Stops or starts the peer `restarted`, whose address stays. */
  async control(order) {
    await this.#restarted.stop();
    if (order === 'stop') return;
    const address = new URL(this.urls.restarted).host;
    this.#restarted = await Server.start(this.#program, ['--mock', `on-demand=${address}`]);
  }

  async stop() {
    await Promise.all([...this.#servers, this.#restarted].map((server) => server?.stop()));
  }
}

/** A port on which nobody listens: it was free a moment ago, and the system does not hand it out again soon. */
async function closedPort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
