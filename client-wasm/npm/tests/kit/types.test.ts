// What the compiler refuses. `npm run typecheck` is the test: it fails where one of these lines is no error.

import { expect, test } from 'vitest';

import { protobuf } from '../../src/protobuf.js';
import { createTestServer } from '../../src/testing.js';
import type { Pushes, Routes } from './game.js';

test('a test server knows the routes, bodies and answers of its maps', () => {
  const server = createTestServer<Routes, Pushes>();
  server.handle('room.join', async ({ name }) => ({ members: [name] }));
  server.handle('room.say', () => undefined);
  server.handle('room.say', () => {});
  // @ts-expect-error no such route
  server.handle('room.leave', () => undefined);
  // @ts-expect-error no such member of the body
  server.handle('room.join', ({ nick }) => ({ members: [nick] }));
  // @ts-expect-error another answer
  server.handle('room.join', ({ name }) => ({ member: name }));
  // @ts-expect-error no answer
  server.handle('room.join', () => undefined);
  // @ts-expect-error no such push
  server.broadcast('onLeave', {});
  // @ts-expect-error another body
  server.broadcast('onLine', { text: 'x' });
  // @ts-expect-error another body
  server.handle('room.join', ({ name }, session) => (session.push('onLine', { who: name }), { members: [] }));
  // @ts-expect-error no such extension
  createTestServer({ capabilities: ['teleport'] });
});

test('without maps everything goes', () => {
  const server = createTestServer();
  server.handle('any.route', (body) => body.member);
  server.broadcast('any', 1);
  expect(server.sessions).toEqual([]);
});

test('a protobuf codec wants a schema of its message for each route', () => {
  type Line = { $typeName: 'room.Line'; text: string };
  type Maps = [{ 'room.say': { req: Line; res: undefined } }, { onLine: Line }];
  const line = { typeName: 'room.Line' } as const;
  const other = { typeName: 'room.Other' } as const;
  const library = { toBinary: () => new Uint8Array(), fromBinary: () => undefined };
  protobuf<Maps[0], Maps[1]>({ routes: { 'room.say': { req: line } }, pushes: { onLine: line } }, library);
  // @ts-expect-error another message
  protobuf<Maps[0], Maps[1]>({ routes: { 'room.say': { req: other } }, pushes: { onLine: line } }, library);
  // @ts-expect-error a push is missing
  protobuf<Maps[0], Maps[1]>({ routes: { 'room.say': { req: line } }, pushes: {} }, library);
  // @ts-expect-error a route is missing
  protobuf<Maps[0], Maps[1]>({ routes: {}, pushes: { onLine: line } }, library);
});
