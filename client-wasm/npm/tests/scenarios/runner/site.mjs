// The page that runs the scenarios, and its way back to the runner.

import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, normalize, join } from 'node:path';

const TYPES = { '.js': 'text/javascript', '.html': 'text/html', '.wasm': 'application/wasm', '.map': 'application/json' };
const page = (script) => `<!doctype html><meta charset="utf-8"><title>scenarios</title><link rel="icon" href="data:,"><script type="module" src="${script}"></script><body>`;

/** Serves `dist` (the package), the bundled `suite`, and a page that runs `entry`, under a content security policy where one is given. */
export class Site {
  #server;
  #tell;
  #control;

  /** `tell` gets what the page posts; `control` stops and starts a peer. */
  constructor({ dist, suite, entry, policy, plan, tell, control }) {
    this.#tell = tell;
    this.#control = control;
    const texts = {
      '/': page('/boot.js'),
      '/leaving.html': page('/leaving.js'),
      '/entry.js': `export * from '/dist/${entry}.js';`,
      '/plan.js': `export default ${JSON.stringify(plan)};`,
    };
    this.#server = createServer(async (request, response) => {
      try {
        const path = new URL(request.url, 'http://page').pathname;
        if (request.method === 'POST') {
          await this.#post(path, request);
          response.writeHead(204).end();
          return;
        }
        const body = texts[path] ?? suite[path] ?? (await file(dist, path));
        const type = TYPES[extname(path)] ?? 'text/html';
        response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store', ...(policy && { 'content-security-policy': policy }) });
        response.end(body);
      } catch (error) {
        response.writeHead(404).end(String(error));
      }
    });
  }

  async #post(path, request) {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = JSON.parse(Buffer.concat(chunks));
    if (path === '/control') await this.#control(body);
    else if (path === '/tell') this.#tell(body);
    else throw new Error(`nothing takes ${path}`);
  }

  async start() {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${this.#server.address().port}/`;
  }

  async stop() {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

async function file(dist, path) {
  const inside = normalize(path).replace(/^\/dist\//, '');
  if (inside === normalize(path) || inside.startsWith('..')) throw new Error(`no such file: ${path}`);
  return await readFile(join(dist, inside));
}
