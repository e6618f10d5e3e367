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

/** The address in the README's starts. */
const local = 'ws://127.0.0.1:3250';

/** The blocks in a language that hold a text, with the test's server. */
function starts(language: string, text: string): string[] {
  const blocks = [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'gm'))].map(([, code]) => code!);
  return blocks.filter((code) => code.includes(text)).map((code) => code.replace(local, inject('url')));
}

test('as script tags', async () => {
  await cp(join(folder, 'node_modules/pitaya-client/dist'), join(folder, 'pitaya'), { recursive: true });
  const pages = starts('html', local);
  expect(pages).toHaveLength(2);
  for (const page of pages) {
    const told = page.replace('console.log', 'tell');
    const files = { '/page.html': `<!doctype html><link rel="icon" href="data:,"><script>const tell = (value) => (globalThis.outcome = value);</script>${told}` };
    expect(await serve({ folder, files }, (address) => outcomeOf(`${address}page.html`)), page).toEqual(answer);
  }
});

test('in Node', async () => {
  const programs = starts('ts', local);
  expect(programs).toHaveLength(1);
  const tell = 'function tell(value) { console.log(JSON.stringify(value)); }';
  await writeFile(join(folder, 'start.js'), `${programs[0]!.replace('console.log', 'tell')}\n${tell}\n`);
  const { stdout } = await promisify(execFile)(process.execPath, ['start.js'], { cwd: folder });
  expect(JSON.parse(stdout)).toEqual(answer);
});

test("as a test of one's own", async () => {
  const tests = starts('ts', "from 'vitest'");
  expect(tests).toHaveLength(1);
  await writeFile(join(folder, 'start.test.ts'), tests[0]!);
  const vitest = join(folder, 'node_modules/vitest/vitest.mjs');
  const { stdout } = await promisify(execFile)(process.execPath, [vitest, 'run', '--no-color', '--root', folder], { cwd: folder });
  expect(stdout).toMatch(/Tests +1 passed/);
});
