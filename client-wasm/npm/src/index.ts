/**
 * The client with its wasm module in a file beside this one.
 *
 * @module
 */

import { initSync } from '../wasm/client.js';
import { makeConnect } from './connect.js';
import { compile, once } from './load.js';
import { orders } from './orders.js';

export * from './face.js';

/** Connects to a Pitaya server; see {@link Connect}. */
export const connect = makeConnect(
  once(async () => {
    const { href } = new URL(__WASM__, import.meta.url);
    const response = await fetch(href);
    if (!response.ok) throw new Error(`${href}: ${response.status}`);
    // Not compiled while it comes: that would save less than a millisecond, and fail where a server has no MIME type for wasm.
    initSync({ module: await compile(await response.arrayBuffer(), href) });
    return orders;
  }),
);
