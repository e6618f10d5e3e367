// The compiler reads the package's types as a consumer does.

import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

import { expect, inject, test } from 'vitest';

const project = inject('project');
const compiler = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
const repository = resolve(import.meta.dirname, '../../../..');

/** What the compiler says of files of the project. */
async function faults(files: string[], ...options: string[]): Promise<string> {
  const usual = ['--noEmit', '--strict', '--target', 'es2022', '--jsx', 'react-jsx', '--ignoreConfig'];
  const run = promisify(execFile)(process.execPath, [compiler, ...usual, ...options, ...files], { cwd: project });
  return run.then(
    ({ stdout }) => stdout,
    ({ stdout, stderr }) => `${stdout}${stderr}`,
  );
}

const bundler = ['--module', 'esnext', '--moduleResolution', 'bundler'];
const nodenext = ['--module', 'nodenext', '--moduleResolution', 'nodenext'];

test.each([
  ['bundler', bundler],
  ['nodenext', nodenext],
])('a strict consumer under %s', async (_, options) => {
  expect(await faults(['types/consumer.ts'], ...options, '--skipLibCheck')).toBe('');
});

test('the declarations are checked themselves, and need no library but those of the platform', async () => {
  expect(await faults(['types/platform.ts'], ...bundler, '--lib', 'es2022,dom', '--skipLibCheck', 'false')).toBe('');
});

/** The blocks of TypeScript in a text. */
function blocks(text: string): { language: string; code: string }[] {
  return [...text.matchAll(/^```(tsx?)\n([^]*?)^```$/gm)].map(([, language, code]) => ({ language: language!, code: code! }));
}

test('every program that the README and the book show', async () => {
  const pages = { readme: 'client-wasm/npm/README.md', book: 'docs/src/guide/browser-client.md' };
  const files: string[] = [];
  for (const [name, page] of Object.entries(pages)) {
    const shown = blocks(await readFile(join(repository, page), 'utf8'));
    expect(shown.length, page).toBeGreaterThan(0);
    for (const [index, { language, code }] of shown.entries()) {
      const file = `types/${name}-${index + 1}.${language}`;
      // A module, also where it imports nothing.
      await writeFile(join(project, file), `${code}\nexport {};\n`);
      files.push(file);
    }
  }
  expect(await faults([...files, 'types/context.d.ts'], ...bundler, '--skipLibCheck')).toBe('');
});
