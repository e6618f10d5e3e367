// Serves the page and the package to it.

import { once } from 'node:events';
import { access, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { basename, dirname, extname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

const page = join(dirname(fileURLToPath(import.meta.url)), '../page');
const dist = join(page, '../../dist');
const TYPES = { '.js': 'text/javascript', '.html': 'text/html', '.wasm': 'application/wasm', '.map': 'application/json' };
const HEADERS = {
  'cache-control': 'no-store',
  // A page that is alone has a clock of 5 µs, others one of 100 µs.
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};

export class Site {
  /** How late the module comes, in milliseconds. */
  moduleDelayMs = 0;
  url;
  #server;
  #script;

  async start() {
    await access(join(dist, 'index.js')).catch(() => Promise.reject(new Error('the package is not built: run `cargo xtask wasm`')));
    const bundled = await build({ entryPoints: [join(page, 'main.ts')], bundle: true, format: 'esm', target: 'es2022', external: ['pitaya-client'], write: false });
    this.#script = bundled.outputFiles[0].text;
    this.#server = createServer((request, response) => void this.#answer(request, response));
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    this.url = `http://127.0.0.1:${this.#server.address().port}/`;
  }

  async #answer(request, response) {
    const { pathname } = new URL(request.url, 'http://page');
    const ending = extname(pathname) || '.html';
    try {
      const body = await this.#file(pathname);
      if (ending === '.wasm') await wait(this.moduleDelayMs);
      response.writeHead(200, { 'content-type': TYPES[ending], ...HEADERS }).end(body);
    } catch (error) {
      response.writeHead(404).end(String(error));
    }
  }

  #file(path) {
    if (path === '/') return readFile(join(page, 'index.html'));
    if (path === '/main.js') return this.#script;
    // The package is one flat folder.
    return readFile(join(dist, basename(path)));
  }

  async stop() {
    this.#server?.closeAllConnections();
    this.#server?.close();
  }
}
