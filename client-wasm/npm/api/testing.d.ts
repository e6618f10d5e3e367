import { TestServerOptions, TestServer } from './types.js';
import { AnyRoutes, AnyPushes } from './index.js';
export { Answer, Capability, Ending, Handshake, Refusal, ServerCodec, ServerFault, Session } from './types.js';

/**
 * A Pitaya server inside your tests.
 *
 * @module
 */

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
declare function createTestServer<Routes = AnyRoutes, Pushes = AnyPushes>(options?: TestServerOptions): TestServer<Routes, Pushes>;

export { TestServer, TestServerOptions, createTestServer };
