/**
 * The client with its wasm module inside this file.
 *
 * @module
 */

import module from '../wasm/client_bg.wasm';
import { initSync } from '../wasm/client.js';
import { makeConnect } from './connect.js';
import { once } from './load.js';
import { orders } from './orders.js';

export * from './face.js';

/** Connects to a Pitaya server; see {@link Connect}. */
export const connect = makeConnect(
  once(async () => {
    initSync({ module: await WebAssembly.compile(Uint8Array.from(atob(module), (letter) => letter.charCodeAt(0))) });
    return orders;
  }),
);
