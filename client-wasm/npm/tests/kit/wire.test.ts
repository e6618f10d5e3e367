import { expect, test } from 'vitest';

import type { TraceLine } from '../../src/trace.js';
import { createTestServer, type TestServerOptions } from '../../src/testing.js';
import { deferred, play, type Pushes, type Routes } from './game.js';

/** The lines of a short conversation with a server of these options, from the second frame that goes on. */
async function conversation(options: TestServerOptions, name: string): Promise<TraceLine[]> {
  const server = createTestServer<Routes, Pushes>(options);
  server.handle('room.join', (body, session) => {
    session.push('onLine', { from: body.name, text: 'I am here' });
    return { members: [body.name] };
  });
  const client = await play(server);
  const lines: TraceLine[] = [];
  const answered = deferred<void>();
  client.trace = (line) => {
    lines.push(line);
    if (line.packets.some(({ kind }) => kind === 'response')) answered.resolve();
  };
  await client.request('room.join', { name });
  await answered.promise;
  await client.close();
  return lines;
}

const dictionary = { 'room.join': 1, onLine: 2 };

test('of the family: no extension is granted, every packet is a message of its own', async () => {
  const lines = await conversation({ dictionary, capabilities: [] }, 'ada');
  expect(lines.map(({ direction, text }) => `${direction} ${text}`)).toEqual([
    'out request 1 room.join (code 1) 14 B {"name":"ada"}',
    'in push onLine 33 B {"from":"ada","text":"I am here"}',
    'in response 1 19 B {"members":["ada"]}',
  ]);
});

test('with push-dict the routes of pushes are codes', async () => {
  const lines = await conversation({ dictionary, capabilities: ['push-dict'] }, 'ada');
  expect(lines.flatMap(({ packets }) => packets).find(({ kind }) => kind === 'push')).toMatchObject({ route: 'onLine', code: 2 });
});

test('with compression what is long travels deflated', async () => {
  // Enough routes for the handshake to be shorter deflated as well.
  const long = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`room.number.${index}`, index + 10]));
  const lines = await conversation({ compression: true, dictionary: { ...long, ...dictionary } }, 'a'.repeat(200));
  const packets = lines.flatMap(({ packets: all }) => all);
  expect(packets.filter(({ kind }) => kind === 'push' || kind === 'response').map(({ deflated }) => deflated)).toEqual([true, true]);
  expect(packets.find(({ kind }) => kind === 'request')).toMatchObject({ route: 'room.join', code: 1 });
});

test('a dictionary that contradicts itself is refused at once', () => {
  expect(() => createTestServer({ dictionary: { a: 1, b: 1 } })).toThrow(RangeError);
  expect(() => createTestServer({ dictionary: { a: 65536 } })).toThrow(RangeError);
});

test('the handshake says what the client gave', async () => {
  const server = createTestServer<Routes, Pushes>();
  const client = await play(server, { user: { token: 'a' }, clientInfo: { platform: 'test', version: '2.0', build: '7' } });
  const [session] = server.sessions;
  expect(session?.user).toEqual({ token: 'a' });
  expect(session?.handshake.sys).toMatchObject({ platform: 'test', clientVersion: '2.0', clientBuildNumber: '7' });
  await client.close();
});
