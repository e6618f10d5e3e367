import { beforeEach, expect, test } from 'vitest';

import { createTestServer, type TestServer } from '../../src/testing.js';
import { type AnyClient, connect, settled } from './peer.js';

let server: TestServer;
let client: AnyClient;

beforeEach(async () => {
  server = createTestServer();
  client = await connect('ws://test', { WebSocket: server.WebSocket });
});

async function pushed(route: string, ...bodies: unknown[]): Promise<void> {
  for (const body of bodies) server.broadcast(route, body);
  await settled();
}

test('a loop hears pushes from then on, and ends when the client is closed', async () => {
  const seen: unknown[] = [];
  const loop = (async () => {
    for await (const body of client.pushes('onLine')) seen.push(body);
  })();
  await pushed('onLine', 1, 2);
  await pushed('onOther', 3);
  await client.close();
  await loop;
  expect(seen).toEqual([1, 2]);
});

test('what is too much is dropped from the oldest on, and counted', async () => {
  const pushes = client.pushes('onLine', { buffer: 2 });
  await pushed('onLine', 1, 2, 3, 4, 5);
  expect(pushes.dropped).toBe(3);
  expect([await pushes.next(), await pushes.next()]).toEqual([
    { value: 4, done: false },
    { value: 5, done: false },
  ]);
  await client.close();
  expect(await pushes.next()).toEqual({ value: undefined, done: true });
});

test('what has come is still read after the close', async () => {
  const pushes = client.pushes('onLine');
  await pushed('onLine', 1);
  await client.close();
  expect([await pushes.next(), await pushes.next()]).toEqual([
    { value: 1, done: false },
    { value: undefined, done: true },
  ]);
});

test('several readers get one each', async () => {
  const pushes = client.pushes('onLine');
  const both = [pushes.next(), pushes.next()];
  await pushed('onLine', 1, 2);
  expect((await Promise.all(both)).map(({ value }) => value)).toEqual([1, 2]);
  await client.close();
});

test('a loop that is left takes no more', async () => {
  const pushes = client.pushes('onLine');
  await pushed('onLine', 1, 2);
  for await (const body of pushes) {
    expect(body).toBe(1);
    break;
  }
  await pushed('onLine', 3);
  expect(await pushes.next()).toEqual({ value: undefined, done: true });
  await client.close();
});

test('a signal ends a loop at once', async () => {
  const abort = new AbortController();
  const pushes = client.pushes('onLine', { signal: abort.signal });
  const waiting = pushes.next();
  abort.abort();
  expect(await waiting).toEqual({ value: undefined, done: true });
  const aborted = client.pushes('onLine', { signal: abort.signal });
  await pushed('onLine', 1);
  expect(await aborted.next()).toEqual({ value: undefined, done: true });
  await client.close();
});

test('of a closed client there are none', async () => {
  await client.close();
  expect(await client.pushes('onLine').next()).toEqual({ value: undefined, done: true });
});

test('a push that cannot be read is told on the console and to nobody else', async () => {
  const told: unknown[] = [];
  const { error } = console;
  console.error = (problem: unknown) => told.push(problem);
  try {
    const raw = createTestServer({ codec: { name: 'json', encode: (_, body) => body as Uint8Array, decode: () => undefined } });
    const reader = await connect('ws://test', { WebSocket: raw.WebSocket });
    const seen: unknown[] = [];
    reader.on('onLine', (body) => seen.push(body));
    raw.broadcast('onLine', new TextEncoder().encode('{'));
    raw.broadcast('onLine', new TextEncoder().encode('1'));
    await settled();
    expect(seen).toEqual([1]);
    expect(told).toMatchObject([{ name: 'DecodeError', code: 'decode', cause: expect.any(SyntaxError) }]);
    await reader.close();
  } finally {
    console.error = error;
  }
  await client.close();
});
