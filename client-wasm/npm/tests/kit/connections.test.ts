import { expect, test } from 'vitest';

import { createTestServer } from '../../src/testing.js';
import { play, type Pushes, reached, type Routes } from './game.js';

const quick = { baseMs: 1, jitter: 0 };

test('a lost network: the client comes back by itself, as a new session', async () => {
  const server = createTestServer<Routes, Pushes>();
  server.handle('room.join', ({ name }) => ({ members: [name] }));
  const client = await play(server, { reconnect: quick });
  const [before] = server.sessions;
  server.drop();
  await reached(client, 'reconnecting');
  expect(client.state).toMatchObject({ kind: 'reconnecting', cause: { origin: 'transport', kicked: false } });
  expect(before?.closed).toBe(true);
  await reached(client, 'connected');
  expect(server.sessions).toHaveLength(1);
  expect(server.sessions[0]).not.toBe(before);
  expect(await client.request('room.join', { name: 'ada' })).toEqual({ members: ['ada'] });
  await client.close();
});

test('a request in flight when the network is lost fails as sent', async () => {
  const server = createTestServer<Routes, Pushes>();
  server.handle('room.join', () => new Promise<never>(() => undefined));
  const client = await play(server, { reconnect: quick });
  const joining = client.request('room.join', { name: 'ada' });
  server.sessions[0]?.drop();
  await expect(joining).rejects.toMatchObject({ name: 'DisconnectedError', sent: true });
  await client.close();
});

test('a kicked client stays away', async () => {
  const server = createTestServer<Routes, Pushes>();
  const client = await play(server, { reconnect: quick });
  server.sessions[0]?.kick('cheating');
  await reached(client, 'closed');
  expect(client.state).toMatchObject({ kind: 'closed', reason: { code: 500, reason: 'cheating', origin: 'peer', kicked: true } });
  expect(server.sessions).toHaveLength(0);
});

test('a kick without capabilities says no reason', async () => {
  const server = createTestServer<Routes, Pushes>({ capabilities: [] });
  const client = await play(server);
  server.sessions[0]?.kick('cheating');
  await reached(client, 'closed');
  expect(client.state).toMatchObject({ reason: { code: 500, kicked: true } });
});

test('a close with advice is followed', async () => {
  const server = createTestServer<Routes, Pushes>();
  const client = await play(server, { reconnect: quick });
  server.sessions[0]?.close({ code: 110, reason: 'moving', retryAfterMs: 5 });
  await reached(client, 'reconnecting');
  expect(client.state).toMatchObject({ cause: { code: 110, reason: 'moving', retryAfterMs: 5 } });
  await reached(client, 'connected');
  await client.close();
});

test('a refused client learns why, until clients are admitted again', async () => {
  const server = createTestServer<Routes, Pushes>();
  server.refuse({ code: 503, reason: 'update, please' });
  await expect(play(server)).rejects.toMatchObject({ name: 'ConnectError', reason: { code: 503, reason: 'update, please' } });
  server.admit();
  const client = await play(server);
  await client.close();
});

test('a function decides whom to refuse', async () => {
  const server = createTestServer<Routes, Pushes>();
  server.refuse(({ user }) => (user?.['token'] === 'right' ? undefined : { reason: 'who are you?' }));
  await expect(play(server, { user: { token: 'wrong' } })).rejects.toMatchObject({ reason: { reason: 'who are you?' } });
  const client = await play(server, { user: { token: 'right' } });
  await client.close();
});

test('a stopped server is told and cannot be reached until it starts', async () => {
  const server = createTestServer<Routes, Pushes>();
  const client = await play(server, { reconnect: quick });
  server.stop();
  await reached(client, 'reconnecting');
  expect(client.state).toMatchObject({ cause: { code: 110 } });
  await expect(play(server)).rejects.toMatchObject({ name: 'ConnectError', retryable: true });
  server.start();
  await reached(client, 'connected');
  await client.close();
});

test('a client that closes is gone from the server', async () => {
  const server = createTestServer<Routes, Pushes>();
  const client = await play(server);
  const [session] = server.sessions;
  await client.close();
  await expect.poll(() => server.sessions.length).toBe(0);
  expect(session?.closed).toBe(true);
  session?.push('onLine', { from: 'server', text: 'to nobody' });
  session?.kick();
});

test('connecting can be given up', async () => {
  const server = createTestServer<Routes, Pushes>();
  const controller = new AbortController();
  const connecting = play(server, { signal: controller.signal });
  controller.abort();
  await expect(connecting).rejects.toMatchObject({ name: 'AbortError' });
  await expect.poll(() => server.sessions.length).toBe(0);
});
