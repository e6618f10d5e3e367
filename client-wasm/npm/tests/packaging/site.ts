// A web server for files, as simple as those that know nothing of the package.

import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';

const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.wasm': 'application/wasm' };

/** How a site differs from its folder. */
export interface Site {
  /** Where its files are. */
  folder: string;
  /** Files beside those of the folder, or instead of them, by path. */
  files?: Readonly<Record<string, string | Uint8Array>>;
  /** Headers of all answers. */
  headers?: Readonly<Record<string, string>>;
  /** MIME types by ending, where they are not the usual ones. */
  types?: Readonly<Record<string, string>>;
}

/**
 * Serves a site while `visit` runs.
 *
 * @param visit gets its address, which ends with a slash
 */
export async function serve<Result>({ folder, files = {}, headers = {}, types = {} }: Site, visit: (address: string) => Promise<Result>): Promise<Result> {
  const server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url ?? '', 'http://site').pathname);
    const type = types[extname(path)] ?? TYPES[extname(path)] ?? 'application/octet-stream';
    try {
      const body = Buffer.from(files[path] ?? (await readFile(join(folder, path))));
      // With its length, an answer has no bytes between those of the file.
      response.writeHead(200, { 'content-type': type, 'content-length': body.length, ...headers }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    return await visit(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  } finally {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
}
