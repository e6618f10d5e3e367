import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { createTestServer, type TestServer } from '../../src/testing.js';
import { type AnyClient, connect, settled } from './peer.js';

let server: TestServer;
let client: AnyClient;

beforeEach(async () => {
  server = createTestServer();
  server.handle('echo', (body) => body);
  client = await connect('ws://test', { WebSocket: server.WebSocket, reconnect: { baseMs: 1, jitter: 0 } });
});
afterEach(async () => {
  await client.close();
  vi.unstubAllGlobals();
});

const push = async (route: string, body: unknown): Promise<void> => {
  server.broadcast(route, body);
  await settled();
};

test('a listener that throws is reported in a task of its own, and those behind it still run', async () => {
  const thrown: (() => void)[] = [];
  const seen: unknown[] = [];
  const fault = new Error('mine');
  client.on('onLine', () => {
    throw fault;
  });
  client.on('onLine', (body) => seen.push(body));
  client.onAny((route, body) => seen.push([route, body]));
  vi.stubGlobal('setTimeout', (run: () => void) => thrown.push(run));
  await push('onLine', 1);
  vi.unstubAllGlobals();
  expect(seen).toEqual([1, ['onLine', 1]]);
  expect(thrown).toHaveLength(1);
  expect(thrown[0]).toThrow(fault);
  expect(await client.request('echo', 2)).toBe(2);
});

test('off takes one listener off, once hears one push, and a function may be given twice', async () => {
  const seen: string[] = [];
  const twice = (): number => seen.push('twice');
  const off = client.on('onLine', twice);
  client.on('onLine', twice);
  client.once('onLine', () => seen.push('once'));
  client.once('onLine', () => seen.push('never'))();
  await push('onLine', 1);
  off();
  off();
  await push('onLine', 2);
  expect(seen).toEqual(['twice', 'twice', 'once', 'twice']);
});

test('a listener may call the client, and close it', async () => {
  const seen: unknown[] = [];
  client.on('onLine', async () => {
    seen.push(await client.request('echo', 'from a push'));
    client.onState(({ kind }) => seen.push(kind));
    void client.close();
  });
  client.on('onLine', (body) => seen.push(body));
  await push('onLine', 1);
  await settled();
  expect(seen).toEqual([1, 'from a push', 'closed']);
});

test('close in a listener of the state', async () => {
  client.onState(({ kind }) => {
    if (kind === 'reconnecting') void client.close();
  });
  const kinds: string[] = [];
  client.onState(({ kind }, previous) => kinds.push(`${previous.kind} ${kind}`));
  server.drop();
  await settled();
  expect(kinds).toEqual(['connected reconnecting', 'reconnecting closed']);
  await expect(client.request('echo')).rejects.toMatchObject({ code: 'not-connected' });
});

test('a request in the listener that hears of the end is rejected', async () => {
  const codes: Promise<string>[] = [];
  const code = (call: Promise<unknown>): Promise<string> => call.then(() => 'answered', (error) => error.code);
  client.onState(({ kind }) => {
    if (kind === 'closed') codes.push(code(client.request('echo')));
  });
  server.handle('never', () => new Promise(() => {}));
  codes.push(code(client.request('never').catch(() => client.request('echo'))));
  await client.close();
  expect(await Promise.all(codes)).toEqual(['not-connected', 'not-connected']);
});

test('the codec may call the client', async () => {
  const inner = await connect('ws://test', {
    WebSocket: server.WebSocket,
    codec: {
      name: 'json',
      encode: (_, body) => {
        if (body === 'outer') void inner.notify('echo', 'inner');
        return new TextEncoder().encode(JSON.stringify(body));
      },
      decode: (route, bytes) => {
        if (route === 'echo') void inner.notify('other', 1);
        return JSON.parse(new TextDecoder().decode(bytes));
      },
    },
  });
  expect(await inner.request('echo', 'outer')).toBe('outer');
  await inner.close();
});

test('a socket that tells at once what comes of a call, and the clients of one page', async () => {
  // An adapter may call back from `send` and `close`, while the module is at work for any client.
  const { WebSocket } = server;
  class Hasty extends WebSocket {
    override send(data: Uint8Array<ArrayBuffer>): void {
      void client.notify('echo', 'from a socket');
      super.send(data);
    }

    override close(code?: number, reason?: string): void {
      this.onclose?.({ code: 1006, reason: '', wasClean: false });
      super.close(code, reason);
      client.reconnectNow();
    }
  }
  const user = async (): Promise<object> => ({ rtt: client.rtt });
  const hasty = await connect('ws://test', { WebSocket: Hasty, user });
  expect(await hasty.request('echo', 1)).toBe(1);
  await hasty.close();
  expect(hasty.state).toMatchObject({ kind: 'closed', reason: { origin: 'local' } });
  expect(await client.request('echo', 2)).toBe(2);
});
