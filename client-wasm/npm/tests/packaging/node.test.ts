import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { expect, inject, test } from 'vitest';

import { heard } from './outcome.js';

test.each(['pitaya-client', 'pitaya-client/inline', 'pitaya-client/js'])('Node, with the sockets of ws: %s', async (entry) => {
  const { stdout } = await promisify(execFile)(process.execPath, ['node.js', entry, inject('url')], { cwd: inject('project') });
  expect(JSON.parse(stdout)).toEqual(heard);
});

test('CommonJS programs import it, too', async () => {
  const program = `import('pitaya-client').then(({ connect }) => console.log(typeof connect))`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=commonjs', '-e', program], { cwd: inject('project') });
  expect(stdout).toBe('function\n');
});
