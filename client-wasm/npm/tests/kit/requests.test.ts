import { expect, test } from 'vitest';

import { bytes } from '../../src/inline.js';
import { createTestServer, ServerFault } from '../../src/testing.js';
import { deferred, play, type Pushes, type Routes } from './game.js';

test('a handler answers with what it returns', async () => {
  const server = createTestServer<Routes, Pushes>();
  server.handle('room.join', ({ name }) => ({ members: ['ada', name] }));
  const client = await play(server);
  expect(await client.request('room.join', { name: 'brian' })).toEqual({ members: ['ada', 'brian'] });
  await client.close();
});

test('a handler that waits answers when it is through, and holds no other up', async () => {
  const server = createTestServer<Routes, Pushes>();
  const gate = deferred<void>();
  server.handle('room.join', async ({ name }) => {
    if (name === 'slow') await gate.promise;
    return { members: [name] };
  });
  const client = await play(server);
  const slow = client.request('room.join', { name: 'slow' });
  expect(await client.request('room.join', { name: 'quick' })).toEqual({ members: ['quick'] });
  gate.resolve();
  expect(await slow).toEqual({ members: ['slow'] });
  await client.close();
});

test('a server fault is the server error of the client', async () => {
  const server = createTestServer<Routes, Pushes>();
  server.handle('room.join', () => {
    throw new ServerFault('ROOM-FULL', 'no seat is left', { seats: '4' });
  });
  const client = await play(server);
  await expect(client.request('room.join', { name: 'ada' })).rejects.toMatchObject({
    name: 'ServerError',
    code: 'ROOM-FULL',
    message: 'no seat is left',
    metadata: { seats: '4' },
  });
  await client.close();
});

test('any other exception of a handler is answered with PIT-000', async () => {
  const server = createTestServer<Routes, Pushes>();
  server.handle('room.join', async () => {
    throw new TypeError('a mistake in the handler');
  });
  const client = await play(server);
  await expect(client.request('room.join', { name: 'ada' })).rejects.toMatchObject({ code: 'PIT-000', message: 'a mistake in the handler' });
  await client.close();
});

test('a route without handler is not found', async () => {
  const server = createTestServer<Routes, Pushes>();
  const takeBack = server.handle('room.join', () => ({ members: [] }));
  takeBack();
  const client = await play(server);
  await expect(client.request('room.join', { name: 'ada' })).rejects.toMatchObject({
    code: 'PIT-404',
    message: 'pitaya/handler: room.join not found',
  });
  await client.close();
});

test('a body that is no JSON is a bad request', async () => {
  const server = createTestServer<Routes, Pushes>();
  server.handle('room.join', () => ({ members: [] }));
  const client = await play(server, { codec: { ...bytes, decodeError: (body) => JSON.parse(new TextDecoder().decode(body)) } });
  await expect(client.request('room.join', new TextEncoder().encode('{') as never)).rejects.toMatchObject({ code: 'PIT-400' });
  await client.close();
});

test('bytes stay bytes', async () => {
  const server = createTestServer<Routes, Pushes>({ codec: bytes });
  server.handle('room.raw', (body) => body.slice().reverse());
  const client = await play(server, { codec: bytes });
  expect(await client.request('room.raw', Uint8Array.of(1, 2, 3))).toEqual(Uint8Array.of(3, 2, 1));
  await client.close();
});

test('an answer that no packet can carry is an error of this request alone', async () => {
  const server = createTestServer<Routes, Pushes>({ codec: bytes });
  server.handle('room.raw', (body) => new Uint8Array(body.length === 0 ? 1 << 24 : 1));
  const client = await play(server, { codec: { ...bytes, decodeError: (body) => JSON.parse(new TextDecoder().decode(body)) } });
  await expect(client.request('room.raw', new Uint8Array())).rejects.toMatchObject({ code: 'PIT-000' });
  expect(await client.request('room.raw', Uint8Array.of(1))).toEqual(new Uint8Array(1));
  await client.close();
});

test('a notify reaches its listener', async () => {
  const server = createTestServer<Routes, Pushes>();
  const said = deferred<string>();
  server.onNotify('room.say', ({ text }) => said.resolve(text));
  const client = await play(server);
  await client.notify('room.say', { text: 'hello' });
  expect(await said.promise).toBe('hello');
  await client.close();
});
