import { create, createFileRegistry, type DescMessage } from '@bufbuild/protobuf';
import * as library from '@bufbuild/protobuf';
import { FieldDescriptorProto_Label, FieldDescriptorProto_Type, FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';

import { connect } from '../../src/inline.js';
import { protobuf } from '../../src/protobuf.js';
import { createTestServer, ServerFault } from '../../src/testing.js';

/** A message with these fields, as the descriptor of a file says it. */
function message(name: string, fields: Record<string, FieldDescriptorProto_Type>) {
  const field = Object.entries(fields).map(([known, type], index) => ({ name: known, number: index + 1, type, label: FieldDescriptorProto_Label.OPTIONAL }));
  return { name, field };
}

const { STRING, INT32 } = FieldDescriptorProto_Type;
const file = create(FileDescriptorProtoSchema, {
  name: 'connector.proto',
  package: 'connector',
  syntax: 'proto3',
  messageType: [message('SessionData', { data: STRING }), message('Response', { code: INT32, msg: STRING })],
});
const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: [file] }));
const schema = (name: string): DescMessage => registry.getMessage(`connector.${name}`)!;

type SessionData = { data: string };
type Response = { code: number; msg: string };
interface Routes {
  'connector.getsessiondata': { req: undefined; res: SessionData };
  'connector.setsessiondata': { req: SessionData; res: Response };
  'connector.notifysessiondata': { req: SessionData; res: undefined };
  'connector.missing': { req: undefined; res: Response };
}
interface Pushes {
  'some.push.route': SessionData;
}

const codec = protobuf<Routes, Pushes>(
  {
    routes: {
      'connector.getsessiondata': { res: schema('SessionData') },
      'connector.setsessiondata': { req: schema('SessionData'), res: schema('Response') },
      'connector.notifysessiondata': { req: schema('SessionData') },
      'connector.missing': { res: schema('Response') },
    },
    pushes: { 'some.push.route': schema('SessionData') },
  },
  library,
);

/** The protobuf listener of the conformance server, which ends with the test. */
async function conformance(): Promise<string> {
  const program = process.env['PITAYA_CONFORMANCE_SERVER'];
  if (program === undefined) throw new Error('PITAYA_CONFORMANCE_SERVER has to name the program pitaya-conformance-server');
  const ports = ['json-ws', 'json-tcp', 'json-tls', 'protobuf-ws', 'protobuf-tcp', 'protobuf-tls'].flatMap((name) => [`--${name}`, '0']);
  const folder = await mkdtemp(join(tmpdir(), 'pitaya-'));
  const certificate = ['--cert', join(folder, 'cert.pem'), '--key', join(folder, 'key.pem')];
  const server = spawn(program, ['--profile', 'sdk', ...ports, ...certificate], { stdio: ['ignore', 'pipe', 'ignore'] });
  onTestFinished(async () => {
    server.kill();
    await rm(folder, { recursive: true });
  });
  for await (const line of createInterface({ input: server.stdout })) {
    const [, name, address] = line.split(' ');
    if (name === 'protobuf-ws') return `ws://${address}`;
  }
  throw new Error('the server ended before it listened');
}

test('protobuf-es talks to a protobuf server', async () => {
  const client = await connect<Routes, Pushes>(await conformance(), { codec, WebSocket });
  expect(client.state).toEqual({ kind: 'connected', serializer: 'protobuf' });
  expect(await client.request('connector.getsessiondata')).toMatchObject({ data: 'THIS IS THE SESSION DATA' });
  expect(await client.request('connector.setsessiondata', { data: 'äöü' })).toMatchObject({ code: 200, msg: 'success' });
  const pushed = new Promise((resolve) => client.once('some.push.route', resolve));
  await client.notify('connector.notifysessiondata', { data: 'now' });
  expect(await pushed).toMatchObject({ $typeName: 'connector.SessionData', data: 'THIS IS THE SESSION DATA' });
  await expect(client.request('connector.missing')).rejects.toMatchObject({
    name: 'ServerError',
    code: 'PIT-404',
    message: 'pitaya/handler: connector.connector.missing not found',
  });
  await client.close();
});

test('the same codec serves a test server', async () => {
  const server = createTestServer<Routes, Pushes>({ codec: codec.server });
  server.handle('connector.setsessiondata', ({ data }, session) => {
    if (data === '') throw new ServerFault('EMPTY', 'nothing to set', { field: 'data' });
    session.push('some.push.route', { data });
    return { code: 201, msg: data };
  });
  const client = await connect<Routes, Pushes>('ws://test', { codec, WebSocket: server.WebSocket });
  const pushed = new Promise((resolve) => client.once('some.push.route', resolve));
  expect(await client.request('connector.setsessiondata', { data: 'x' })).toMatchObject({ code: 201, msg: 'x' });
  expect(await pushed).toMatchObject({ data: 'x' });
  await expect(client.request('connector.setsessiondata', { data: '' })).rejects.toMatchObject({ code: 'EMPTY', metadata: { field: 'data' } });
  await client.close();
});

test('a message of the library travels as it is', () => {
  const made = create(schema('SessionData'), { data: 'a' });
  expect(codec.encode('connector.setsessiondata', made)).toEqual(codec.encode('connector.setsessiondata', { data: 'a' }));
});

test('a body without schema is refused, bytes are not', () => {
  expect(() => codec.encode('connector.missing', { data: 'a' })).toThrow('no schema');
  expect(codec.encode('connector.missing', Uint8Array.of(1))).toEqual(Uint8Array.of(1));
  expect(codec.decode('constructor', Uint8Array.of(1), 'push')).toEqual(Uint8Array.of(1));
});
