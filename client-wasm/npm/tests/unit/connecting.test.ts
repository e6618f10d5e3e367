import { beforeEach, expect, test, vi } from 'vitest';

import { makeConnect } from '../../src/connect.js';
import { ConnectError, PitayaError } from '../../src/errors.js';
import { compile, once } from '../../src/load.js';
import type { Wasm } from '../../src/machine.js';
import { connect, load, PlayedSocket, playedModule, settled } from './peer.js';

const WebSocket = PlayedSocket;
const URL_ = 'ws://peer.example/ws';

beforeEach(async () => {
  PlayedSocket.made = [];
  await load();
});

const socket = (): PlayedSocket => PlayedSocket.made.at(-1)!;

test.each(['http://a.example', 'https://a.example/ws', 'a.example', '/ws', '', 'ws:', 'tcp://a.example:1'])(
  'an address that is none: "%s"',
  async (address) => {
    const error: ConnectError = await connect(address, { WebSocket }).then(Promise.reject, (error) => error);
    expect(error).toBeInstanceOf(ConnectError);
    expect(error).toMatchObject({ name: 'ConnectError', code: 'url', retryable: false });
    expect(error.message).toContain('ws:// or wss://');
    expect(error.message).toContain(address);
    expect(PlayedSocket.made).toEqual([]);
  },
);

test('the socket is opened before the module is there, and used when it is', async () => {
  let come!: (wasm: Wasm) => void;
  const late = makeConnect(() => new Promise((resolve) => (come = resolve)));
  const connecting = late(URL_, { WebSocket });
  await settled();
  expect(PlayedSocket.made).toHaveLength(1);
  expect(socket().binaryType).toBe('arraybuffer');
  socket().onopen?.({});
  await settled();
  expect(socket().sent).toEqual([]);
  come(await load());
  await settled();
  expect(socket().sent).toHaveLength(1);
  socket().receive(Uint8Array.of(1, 0, 0, 12, ...new TextEncoder().encode('{"code":200}')));
  const client = await connecting;
  expect(client.state.kind).toBe('connected');
  expect(PlayedSocket.made).toHaveLength(1);
  await client.close();
});

test('a socket that fails before the module is there', async () => {
  let come!: (wasm: Wasm) => void;
  const late = makeConnect(() => new Promise((resolve) => (come = resolve)));
  const connecting = late(URL_, { WebSocket });
  await settled();
  socket().onerror?.({ message: 'connection refused' });
  socket().onclose?.({ code: 1006, reason: '' });
  come(await load());
  await expect(connecting).rejects.toMatchObject({ code: 'unreachable', retryable: true, message: expect.stringMatching(/peer\.example.*connection refused/) });
});

test('a socket that opens and closes before the module is there', async () => {
  let come!: (wasm: Wasm) => void;
  const late = makeConnect(() => new Promise((resolve) => (come = resolve)));
  const connecting = late(URL_, { WebSocket });
  await settled();
  socket().onopen?.({});
  socket().onclose?.({ code: 1006, reason: '' });
  come(await load());
  await expect(connecting).rejects.toMatchObject({ name: 'ConnectError', retryable: true, reason: { origin: 'transport' } });
});

test('a platform without WebSocket', async () => {
  vi.stubGlobal('WebSocket', undefined);
  await expect(connect(URL_)).rejects.toMatchObject({ code: 'no-websocket', retryable: false });
  vi.unstubAllGlobals();
});

test('a socket class that throws', async () => {
  const cause = new SyntaxError('bad address');
  class Throws extends PlayedSocket {
    constructor(url: string) {
      super(url);
      throw cause;
    }
  }
  await expect(connect(URL_, { WebSocket: Throws })).rejects.toMatchObject({ code: 'url', retryable: false, cause });
});

test.each([
  ['throws', () => { throw new Error('no token'); }, true],
  ['rejects', () => Promise.reject(new Error('no token')), true],
  ['is no object', () => 'ada' as never, false],
  ['is a list', () => [] as object, false],
  ['has no JSON form', () => ({ n: 1n }), false],
])('a user that %s', async (_, user, retryable) => {
  await expect(connect(URL_, { WebSocket, user })).rejects.toMatchObject({ code: 'user', retryable });
  expect(PlayedSocket.made).toEqual([]);
});

test('a module that cannot be loaded, and can at the next call', async () => {
  const cause = new Error('404');
  const loads = vi.fn(load).mockRejectedValueOnce(cause);
  const again = makeConnect(once(loads));
  const failing = again(URL_, { WebSocket });
  await expect(failing).rejects.toMatchObject({ name: 'ConnectError', code: 'module', retryable: true, cause });
  expect(socket().closed).toEqual([1000, '']);
  const connecting = again(URL_, { WebSocket });
  await settled();
  await socket().accept();
  await (await connecting).close();
  expect(loads).toHaveBeenCalledTimes(2);
});

test('a module that does not come in time', async () => {
  const never = makeConnect(() => new Promise(() => {}));
  await expect(never(URL_, { WebSocket, timeoutMs: 20 })).rejects.toMatchObject({ code: 'module', retryable: true });
  expect(socket().closed).toEqual([1000, '']);
});

test('a module of another build', async () => {
  const empty = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
  await expect(compile(empty, 'other.wasm')).rejects.toMatchObject({ code: 'build', retryable: false, message: expect.stringContaining('other.wasm') });
});

test('a server that takes too long', async () => {
  const connecting = connect(URL_, { WebSocket, timeoutMs: 20 });
  await expect(connecting).rejects.toMatchObject({ code: 'unreachable', retryable: true, reason: { code: 101 } });
  expect(socket().closed).toBeDefined();
});

test('a user function that takes too long', async () => {
  const connecting = connect(URL_, { WebSocket, timeoutMs: 20, user: () => new Promise<object>(() => {}) });
  await expect(connecting).rejects.toMatchObject({ name: 'ConnectError', retryable: true });
  expect(PlayedSocket.made).toEqual([]);
});

/** When the signal comes. */
const STAGES: Record<string, (abort: () => void) => Promise<void>> = {
  'before it begins': async () => {},
  'in the function that makes the user': async () => {},
  'before the socket is open': async (abort) => {
    await settled();
    abort();
  },
  'before the handshake': async (abort) => {
    await settled();
    socket().onopen?.({});
    await settled();
    abort();
  },
};

test.each(Object.entries(STAGES))('aborted %s', async (stage, act) => {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  if (stage === 'before it begins') abort();
  const user = (): object => {
    if (stage === 'in the function that makes the user') abort();
    return {};
  };
  const connecting = connect(URL_, { WebSocket, user, signal: controller.signal });
  const [error] = await Promise.all([connecting.then(Promise.reject, (error) => error), act(abort)]);
  expect(error).toBe(controller.signal.reason);
  expect(error.name).toBe('AbortError');
  await settled();
  for (const made of PlayedSocket.made) expect(made.closed).toBeDefined();
});

test('aborted while the module loads, with a reason of its own', async () => {
  const abort = new AbortController();
  const { wasm, orders } = playedModule();
  let come!: (wasm: Wasm) => void;
  const connecting = makeConnect(() => new Promise((resolve) => (come = resolve)))(URL_, { WebSocket, signal: abort.signal });
  await settled();
  const reason = new PitayaError('PitayaError', 'enough', 'mine', false);
  abort.abort(reason);
  await expect(connecting).rejects.toBe(reason);
  expect(socket().closed).toBeDefined();
  come(wasm);
  await settled();
  expect(orders).toEqual([]);
});

test('once connected the signal has no effect', async () => {
  const abort = new AbortController();
  const connecting = connect(URL_, { WebSocket, signal: abort.signal });
  await settled();
  await socket().accept();
  const client = await connecting;
  abort.abort();
  await settled();
  expect(client.state.kind).toBe('connected');
  await client.close();
});

test('a server may send elsewhere, but not out of the encryption that was asked for', async () => {
  const places: [string, string, string][] = [
    ['ws://a.example', 'ws://b.example/x', 'ws://b.example/x'],
    ['ws://a.example', 'wss://b.example', 'wss://b.example'],
    ['wss://a.example', 'wss://b.example', 'wss://b.example'],
    ['wss://a.example', 'ws://b.example', 'wss://a.example'],
    ['wss://a.example', 'http://b.example', 'wss://a.example'],
    ['ws://a.example', 'nonsense', 'ws://a.example'],
  ];
  for (const [own, advice, taken] of places) {
    const module = playedModule();
    const connecting = makeConnect(async () => module.wasm)(own, { WebSocket });
    connecting.catch(() => {});
    await settled();
    module.host().connect(0, '');
    await settled();
    module.host().disconnect(1000, '');
    module.host().connect(1, advice);
    await settled();
    expect(PlayedSocket.made.slice(-2).map(({ url }) => url)).toEqual([own, taken]);
  }
});

test('what the server pushes at once is heard by whoever waits for connect, also through functions', async () => {
  const { wasm, host } = playedModule({
    frame: () => {
      host().state(2, 0, -1, false);
      host().push('onLine', false, new TextEncoder().encode('1'));
      return Infinity;
    },
  });
  const inner = async () => await makeConnect(async () => wasm)(URL_, { WebSocket });
  const outer = async () => (await inner());
  const heard = (async () => {
    const client = await outer();
    return await new Promise((resolve) => client.on('onLine', resolve));
  })();
  await settled();
  socket().receive(Uint8Array.of(3, 0, 0, 0));
  expect(await heard).toBe(1);
});
