import { accept, call, cancel, connected, end, frame, free, open, route, rtt, signal } from '../wasm/client.js';
import type { Wasm } from './machine.js';

/** The functions of the module, once `initSync` has been called. */
export const orders: Wasm = { accept, call, cancel, connected, end, frame, free, open, route, rtt, signal };
