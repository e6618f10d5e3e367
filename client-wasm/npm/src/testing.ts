/**
 * A Pitaya server inside your tests.
 *
 * @module
 */

import type { AnyPushes, AnyRoutes } from './client.js';
import { MemoryServer } from './testing/memory-server.js';
import type { TestServer, TestServerOptions } from './testing/server.js';

export type { ServerCodec } from './testing/codec.js';
export type { Ending } from './testing/ending.js';
export { ServerFault } from './testing/fault.js';
export type { Answer, Capability, Refusal, TestServer, TestServerOptions } from './testing/server.js';
export type { Handshake, Session } from './testing/session.js';

/**
 * Makes a Pitaya server inside the test: no sockets, no ports, the real wire, and `connect` talks to it.
 *
 * ```ts
 * const server = createTestServer<Routes, Pushes>();
 * server.handle('room.join', ({ name }, session) => {
 *   session.push('onLine', { from: 'server', text: `welcome, ${name}` });
 *   return { members: [name] };
 * });
 * const client = await connect<Routes, Pushes>('ws://test', { WebSocket: server.WebSocket });
 * await client.request('room.join', { name: 'ada' });
 * ```
 *
 * It works with fake timers: what has latency or delay, reconnects and heartbeats waits for them, everything else does not. They have to
 * replace `performance.now` too, as those of vitest do.
 *
 * @throws RangeError for a dictionary that contradicts itself
 */
export function createTestServer<Routes = AnyRoutes, Pushes = AnyPushes>(
  options?: TestServerOptions,
): TestServer<Routes, Pushes> {
  return new MemoryServer<Routes, Pushes>(options);
}
