// What becomes of the module's file on its way to the page.

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, inject, test } from 'vitest';

import { outcomeOf, useChromium } from './chromium.js';
import { heard } from './outcome.js';
import { serve } from './site.js';

const folder = inject('project');
const dist = '/node_modules/pitaya-client/dist';
const name = (await readdir(join(folder, dist))).find((file) => file.endsWith('.wasm'))!;
const path = `${dist}/${name}`;
const files = {
  '/page.html': `<!doctype html><link rel="icon" href="data:,">
    <script type="importmap">{"imports": {"pitaya-client": "${dist}/index.js"}}</script><script type="module" src="/main.js"></script>`,
};

useChromium();

const visit = (address: string): Promise<unknown> => outcomeOf(`${address}page.html`);

test.each(['text/plain', 'application/octet-stream', ''])('it loads with the MIME type "%s"', async (type) => {
  expect(await serve({ folder, files, types: { '.wasm': type } }, visit)).toEqual(heard);
});

test('it loads where the page may run nothing that a MIME type does not say', async () => {
  const headers = { 'x-content-type-options': 'nosniff' };
  expect(await serve({ folder, files, headers, types: { '.wasm': 'text/plain' } }, visit)).toEqual(heard);
});

test('the module of another build is told', async () => {
  const bytes = await readFile(join(folder, path));
  const stamp = name.slice('pitaya-'.length, -'.wasm'.length);
  const at = bytes.indexOf(stamp);
  expect(at).toBeGreaterThan(0);
  bytes.write(stamp.split('').reverse().join(''), at);
  const outcome = await serve({ folder, files: { ...files, [path]: bytes } }, visit);
  expect(outcome).toMatchObject({ name: 'ConnectError', code: 'build', retryable: false, message: expect.stringContaining(name) });
});

test('a page that comes in its place is told', async () => {
  const outcome = await serve({ folder, files: { ...files, [path]: '<!doctype html>' } }, visit);
  expect(outcome).toMatchObject({ name: 'ConnectError', code: 'module', message: expect.stringContaining('cannot be loaded') });
});

test('a file that is not there is told', async () => {
  const moved = files['/page.html'].replace('index.js', 'moved.js');
  const text = (await readFile(join(folder, dist, 'index.js'), 'utf8')).replace(name, 'nowhere.wasm');
  const outcome = await serve({ folder, files: { '/page.html': moved, [`${dist}/moved.js`]: text } }, visit);
  expect(outcome).toMatchObject({ name: 'ConnectError', code: 'module', retryable: true, message: expect.stringContaining('nowhere.wasm: 404') });
});
