import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { makeConnect } from '../../src/connect.js';
import { Signal } from '../../src/machine.js';
import { type AnyClient, connect, load, PlayedSocket, playedModule, settled } from './peer.js';

/** A page: a window, and a document whose events pass it on their way. */
class Page extends EventTarget {
  readonly document = { hidden: false };
  listeners = 0;

  override addEventListener(...args: Parameters<EventTarget['addEventListener']>): void {
    this.listeners++;
    super.addEventListener(...args);
  }

  override removeEventListener(...args: Parameters<EventTarget['removeEventListener']>): void {
    this.listeners--;
    super.removeEventListener(...args);
  }

  fire(type: string, members: object = {}): void {
    this.dispatchEvent(Object.defineProperties(new Event(type), Object.getOwnPropertyDescriptors(members)));
  }

  /** An event of the document. */
  fireDocument(type: string): void {
    this.fire(type, { target: this.document });
  }
}

let page: Page;

beforeEach(async () => {
  await load();
  PlayedSocket.made = [];
  page = new Page();
  vi.stubGlobal('document', page.document);
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
  vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page));
});
afterEach(() => {
  vi.unstubAllGlobals();
});

const socket = (): PlayedSocket => PlayedSocket.made.at(-1)!;

async function connected(options: object = {}): Promise<AnyClient> {
  const connecting = connect('ws://a.example', { WebSocket: PlayedSocket, reconnect: { baseMs: 10_000, jitter: 0 }, ...options });
  await settled();
  await socket().accept();
  return await connecting;
}

/** What the module hears of an event. */
async function heard(fire: () => void, act = (_: AnyClient) => {}): Promise<string[]> {
  const module = playedModule();
  const connecting = makeConnect(async () => module.wasm)('ws://a.example', { WebSocket: PlayedSocket });
  await settled();
  module.host().state(2, 0, -1, false);
  // What is to be told is told after an order.
  page.fire('online');
  act(await connecting);
  module.orders.length = 0;
  fire();
  await settled();
  return [...module.orders];
}

test('what the module hears of the network and of the page', async () => {
  expect(await heard(() => page.fire('offline'))).toEqual([`signal ${Signal.Offline}`]);
  expect(await heard(() => page.fire('online'))).toEqual([`signal ${Signal.Online}`]);
  expect(await heard(() => page.fireDocument('visibilitychange'))).toEqual([`signal ${Signal.Resume}`]);
  expect(await heard(() => page.fireDocument('freeze'))).toEqual([`signal ${Signal.Pause}`]);
  expect(await heard(() => page.fireDocument('resume'))).toEqual([`signal ${Signal.Resume}`]);
  expect(await heard(() => page.fire('pageshow', { persisted: true }))).toEqual([`signal ${Signal.Resume}`]);
  // The page was loaded; an element has events of these names; the page is hidden, but runs on.
  expect(await heard(() => page.fire('pageshow', { persisted: false }))).toEqual([]);
  expect(await heard(() => page.fire('freeze'))).toEqual([]);
  page.document.hidden = true;
  expect(await heard(() => page.fireDocument('visibilitychange'))).toEqual([]);
});

test('what the application has paused, the page does not resume', async () => {
  const pause = (client: AnyClient): void => client.pause();
  expect(await heard(() => page.fireDocument('visibilitychange'), pause)).toEqual([]);
  expect(await heard(() => page.fireDocument('visibilitychange'), (client) => (client.pause(), client.resume()))).toEqual([`signal ${Signal.Resume}`]);
});

test('a page that is left closes its socket in order, and tells nobody', async () => {
  const client = await connected();
  const states: unknown[] = [];
  client.onState((state) => states.push(state));
  let settledCall = false;
  client.request('a.b').finally(() => (settledCall = true)).catch(() => {});
  page.fire('pagehide', { persisted: false });
  await settled();
  expect(socket().closed).toEqual([1000, '']);
  expect([states, settledCall]).toEqual([[], false]);
  expect(page.listeners).toBe(0);
});

test('a page that is put aside drops its socket, and connects anew when it is back', async () => {
  const client = await connected();
  const call = client.request('a.b');
  page.fire('pagehide', { persisted: true });
  await expect(call).rejects.toMatchObject({ name: 'DisconnectedError', sent: true });
  expect(socket().closed).toEqual([1000, '']);
  expect(client.state.kind).toBe('reconnecting');
  expect(PlayedSocket.made).toHaveLength(1);
  page.fire('pageshow', { persisted: true });
  await settled();
  expect(PlayedSocket.made).toHaveLength(2);
  await socket().accept();
  await settled();
  expect(client.state.kind).toBe('connected');
  await client.close();
});

test('a page that is put aside while it reconnects', async () => {
  const client = await connected();
  socket().onclose?.({ code: 1006, reason: '' });
  await settled();
  client.reconnectNow();
  await settled();
  expect(PlayedSocket.made).toHaveLength(2);
  page.fire('pagehide', { persisted: true });
  await settled();
  page.fire('pageshow', { persisted: true });
  await settled();
  expect(PlayedSocket.made).toHaveLength(3);
  await socket().accept();
  await settled();
  expect(client.state.kind).toBe('connected');
  await client.close();
});

test('a socket that died while the page was frozen is noticed when it runs again', async () => {
  vi.useFakeTimers();
  try {
    const connecting = connect('ws://a.example', { WebSocket: PlayedSocket, reconnect: { baseMs: 10_000, jitter: 0 } });
    await settled();
    await socket().accept({ heartbeat: 60, capabilities: ['heartbeat-echo'] });
    const client = await connecting;
    page.fireDocument('freeze');
    await vi.advanceTimersByTimeAsync(20_000);
    const before = socket().sent.length;
    page.fireDocument('resume');
    // It is asked for a sign of life at once, and does not give any.
    expect(socket().sent).toHaveLength(before + 1);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(client.state).toMatchObject({ kind: 'reconnecting', cause: { code: 102, origin: 'fault' } });
    await client.close();
  } finally {
    vi.useRealTimers();
  }
});

test('a client that is closed hears nothing more of the page', async () => {
  const client = await connected();
  expect(page.listeners).toBeGreaterThan(0);
  await client.close();
  expect(page.listeners).toBe(0);
  page.fire('online');
});
