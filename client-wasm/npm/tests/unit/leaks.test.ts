import { getEventListeners } from 'node:events';
import { expect, test, vi } from 'vitest';

import { makeConnect } from '../../src/connect.js';
import type { Wasm } from '../../src/machine.js';
import { createTestServer } from '../../src/testing.js';
import { load } from './peer.js';

/** The real module, which counts the clients that are open in it. */
async function counted(): Promise<{ connect: ReturnType<typeof makeConnect>; open: () => number }> {
  const wasm = await load();
  let open = 0;
  const counting: Wasm = {
    ...wasm,
    open: (...config) => {
      open++;
      return wasm.open(...config);
    },
    free: (client) => {
      open--;
      wasm.free(client);
    },
  };
  return { connect: makeConnect(async () => counting), open: () => open };
}

/** How many listeners a signal has. */
const listening = ({ signal }: AbortController): number => getEventListeners(signal, 'abort').length;

test('a thousand clients leave no client, no timer and no listener behind', async () => {
  vi.useFakeTimers();
  try {
    const { connect, open } = await counted();
    const server = createTestServer({ heartbeatMs: 1000 });
    const abort = new AbortController();
    const { signal } = abort;
    for (let round = 0; round < 1000; round++) {
      const client = await connect('ws://test', { WebSocket: server.WebSocket, signal });
      void client.pushes('onLine', { signal });
      await client.close();
    }
    expect(open()).toBe(0);
    expect(listening(abort)).toBe(0);
    expect(server.sessions).toHaveLength(0);
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

test('a thousand attempts that fail or are aborted leave nothing behind either', async () => {
  vi.useFakeTimers();
  try {
    const { connect, open } = await counted();
    const server = createTestServer();
    server.refuse();
    for (let round = 0; round < 500; round++) {
      await expect(connect('ws://test', { WebSocket: server.WebSocket })).rejects.toMatchObject({ code: 'refused' });
      const abort = new AbortController();
      const connecting = connect('ws://test', { WebSocket: server.WebSocket, signal: abort.signal });
      abort.abort();
      await expect(connecting).rejects.toBe(abort.signal.reason);
      expect(listening(abort)).toBe(0);
    }
    await vi.advanceTimersByTimeAsync(0);
    expect(open()).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

test('a thousand requests, answered or aborted, leave no listener on their signal and no memory in the module', async () => {
  const { connect } = await counted();
  const server = createTestServer();
  server.handle('echo', (body) => body);
  server.handle('never', () => new Promise(() => {}));
  const client = await connect('ws://test', { WebSocket: server.WebSocket });
  const abort = new AbortController();
  const { signal } = abort;
  for (let round = 0; round < 1000; round++) expect(await client.request('echo', round, { signal })).toBe(round);
  expect(listening(abort)).toBe(0);
  for (let round = 0; round < 1000; round++) {
    const given = new AbortController();
    const call = client.request('never', round, { signal: given.signal });
    given.abort();
    await expect(call).rejects.toBe(given.signal.reason);
    expect(listening(given)).toBe(0);
  }
  // The module holds at most 1,024 requests: had it kept those, this one would not go out.
  expect(await client.request('echo', 'still')).toBe('still');
  expect(client.unmatched).toEqual({ late: 0, unknown: 0 });
  await client.close();
});
