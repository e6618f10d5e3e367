import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { expect, inject, test } from 'vitest';

import { heard } from './outcome.js';

test.each(['pitaya-client', 'pitaya-client/inline', 'pitaya-client/js'])('Node, with the sockets of ws: %s', async (entry) => {
  const { stdout } = await promisify(execFile)(process.execPath, ['node.js', entry, inject('url')], { cwd: inject('project') });
  expect(JSON.parse(stdout)).toEqual(heard);
});

test('importing an entry touches nothing of a browser, nor WebAssembly', async () => {
  const entries = ['', '/inline', '/js', '/react', '/testing', '/protobuf'].map((entry) => `pitaya-client${entry}`);
  const program = `
    for (const name of ['WebSocket', 'WebAssembly', 'document', 'window', 'navigator', 'fetch'])
      Object.defineProperty(globalThis, name, { get() { throw new Error(name + ' was touched'); } });
    for (const entry of ${JSON.stringify(entries)}) console.log(Object.keys(await import(entry)).length > 0);`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], { cwd: inject('project') });
  expect(stdout).toBe('true\n'.repeat(entries.length));
});

test('CommonJS programs import it, too', async () => {
  const program = `import('pitaya-client').then(({ connect }) => console.log(typeof connect))`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=commonjs', '-e', program], { cwd: inject('project') });
  expect(stdout).toBe('function\n');
});
