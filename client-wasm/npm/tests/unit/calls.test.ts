import { afterEach, beforeEach, expect, test } from 'vitest';

import { bytes } from '../../src/codec.js';
import { DisconnectedError, NotSentError, PitayaError, ServerError, TimeoutError } from '../../src/errors.js';
import { createTestServer, ServerFault, type TestServer } from '../../src/testing.js';
import { type AnyClient, connect } from './peer.js';

let server: TestServer;
let client: AnyClient;

beforeEach(async () => {
  server = createTestServer();
  server.handle('echo', (body) => body);
  server.handle('never', () => new Promise(() => {}));
  client = await connect('ws://test', { WebSocket: server.WebSocket });
});
afterEach(() => client.close());

const fault = (call: Promise<unknown>): Promise<any> => call.then(Promise.reject, (error) => error);

test('an error of the server', async () => {
  server.handle('fails', () => {
    throw new ServerFault('ROOM-1', 'no such room', { room: '7' });
  });
  const error = await fault(client.request('fails'));
  expect(error).toBeInstanceOf(ServerError);
  expect(error).toBeInstanceOf(PitayaError);
  expect(error).toMatchObject({ name: 'ServerError', code: 'ROOM-1', message: 'no such room', metadata: { room: '7' }, retryable: false });
});

test('a time-out says whether the request was sent, and zero is one', async () => {
  const error = await fault(client.request('never', undefined, { timeoutMs: 5 }));
  expect(error).toBeInstanceOf(TimeoutError);
  expect(error).toMatchObject({ name: 'TimeoutError', code: 'timeout', sent: true, afterMs: 5, retryable: true, message: expect.stringContaining('never') });
  expect(await fault(client.request('never', undefined, { timeoutMs: 0 }))).toMatchObject({ name: 'TimeoutError', afterMs: 0 });
});

test('a request that is aborted rejects with the reason of the signal, before it is sent or after', async () => {
  const abort = new AbortController();
  const sent = fault(client.request('never', 1, { signal: abort.signal }));
  const reason = new Error('mine');
  abort.abort(reason);
  expect(await sent).toBe(reason);
  expect(await fault(client.request('never', 1, { signal: abort.signal }))).toBe(reason);
  expect(await fault(client.notify('never', 1, { signal: abort.signal }))).toBe(reason);
  expect(await client.request('echo', 2)).toBe(2);
});

test('what is in flight at the close is rejected as sent', async () => {
  const call = fault(client.request('never'));
  await client.close();
  const error = await call;
  expect(error).toBeInstanceOf(DisconnectedError);
  expect(error).toMatchObject({ name: 'DisconnectedError', code: 'disconnected', sent: true, retryable: false, reason: { code: 0, origin: 'local' } });
});

test('a notify that fails is no unhandled rejection, and may be looked at', async () => {
  const unhandled: unknown[] = [];
  const note = (error: unknown): void => void unhandled.push(error);
  process.on('unhandledRejection', note);
  await client.close();
  void client.notify('a.b');
  expect(await fault(client.notify('a.b'))).toBeInstanceOf(NotSentError);
  // The platform tells of them after all microtasks.
  await new Promise((resolve) => setTimeout(resolve));
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
});

test('bodies as bytes, also of other kinds of views', async () => {
  const raw = createTestServer({ codec: { name: 'anything', encode: (_, body) => body as Uint8Array, decode: (_, body) => body.slice() } });
  raw.handle('echo', (body) => body);
  const reader = await connect('ws://test', { WebSocket: raw.WebSocket, codec: bytes });
  expect(reader.state).toEqual({ kind: 'connected', serializer: 'anything' });
  expect(await reader.request('echo', Uint8Array.of(1, 2))).toEqual(Uint8Array.of(1, 2));
  expect(await reader.request('echo', new DataView(Uint8Array.of(1, 2, 3).buffer, 1))).toEqual(Uint8Array.of(2, 3));
  expect(await reader.request('echo')).toEqual(new Uint8Array());
  expect(await fault(reader.request('echo', 'text'))).toMatchObject({ code: 'encode', cause: expect.any(TypeError) });
  await reader.close();
});

test('a body of JSON that is nothing is empty, and the other way round', async () => {
  expect(await client.request('echo', null)).toBe(null);
  server.handle('empty', () => undefined);
  expect(await client.request('empty')).toBeUndefined();
});

test('a serializer that no codec has is refused, unless the codec is pinned', async () => {
  const other = createTestServer({ codec: { name: 'msgpack', encode: () => new Uint8Array(), decode: () => undefined } });
  const { WebSocket } = other;
  expect(await fault(connect('ws://test', { WebSocket }))).toMatchObject({ name: 'ConnectError', retryable: false, message: expect.stringContaining('msgpack') });
  const { json } = await import('../../src/codec.js');
  expect(await fault(connect('ws://test', { WebSocket, codec: [json] }))).toMatchObject({ name: 'ConnectError' });
  const pinned = await connect('ws://test', { WebSocket, codec: json });
  expect(pinned.state).toEqual({ kind: 'connected', serializer: 'msgpack' });
  await pinned.close();
});

test('it is disposed with the scope', async () => {
  let left: AnyClient;
  {
    await using scoped = await connect('ws://test', { WebSocket: server.WebSocket });
    left = scoped;
    expect(left.state.kind).toBe('connected');
  }
  expect(left.state.kind).toBe('closed');
});

test('the trace shows what goes both ways, and ends when it is taken off', async () => {
  const lines: string[] = [];
  const both = new Promise<void>((resolve) => {
    client.trace = ({ direction, text }) => {
      lines.push(`${direction} ${text}`);
      if (lines.length === 2) resolve();
    };
  });
  await client.request('echo', 'hi');
  await both;
  expect(lines).toEqual([expect.stringMatching(/^out request 1 echo .*"hi"/), expect.stringMatching(/^in response 1 .*"hi"/)]);
  client.trace = undefined;
  expect(client.trace).toBeUndefined();
  await client.request('echo', 'hi');
  expect(lines).toHaveLength(2);
});
