import { afterEach, expect, test, vi } from 'vitest';

import { createTestServer } from '../../src/testing.js';
import { connect, PlayedSocket, packet, settled } from './peer.js';

const LONG = 'x'.repeat(1000);

afterEach(() => {
  vi.unstubAllGlobals();
});

/** Resolves with what has been heard when there are as many. */
function heard(client: Awaited<ReturnType<typeof connect>>, count: number): Promise<string[]> {
  const seen: string[] = [];
  return new Promise((resolve) => {
    client.onAny((route, body) => {
      seen.push(`${route} ${String(body).length}`);
      if (seen.length === count) resolve(seen);
    });
  });
}

test('messages stay in order, whether they come deflated or not', async () => {
  const server = createTestServer({ compression: true });
  server.handle('echo', (body) => body);
  const client = await connect('ws://test', { WebSocket: server.WebSocket });
  const all = heard(client, 5);
  for (const [route, body] of [['a', LONG], ['b', 's'], ['c', LONG], ['d', 's'], ['e', 's']] as const) server.broadcast(route, body);
  expect(await all).toEqual(['a 1000', 'b 1', 'c 1000', 'd 1', 'e 1']);
  expect(await client.request('echo', LONG)).toBe(LONG);
  await client.close();
});

test('a slow inflation holds back what came after it, also the end', async () => {
  const release: (() => void)[] = [];
  const Real = DecompressionStream;
  const server = createTestServer({ compression: true });
  const client = await connect('ws://test', { WebSocket: server.WebSocket, reconnect: false });
  vi.stubGlobal(
    'DecompressionStream',
    class {
      constructor(format: CompressionFormat) {
        const { readable, writable } = new Real(format);
        const gate = new TransformStream<Uint8Array, Uint8Array>({
          transform: async (chunk, controller) => {
            await new Promise<void>((resolve) => release.push(resolve));
            controller.enqueue(chunk);
          },
        });
        return { readable: readable.pipeThrough(gate), writable };
      }
    },
  );
  const order: string[] = [];
  client.onAny((route) => order.push(route));
  client.onState(({ kind }) => order.push(kind));
  server.broadcast('long', LONG);
  server.broadcast('short', 's');
  server.sessions[0]!.kick();
  await vi.waitUntil(() => release.length > 0);
  expect(order).toEqual([]);
  // Calls do not wait: the client knows already that it is over.
  await expect(client.request('echo')).rejects.toMatchObject({ code: 'not-connected' });
  release[0]!();
  await vi.waitUntil(() => order.includes('closed'));
  expect(order).toEqual(['long', 'short', 'closed']);
});

test('a body that cannot be inflated ends the connection, and those after it are not tried', async () => {
  const deflated = (route: string): Uint8Array => packet(4, Uint8Array.of(0x16, route.length, ...new TextEncoder().encode(route), 0x78, 0x9c, 1, 2, 3));
  const tried = vi.fn();
  const Real = DecompressionStream;
  vi.stubGlobal('DecompressionStream', function (format: CompressionFormat) {
    tried();
    return new Real(format);
  });
  PlayedSocket.made = [];
  const connecting = connect('ws://a.example', { WebSocket: PlayedSocket });
  await vi.waitUntil(() => PlayedSocket.made[0]?.onopen);
  const [socket] = PlayedSocket.made as [PlayedSocket];
  socket.onopen?.({});
  await vi.waitUntil(() => socket.sent.length > 0);
  socket.receive(packet(1, '{"code":200}'));
  const client = await connecting;
  const seen = vi.fn();
  client.onAny(seen);
  const ended = new Promise((resolve) => client.onState(({ kind }) => kind === 'closed' && resolve(kind)));
  for (const route of ['a', 'b', 'c']) socket.receive(deflated(route));
  await ended;
  await settled();
  expect(client.state).toMatchObject({ kind: 'closed', reason: { code: 405, origin: 'fault' } });
  expect(socket.closed?.[0]).toBe(4405);
  expect(tried).toHaveBeenCalledTimes(1);
  expect(seen).not.toHaveBeenCalled();
});

test('what waits to be inflated is bounded', async () => {
  const server = createTestServer({ compression: true });
  const client = await connect('ws://test', { WebSocket: server.WebSocket, maxInflatedBytes: 1000 });
  // Nothing is ever inflated any more.
  vi.stubGlobal(
    'DecompressionStream',
    class extends TransformStream {
      constructor() {
        super({ transform: () => new Promise(() => {}) });
      }
    },
  );
  client.onAny(() => {});
  server.broadcast('first', LONG);
  let sent = 0;
  // Too short to be deflated, so that it is as long on the wire.
  for (; server.sessions.length && sent < 100_000; sent += 10) {
    server.broadcast('short', '12345678');
    await settled();
  }
  expect(sent).toBeGreaterThan(3900);
  expect(sent).toBeLessThan(4100);
  await client.close();
});

test('a frame that is longer than any two packets ends the connection', async () => {
  PlayedSocket.made = [];
  const connecting = connect('ws://a.example', { WebSocket: PlayedSocket, maxPacketBytes: 1024 });
  await vi.waitUntil(() => PlayedSocket.made[0]?.onopen);
  const [socket] = PlayedSocket.made as [PlayedSocket];
  socket.onopen?.({});
  await vi.waitUntil(() => socket.sent.length > 0);
  socket.receive(packet(1, '{"code":200}'));
  const client = await connecting;
  socket.receive(new Uint8Array(2 * 1024 * 1024));
  await settled();
  expect(client.state).toMatchObject({ kind: 'closed', reason: { code: 401, origin: 'fault' } });
});
