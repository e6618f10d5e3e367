/**
 * The client for Node, with its wasm module in a file beside this one.
 *
 * @module
 */

import { readFile } from 'node:fs/promises';

import { initSync } from '../wasm/client.js';
import { makeConnect } from './connect.js';
import { compile, once } from './load.js';
import { orders } from './orders.js';

export * from './face.js';

/** Connects to a Pitaya server; see {@link Connect}. */
export const connect = makeConnect(
  once(async () => {
    const file = new URL(__WASM__, import.meta.url);
    initSync({ module: await compile(await readFile(file), file.href) });
    return orders;
  }),
);
