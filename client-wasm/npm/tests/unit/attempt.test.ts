import { expect, test, vi } from 'vitest';

import { attempt } from '../../src/attempt.js';
import { PlayedSocket, settled } from './peer.js';

/** What is told when it opens, fails, receives a message, and closes. */
const news = () => [vi.fn(), vi.fn(), vi.fn(), vi.fn()] as const;

test.each(['opened', 'failed', 'closed'])('of an attempt that is dropped nothing is told, though it has %s', async (how) => {
  PlayedSocket.made = [];
  let ask!: () => void;
  const asked = new Promise<void>((resolve) => (ask = resolve));
  const told = news();
  const dropped = attempt('ws://a.example', { WebSocket: PlayedSocket }, () => new Uint8Array(), asked, ...told);
  await settled();
  const [socket] = PlayedSocket.made as [PlayedSocket];
  if (how !== 'failed') socket.onopen?.({});
  if (how !== 'opened') socket.onclose?.({ code: 1006, reason: '' });
  dropped.drop_(1000, '');
  ask();
  await settled();
  for (const tell of told) expect(tell).not.toHaveBeenCalled();
  await dropped.gone_;
});

test('a user that comes after the end opens no socket', async () => {
  PlayedSocket.made = [];
  let come!: (user: object) => void;
  const user = (): Promise<object> => new Promise((resolve) => (come = resolve));
  const dropped = attempt('ws://a.example', { WebSocket: PlayedSocket, user }, () => new Uint8Array(), Promise.resolve(), ...news());
  await settled();
  dropped.drop_(1000, '');
  come({});
  await settled();
  expect(PlayedSocket.made).toEqual([]);
  await dropped.gone_;
});

test('a socket that closes without saying how', async () => {
  PlayedSocket.made = [];
  const told = news();
  attempt('ws://a.example', { WebSocket: PlayedSocket }, () => new Uint8Array(), Promise.resolve(), ...told);
  await settled();
  const [socket] = PlayedSocket.made as [PlayedSocket];
  socket.onopen?.(undefined);
  socket.onerror?.(undefined);
  socket.onclose?.(undefined);
  await settled();
  expect(told[3]).toHaveBeenCalledWith(1006, '');
});
