// @vitest-environment happy-dom
import { act, StrictMode, useState } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { renderToString } from 'react-dom/server';
import { afterEach, beforeEach, expect, test } from 'vitest';

import type { Client } from '../../src/client.js';
import { usePitaya, usePush, useRtt } from '../../src/react.js';
import { createTestServer, type TestServer } from '../../src/testing.js';
import { play, type Pushes, type Routes } from './game.js';

declare global {
  // React asks for it.
  var IS_REACT_ACT_ENVIRONMENT: boolean;
}

let root: Root;
let page: HTMLElement;

beforeEach(() => {
  globalThis.IS_REACT_ACT_ENVIRONMENT = true;
  page = document.createElement('main');
  root = createRoot(page);
});
afterEach(async () => {
  globalThis.IS_REACT_ACT_ENVIRONMENT = true;
  await act(() => root.unmount());
});

type Server = TestServer<Routes, Pushes>;

function Lines({ client }: { client: Client<Routes, Pushes> | undefined }) {
  const [lines, setLines] = useState<string[]>([]);
  usePush(client, 'onLine', ({ text }) => setLines([...lines, text]));
  return <q>{lines.join(' ')}</q>;
}

function Game({ server, room = 'a' }: { server: Server; room?: string }) {
  const { client, state, error } = usePitaya((signal) => play(server, { signal, user: { room }, reconnect: { baseMs: 1 } }), [room]);
  const rtt = useRtt(client, 5);
  return (
    <>
      <p>{error === undefined ? state.kind : String(error)}</p>
      <i>{rtt === undefined ? 'unknown' : 'known'}</i>
      <Lines client={client} />
    </>
  );
}

const shown = (element: string): string => page.querySelector(element)?.textContent ?? '';

/** Waits until the page shows `expected`. */
async function shows(element: string, expected: string): Promise<void> {
  await expect.poll(() => act(async () => shown(element))).toBe(expected);
}

test('it connects on mount, follows the state, and closes on unmount', async () => {
  const server: Server = createTestServer<Routes, Pushes>();
  await act(() => root.render(<Game server={server} />));
  await shows('p', 'connected');
  const [before] = server.sessions;
  await act(async () => server.drop());
  expect(before?.closed).toBe(true);
  await shows('p', 'connected');
  expect(server.sessions).toHaveLength(1);
  await act(() => root.render(<></>));
  await expect.poll(() => server.sessions.length).toBe(0);
});

test('strict mode mounts twice and leaves one connection', async () => {
  const server: Server = createTestServer<Routes, Pushes>();
  await act(() =>
    root.render(
      <StrictMode>
        <Game server={server} />
      </StrictMode>,
    ),
  );
  await shows('p', 'connected');
  await expect.poll(() => server.sessions.length).toBe(1);
});

test('a component that is gone before it was connected leaves no connection', async () => {
  const server: Server = createTestServer<Routes, Pushes>();
  server.latency = 5;
  await act(() => root.render(<Game server={server} />));
  await act(() => root.render(<></>));
  server.latency = 0;
  const next = await play(server);
  await expect.poll(() => server.sessions.length).toBe(1);
  await next.close();
});

test('another dependency makes another client', async () => {
  const server: Server = createTestServer<Routes, Pushes>();
  await act(() => root.render(<Game server={server} room="a" />));
  await shows('p', 'connected');
  await act(() => root.render(<Game server={server} room="b" />));
  await shows('p', 'connected');
  await expect.poll(() => server.sessions.map(({ user }) => user)).toEqual([{ room: 'b' }]);
});

test('a failure to connect is shown', async () => {
  const server: Server = createTestServer<Routes, Pushes>();
  server.refuse({ reason: 'closed for today' });
  await act(() => root.render(<Game server={server} />));
  await expect.poll(() => act(async () => shown('p'))).toContain('closed for today');
});

test('pushes reach the newest listener', async () => {
  const server: Server = createTestServer<Routes, Pushes>();
  await act(() => root.render(<Game server={server} />));
  await shows('p', 'connected');
  for (const text of ['one', 'two', 'three']) await act(async () => server.broadcast('onLine', { from: 'server', text }));
  await shows('q', 'one two three');
});

test('the round trip is shown when it is known', async () => {
  const server: Server = createTestServer<Routes, Pushes>({ heartbeatMs: 20 });
  await act(() => root.render(<Game server={server} />));
  expect(shown('i')).toBe('unknown');
  // A timer renders, which no `act` can be around.
  globalThis.IS_REACT_ACT_ENVIRONMENT = false;
  await expect.poll(() => shown('i')).toBe('known');
});

test('on a server it renders as connecting and connects nowhere', () => {
  const server: Server = createTestServer<Routes, Pushes>();
  expect(renderToString(<Game server={server} />)).toContain('connecting');
  expect(server.sessions).toHaveLength(0);
});
