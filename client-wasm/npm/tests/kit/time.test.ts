import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { createTestServer } from '../../src/testing.js';
import { play, type Pushes, type Routes } from './game.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

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
  await client.close();
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
  await client.close();
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
  await client.close();
});

test('heartbeats keep a silent client connected, and measure the round trip', async () => {
  const server = createTestServer<Routes, Pushes>({ heartbeatMs: 1000 });
  const client = await play(server);
  server.latency = 20;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(client.state.kind).toBe('connected');
  expect(client.rttSource).toBe('heartbeat');
  expect(client.rtt).toBeCloseTo(40, 0);
  await client.close();
});
