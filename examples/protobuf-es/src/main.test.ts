import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';

import { converse } from './conversation.js';

const folder = await mkdtemp(join(tmpdir(), 'pitaya-'));
let server: ChildProcess | undefined;
after(async () => {
  server?.kill();
  await rm(folder, { recursive: true });
});

/** Where the protobuf server listens. */
async function start(): Promise<string> {
  const program = process.env['PITAYA_CONFORMANCE_SERVER'];
  assert(program, 'PITAYA_CONFORMANCE_SERVER has to name the program pitaya-conformance-server');
  const ports = ['json-ws', 'json-tcp', 'json-tls', 'protobuf-ws', 'protobuf-tcp', 'protobuf-tls'].flatMap((name) => [`--${name}`, '0']);
  const certificate = ['--cert', join(folder, 'cert.pem'), '--key', join(folder, 'key.pem')];
  server = spawn(program, ['--profile', 'sdk', ...ports, ...certificate], { stdio: ['ignore', 'pipe', 'ignore'] });
  for await (const line of createInterface({ input: server.stdout! })) {
    const [, name, address] = line.split(' ');
    if (name === 'protobuf-ws') return `ws://${address}`;
  }
  throw new Error('the server ended before it listened');
}

test('the conversation', async () => {
  const lines: string[] = [];
  await converse(await start(), (line) => lines.push(line));
  assert.deepEqual(lines, [
    "the session's data: THIS IS THE SESSION DATA",
    'set: 200 success',
    'pushed: THIS IS THE SESSION DATA',
    'an error: PIT-404 pitaya/handler: connector.connector.missing not found',
  ]);
});
