// The host, in a process of its own: node_program.mjs FOLDER ARGUMENT...

import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { WebSocket } from 'ws';

const [folder, ...args] = process.argv.slice(2);

/** Where nobody listens to them, errors of this package end the process: in a browser they end the socket. */
globalThis.WebSocket = class extends WebSocket {
  constructor(url) {
    super(url);
    this.on('error', () => {});
  }
};

async function harness(order) {
  process.send(order);
  await once(process, 'message');
}

const scenarios = createRequire(import.meta.url)(join(folder, 'scenarios.js'));
// Handed over, as emscripten of this age takes Node's `fetch` for a browser's.
const wasmBinary = await readFile(join(folder, 'scenarios.wasm'));
scenarios({ arguments: args, harness, wasmBinary });
