/**
 * The client without WebAssembly, for pages whose content security policy forbids it and for hosts that have none.
 *
 * @module
 */

import { accept, call, cancel, connected, end, frame, free, initSync, open, route, rtt, signal } from '../wasm/client_js.js';
import { makeConnect } from './connect.js';
import { once } from './load.js';

export * from './face.js';

/** Connects to a Pitaya server; see {@link Connect}. */
export const connect = makeConnect(
  once(async () => {
    initSync();
    return { accept, call, cancel, connected, end, frame, free, open, route, rtt, signal };
  }),
);
