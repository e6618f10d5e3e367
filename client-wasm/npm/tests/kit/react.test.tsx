// @vitest-environment happy-dom
import { StrictMode, useState } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { renderToString } from 'react-dom/server';
import { afterEach, beforeEach, expect, test } from 'vitest';

import type { Client } from '../../src/client.js';
import { usePitaya, usePush, useRtt } from '../../src/react.js';
import { createTestServer, type TestServer } from '../../src/testing.js';
import { deferred, play, type Pushes, reached, type Routes } from './game.js';

let root: Root;
let page: HTMLElement;

beforeEach(() => {
  page = document.createElement('main');
  root = createRoot(page);
});
afterEach(() => root.unmount());

type Server = TestServer<Routes, Pushes>;
type Connect = (signal: AbortSignal) => Promise<Client<Routes, Pushes>>;

/** Connects to a server, as the component of a room. */
const to =
  (server: Server, room = 'a'): Connect =>
  (signal) =>
    play(server, { signal, user: { room }, reconnect: { baseMs: 1 } });

function Lines({ client }: { client: Client<Routes, Pushes> | undefined }) {
  const [lines, setLines] = useState<string[]>([]);
  usePush(client, 'onLine', ({ text }) => setLines([...lines, text]));
  return <q>{lines.join(' ')}</q>;
}

function Game({ connect, room = 'a' }: { connect: Connect; room?: string }) {
  const { client, state, error } = usePitaya(connect, [room]);
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
  await expect.poll(() => shown(element)).toBe(expected);
}

test('it connects on mount, follows the state, and closes on unmount', async () => {
  const server: Server = createTestServer<Routes, Pushes>();
  root.render(<Game connect={to(server)} />);
  await shows('p', 'connected');
  server.stop();
  await shows('p', 'reconnecting');
  server.start();
  await shows('p', 'connected');
  root.render(<></>);
  await expect.poll(() => server.sessions.length).toBe(0);
});

test('strict mode mounts twice and leaves one connection', async () => {
  const server: Server = createTestServer<Routes, Pushes>();
  let mounts = 0;
  const connect: Connect = (signal) => {
    mounts += 1;
    return to(server)(signal);
  };
  root.render(
    <StrictMode>
      <Game connect={connect} />
    </StrictMode>,
  );
  await shows('p', 'connected');
  expect(mounts).toBe(2);
  await expect.poll(() => server.sessions.length).toBe(1);
});

test('a component that is gone before it was connected aborts connecting', async () => {
  const asked = deferred<AbortSignal>();
  root.render(
    <Game
      connect={(signal) => {
        asked.resolve(signal);
        return new Promise(() => undefined);
      }}
    />,
  );
  const signal = await asked.promise;
  expect(signal.aborted).toBe(false);
  root.render(<></>);
  await expect.poll(() => signal.aborted).toBe(true);
});

test('a client that comes after its component is gone is closed', async () => {
  const server: Server = createTestServer<Routes, Pushes>();
  const client = await play(server);
  const gate = deferred<Client<Routes, Pushes>>();
  root.render(<Game connect={() => gate.promise} />);
  await shows('p', 'connecting');
  root.render(<></>);
  await shows('p', '');
  gate.resolve(client);
  await reached(client, 'closed');
});

test('another dependency makes another client', async () => {
  const server: Server = createTestServer<Routes, Pushes>();
  root.render(<Game connect={to(server, 'a')} room="a" />);
  await shows('p', 'connected');
  root.render(<Game connect={to(server, 'b')} room="b" />);
  await expect.poll(() => server.sessions.map(({ user }) => user)).toEqual([{ room: 'b' }]);
  await shows('p', 'connected');
});

test('a failure to connect is shown', async () => {
  const server: Server = createTestServer<Routes, Pushes>();
  server.refuse({ reason: 'closed for today' });
  root.render(<Game connect={to(server)} />);
  await expect.poll(() => shown('p')).toContain('closed for today');
});

test('pushes reach the newest listener', async () => {
  const server: Server = createTestServer<Routes, Pushes>();
  root.render(<Game connect={to(server)} />);
  await shows('p', 'connected');
  server.broadcast('onLine', { from: 'server', text: 'one' });
  await shows('q', 'one');
  server.broadcast('onLine', { from: 'server', text: 'two' });
  await shows('q', 'one two');
});

test('the round trip is shown when it is known', async () => {
  const server: Server = createTestServer<Routes, Pushes>();
  server.handle('room.join', () => ({ members: [] }));
  const client = await play(server);
  root.render(<Game connect={() => Promise.resolve(client)} />);
  await shows('p', 'connected');
  expect(shown('i')).toBe('unknown');
  await client.request('room.join', { name: 'ada' });
  await shows('i', 'known');
});

test('on a server it renders as connecting and connects nowhere', () => {
  const server: Server = createTestServer<Routes, Pushes>();
  expect(renderToString(<Game connect={to(server)} />)).toContain('connecting');
  expect(server.sessions).toHaveLength(0);
});
