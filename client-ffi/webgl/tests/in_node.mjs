// Runs the host in processes of Node.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('node_program.mjs', import.meta.url));

/** A process for each scenario. */
export class Node {
  #folder;
  #running = new Set();

  /** `folder` has what emscripten made. */
  async start(folder) {
    this.#folder = folder;
  }

  /** Ends with what the program wrote and its exit code. `harness` takes its orders. */
  async run(args, harness) {
    const child = fork(PROGRAM, [this.#folder, ...args], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    this.#running.add(child);
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (text += bytes));
    child.on('message', async (order) => {
      await harness(order);
      child.send('done');
    });
    const [code, signal] = await once(child, 'close');
    this.#running.delete(child);
    return { code: code ?? signal, text: text.trim() };
  }

  async stop() {
    for (const child of this.#running) child.kill('SIGKILL');
  }
}
