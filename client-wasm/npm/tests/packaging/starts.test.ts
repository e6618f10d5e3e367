// The README's starts run as they are printed, but for the server's address and for where they print.

import { execFile } from 'node:child_process';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

import { expect, inject, test } from 'vitest';

import { outcomeOf, useChromium } from './chromium.js';
import { serve } from './site.js';

const folder = inject('project');
const readme = await readFile(resolve(import.meta.dirname, '../../README.md'), 'utf8');
const answer = { Data: { ipversion: 'ipv4' } };

useChromium();

/** The blocks in a language that name a server of this machine, which then is the test's. */
function starts(language: string): string[] {
  const blocks = [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'gm'))].map(([, code]) => code!);
  const local = /ws:\/\/127\.0\.0\.1:3250/;
  return blocks.filter((code) => local.test(code)).map((code) => code.replace(local, inject('url')));
}

test('as script tags', async () => {
  await cp(join(folder, 'node_modules/pitaya-client/dist'), join(folder, 'pitaya'), { recursive: true });
  const pages = starts('html');
  expect(pages).toHaveLength(2);
  for (const page of pages) {
    const told = page.replace('console.log', 'tell');
    const files = { '/page.html': `<!doctype html><link rel="icon" href="data:,"><script>const tell = (value) => (globalThis.outcome = value);</script>${told}` };
    expect(await serve({ folder, files }, (address) => outcomeOf(`${address}page.html`)), page).toEqual(answer);
  }
});

test('in Node', async () => {
  const programs = starts('ts');
  expect(programs).toHaveLength(1);
  const tell = 'function tell(value) { console.log(JSON.stringify(value)); }';
  await writeFile(join(folder, 'start.js'), `${programs[0]!.replace('console.log', 'tell')}\n${tell}\n`);
  const { stdout } = await promisify(execFile)(process.execPath, ['start.js'], { cwd: folder });
  expect(JSON.parse(stdout)).toEqual(answer);
});
