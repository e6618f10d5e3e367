// Faults of this package itself, and of its sockets.

import { beforeEach, expect, test } from 'vitest';

import { makeConnect } from '../../src/connect.js';
import { PitayaError } from '../../src/errors.js';
import { connect, load, packet, PlayedSocket, playedModule, settled } from './peer.js';

beforeEach(async () => {
  PlayedSocket.made = [];
  await load();
});

const socket = (): PlayedSocket => PlayedSocket.made.at(-1)!;

test('a module that traps: everything is rejected as internal, and the client is closed', async () => {
  let traps = false;
  const trap = (): number => {
    if (traps) throw new WebAssembly.RuntimeError('unreachable');
    return Infinity;
  };
  const { wasm, host, orders } = playedModule({ frame: trap });
  const connecting = makeConnect(async () => wasm)('ws://a.example', { WebSocket: PlayedSocket });
  await settled();
  host().connect(0, '');
  socket().onopen?.({});
  host().state(2, 0, -1, false);
  await settled();
  const client = await connecting;
  const call = client.request('a.b').catch((error) => error);
  traps = true;
  socket().receive(packet(3, ''));
  const error = await call;
  expect(error).toBeInstanceOf(PitayaError);
  expect(error).toMatchObject({ code: 'internal', retryable: false, cause: expect.any(WebAssembly.RuntimeError) });
  expect(client.state).toMatchObject({ kind: 'closed', reason: { origin: 'local', kicked: false }, exhausted: false });
  expect(socket().closed).toEqual([1000, '']);
  await expect(client.request('a.b')).rejects.toMatchObject({ code: 'not-connected' });
  await client.close();
  expect(orders).not.toContain('free');
});

test.each(['open', 'signal'])('a module that traps in %s, before there is a connection', async (order) => {
  const { wasm } = playedModule({
    [order]: () => {
      throw new WebAssembly.RuntimeError('unreachable');
    },
  });
  await expect(makeConnect(async () => wasm)('ws://a.example', { WebSocket: PlayedSocket })).rejects.toMatchObject({ code: 'internal' });
});

test('a socket that sends no more is a lost connection', async () => {
  const connecting = connect('ws://a.example', { WebSocket: PlayedSocket, reconnect: false });
  await settled();
  await socket().accept();
  const client = await connecting;
  socket().send = () => {
    throw new DOMException('closed', 'InvalidStateError');
  };
  await expect(client.request('a.b')).rejects.toMatchObject({ name: 'DisconnectedError' });
  expect(client.state).toMatchObject({ kind: 'closed', reason: { origin: 'transport' } });
});

test('messages of mini-game hosts: bytes, and text as UTF-8', async () => {
  const connecting = connect('ws://a.example', { WebSocket: PlayedSocket });
  await settled();
  socket().onopen?.({});
  await settled();
  const bytes = packet(1, '{"code":200,"sys":{"heartbeat":0},"note":"é"}');
  // Latin letters make this header text as well.
  socket().onmessage?.({ data: bytes });
  const client = await connecting;
  expect(client.handshake).toMatchObject({ note: 'é' });
  const seen: unknown[] = [];
  client.onAny((route, body) => seen.push([route, body]));
  socket().onmessage?.({ data: '\x04\x00\x00\x07\x06\x01a"é"' });
  await settled();
  expect(seen).toEqual([['a', 'é']]);
  await client.close();
});

test.each([undefined, null, {}, 7])('a message that is none: %s', async (data) => {
  const connecting = connect('ws://a.example', { WebSocket: PlayedSocket });
  await settled();
  await socket().accept();
  const client = await connecting;
  socket().onmessage?.({ data });
  await settled();
  expect(client.state).toMatchObject({ kind: 'closed', reason: { code: 400, origin: 'fault' } });
});

test('a close whose reason is too long for a frame', async () => {
  const connecting = connect('ws://a.example', { WebSocket: PlayedSocket });
  await settled();
  const closes: unknown[][] = [];
  socket().close = (...how) => {
    closes.push(how);
    if (how.length > 1) throw new DOMException('too long', 'SyntaxError');
  };
  await socket().accept();
  const client = await connecting;
  await client.close();
  expect(closes).toEqual([[1000, expect.any(String)], [1000]]);
});

test('what a socket is given is its own, as it may be sent later', async () => {
  const connecting = connect('ws://a.example', { WebSocket: PlayedSocket });
  await settled();
  await socket().accept();
  const client = await connecting;
  await client.notify('a.b', 'first');
  await client.notify('a.b', 'other');
  const texts = socket().sent.slice(-2).map((bytes) => new TextDecoder().decode(bytes));
  expect(texts).toEqual([expect.stringContaining('first'), expect.stringContaining('other')]);
  for (const bytes of socket().sent) expect(bytes.buffer.byteLength).toBe(bytes.length);
  await client.close();
});
