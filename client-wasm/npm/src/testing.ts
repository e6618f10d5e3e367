/**
 * A Pitaya server inside your tests.
 *
 * @module
 */

export { type Capability, createTestServer, type Refusal, TestServer, type TestServerOptions } from './testing/server.js';
export type { ServerCodec } from './testing/codec.js';
export type { Handshake } from './testing/connection.js';
export type { Ending } from './testing/ending.js';
export { ServerFault } from './testing/fault.js';
export { Session } from './testing/session.js';
