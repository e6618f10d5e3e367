// The peers of a scenario: processes of pitaya-conformance-server, on free ports.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const PROGRAM = process.env.PITAYA_CONFORMANCE_SERVER;
/** How late the late ones are, in milliseconds, and the interval of heartbeats, in seconds, where a scenario does not say it. */
const DELAY = '300';
const HEARTBEAT = '6';
const LOCAL = '127.0.0.1';

/** How many certificates were made. */
let certificates = 0;

class Peer {
  #name;
  #arguments;
  #child;
  #ended;
  port = 0;

  /** `wanted` is NAME[:DELAY_MS][@HEARTBEAT_S]. */
  constructor(wanted) {
    const [, name, delay = DELAY, heartbeat = HEARTBEAT] = /^([a-z-]+)(?::(\d+))?(?:@(\d+))?$/.exec(wanted);
    this.#name = name;
    this.#arguments = ['--delay', delay, '--heartbeat', heartbeat];
  }

  /** `folder` takes what a server of the family writes. */
  async start(folder) {
    if (this.#name === 'nothing') this.port = await closedPort();
    else if (this.#name.startsWith('sdk')) await this.#fixtures(folder);
    else await this.#listen(this.#name, ['--mock', `${this.#name}=${LOCAL}:${this.port}`]);
  }

  async #fixtures(folder) {
    const ports = ['json', 'protobuf'].flatMap((kind) => ['ws', 'tcp', 'tls'].flatMap((by) => [`--${kind}-${by}`, '0']));
    const number = ++certificates;
    const certificate = ['--cert', join(folder, `${number}.cert.pem`), '--key', join(folder, `${number}.key.pem`)];
    const wanted = this.#name === 'sdk' ? 'json-ws' : 'protobuf-ws';
    await this.#listen(wanted, ['--profile', 'sdk', ...ports, ...certificate]);
  }

  async #listen(listener, what) {
    const child = spawn(PROGRAM, [...what, ...this.#arguments], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    this.#ended = once(child, 'exit');
    let complaints = '';
    child.stderr.on('data', (bytes) => (complaints += bytes));
    for await (const line of createInterface({ input: child.stdout })) {
      const [, name, port] = /^listening (\S+) \S+:(\d+)$/.exec(line) ?? [];
      if (name === listener) {
        this.port = Number(port);
        return;
      }
    }
    throw new Error(`pitaya-conformance-server ended: ${complaints}`);
  }

  async stop() {
    this.#child?.kill('SIGKILL');
    await this.#ended;
  }
}

/** Peers that a scenario wants; `stop` ends them. */
export class Peers {
  #peers;
  #folder;

  constructor(wanted, folder) {
    this.#peers = wanted.split(' ').map((peer) => new Peer(peer));
    this.#folder = folder;
  }

  async start() {
    for (const peer of this.#peers) await peer.start(this.#folder);
    return this.#peers.map(({ port }) => String(port));
  }

  /** `stop N` or `start N`. */
  async obey(order) {
    const [, what, index] = /^(stop|start) (\d+)$/.exec(order);
    const peer = this.#peers[Number(index)];
    await (what === 'stop' ? peer.stop() : peer.start(this.#folder));
  }

  async stop() {
    await Promise.all(this.#peers.map((peer) => peer.stop()));
  }
}

/** A port on which nobody listens: it was free a moment ago, and the system does not hand it out again soon. */
async function closedPort() {
  const server = createServer().listen(0, LOCAL);
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
