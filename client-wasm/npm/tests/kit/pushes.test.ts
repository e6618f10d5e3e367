import { expect, test } from 'vitest';

import { bytes } from '../../src/inline.js';
import { createTestServer } from '../../src/testing.js';
import { play, type Pushes, type Routes } from './game.js';

test('a push of a handler comes before its answer', async () => {
  const server = createTestServer<Routes, Pushes>();
  server.handle('room.join', ({ name }, session) => {
    session.push('onLine', { from: 'server', text: `welcome, ${name}` });
    return { members: [name] };
  });
  const client = await play(server);
  const seen: unknown[] = [];
  client.on('onLine', ({ text }) => seen.push(text));
  seen.push(await client.request('room.join', { name: 'ada' }));
  expect(seen).toEqual(['welcome, ada', { members: ['ada'] }]);
  await client.close();
});

test('a broadcast reaches everyone', async () => {
  const server = createTestServer<Routes, Pushes>();
  const clients = await Promise.all([play(server), play(server)]);
  const heard = clients.map((client) => new Promise((resolve) => client.once('onLine', resolve)));
  server.broadcast('onLine', { from: 'server', text: 'all' });
  expect(await Promise.all(heard)).toEqual([
    { from: 'server', text: 'all' },
    { from: 'server', text: 'all' },
  ]);
  await Promise.all(clients.map((client) => client.close()));
});

test('bytes are pushed as they are', async () => {
  const server = createTestServer<Routes, Pushes>({ codec: bytes });
  const client = await play(server, { codec: bytes });
  const pushed = new Promise((resolve) => client.once('onRaw', resolve));
  server.broadcast('onRaw', Uint8Array.of(0, 255));
  expect(await pushed).toEqual(Uint8Array.of(0, 255));
  await client.close();
});

test('a route that no message can carry is refused where it is pushed', async () => {
  const server = createTestServer();
  const client = await play(server as never);
  await client.request('room.join', { name: 'ada' }).catch(() => undefined);
  expect(() => server.broadcast('x'.repeat(256), {})).toThrow(RangeError);
  await client.close();
});
