import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import type { Client } from '../../src/client.js';
import { createTestServer } from '../../src/testing.js';
import { play, type Pushes, type Routes } from './game.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Closes the client, whose last words may take time. */
async function close(client: Client<Routes, Pushes>): Promise<void> {
  const closed = client.close();
  await vi.advanceTimersByTimeAsync(1000);
  await closed;
}

test('without latency nothing waits for the clock', async () => {
  const server = createTestServer<Routes, Pushes>();
  server.handle('room.join', ({ name }) => ({ members: [name] }));
  const client = await play(server);
  expect(await client.request('room.join', { name: 'ada' })).toEqual({ members: ['ada'] });
  await client.close();
});

test('a slow answer is a timeout of this request alone', async () => {
  const server = createTestServer<Routes, Pushes>();
  server.handle('room.join', ({ name }) => ({ members: [name] }));
  const client = await play(server, { requestTimeoutMs: 1000 });
  server.delay(1500);
  const late = expect(client.request('room.join', { name: 'ada' })).rejects.toMatchObject({ name: 'TimeoutError', sent: true, afterMs: 1000 });
  await vi.advanceTimersByTimeAsync(1000);
  await late;
  await vi.advanceTimersByTimeAsync(500);
  expect(client.unmatched).toMatchObject({ late: 1 });
  expect(client.state.kind).toBe('connected');
  await close(client);
});

test('latency is paid each way, and messages stay in order when it falls', async () => {
  const server = createTestServer<Routes, Pushes>();
  server.handle('room.join', ({ name }) => ({ members: [name] }));
  const client = await play(server);
  server.latency = 50;
  const answers: string[] = [];
  const first = client.request('room.join', { name: 'first' }).then(({ members }) => answers.push(...members));
  server.latency = 10;
  const second = client.request('room.join', { name: 'second' }).then(({ members }) => answers.push(...members));
  await vi.advanceTimersByTimeAsync(59);
  expect(answers).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  await Promise.all([first, second]);
  expect(answers).toEqual(['first', 'second']);
  await close(client);
});

test('a push right after connecting is not lost, though the client\'s ack is still on its way', async () => {
  const server = createTestServer<Routes, Pushes>();
  server.latency = 10;
  const connecting = play(server);
  await vi.advanceTimersByTimeAsync(40);
  const client = await connecting;
  const lines: string[] = [];
  client.on('onLine', ({ text }) => lines.push(text));
  server.broadcast('onLine', { from: 'server', text: 'hi' });
  await vi.advanceTimersByTimeAsync(20);
  expect(lines).toEqual(['hi']);
  await close(client);
});

test('a reconnect waits as the options say', async () => {
  const server = createTestServer<Routes, Pushes>();
  const client = await play(server, { reconnect: { baseMs: 1000, jitter: 0 } });
  server.stop();
  server.drop();
  await vi.advanceTimersByTimeAsync(0);
  expect(client.state).toMatchObject({ kind: 'reconnecting' });
  server.start();
  await vi.advanceTimersByTimeAsync(900);
  expect(client.state).toMatchObject({ kind: 'reconnecting' });
  await vi.advanceTimersByTimeAsync(200);
  expect(client.state.kind).toBe('connected');
  await close(client);
});

test('heartbeats keep a silent client connected, and measure the round trip', async () => {
  const server = createTestServer<Routes, Pushes>({ heartbeatMs: 1000 });
  const client = await play(server);
  server.latency = 20;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(client.state.kind).toBe('connected');
  expect(client.rttSource).toBe('heartbeat');
  expect(client.rtt).toBeCloseTo(40, 0);
  await close(client);
});
