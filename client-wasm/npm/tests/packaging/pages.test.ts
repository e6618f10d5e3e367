// Pages that need no bundler: they name the package's files.

import { expect, inject, test } from 'vitest';

import { outcomeOf, useChromium } from './chromium.js';
import { heard } from './outcome.js';
import { serve } from './site.js';

const folder = inject('project');
const dist = '/node_modules/pitaya-client/dist';

useChromium();

const page = (body: string): Record<string, string> => ({ '/page.html': `<!doctype html><link rel="icon" href="data:,">${body}` });
const visit = (address: string): Promise<unknown> => outcomeOf(`${address}page.html`);
const mapped = (entry: string): Record<string, string> =>
  page(`<script type="importmap">{"imports": {"pitaya-client": "${dist}/${entry}.js"}}</script><script type="module" src="/main.js"></script>`);

test.each(['index', 'inline', 'js'])('a script of type module and an import map: %s', async (entry) => {
  expect(await serve({ folder, files: mapped(entry) }, visit)).toEqual(heard);
});

test('a classic script, which makes a global', async () => {
  const files = page(`<script src="${dist}/global.js"></script>
    <script type="module">import { talk } from '/talk.js'; globalThis.outcome = talk(pitaya.connect, location.hash.slice(1));</script>`);
  expect(await serve({ folder, files }, visit)).toEqual(heard);
});

test('a worker', async () => {
  const files = { '/worker.js': `import { connect } from '${dist}/index.js'; import { talk } from '/talk.js'; onmessage = async ({ data }) => postMessage(await talk(connect, data));` };
  expect(await serve({ folder, files }, (address) => outcomeOf(`${address}worker.html`))).toEqual(heard);
});

test('a policy that allows scripts of the page alone: js', async () => {
  const files = {
    ...page('<script type="module" src="/strict.js"></script>'),
    '/strict.js': `import { connect } from '${dist}/js.js'; import { talk } from '/talk.js'; globalThis.outcome = talk(connect, location.hash.slice(1));`,
  };
  const headers = { 'content-security-policy': "script-src 'self'" };
  expect(await serve({ folder, files, headers }, visit)).toEqual(heard);
});

test('the same policy and wasm: the error is typed', async () => {
  const files = {
    ...page('<script type="module" src="/strict.js"></script>'),
    '/strict.js': `import { connect } from '${dist}/index.js'; import { talk } from '/talk.js'; globalThis.outcome = talk(connect, location.hash.slice(1));`,
  };
  const headers = { 'content-security-policy': "script-src 'self'" };
  expect(await serve({ folder, files, headers }, visit)).toMatchObject({ name: 'ConnectError', code: 'module' });
});
