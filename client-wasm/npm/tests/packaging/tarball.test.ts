// What is in the tarball, and what is not.

import { readFile } from 'node:fs/promises';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { homedir } from 'node:os';
import { basename, dirname, join, posix, resolve } from 'node:path';

import { expect, inject, test } from 'vitest';

const files = inject('files');
const folder = join(inject('project'), 'node_modules/pitaya-client');
const repository = resolve(import.meta.dirname, '../../../..');

const read = (file: string): Promise<Buffer> => readFile(join(folder, file));
const text = (file: string): Promise<string> => readFile(join(folder, file), 'utf8');
const scripts = files.filter((file) => file.endsWith('.js'));
const typed = ['index', 'inline', 'js', 'node', 'protobuf', 'react', 'testing'];

test('these files and no others', () => {
  const expected = [
    'README.md',
    ...[...typed, 'global', 'inflate', 'trace'].flatMap((name) => [`dist/${name}.js`, `dist/${name}.js.map`]),
    ...[...typed, 'types'].map((name) => `dist/${name}.d.ts`),
    'dist/LICENSE-APACHE',
    'dist/LICENSE-MIT',
    'dist/pitaya-STAMP.wasm',
    'package.json',
  ];
  expect(files.map((file) => file.replace(/-[0-9a-f]{8}\.wasm$/, '-STAMP.wasm'))).toEqual(expected.sort());
});

test('every path that package.json names is there', async () => {
  const { exports, types, unpkg, jsdelivr } = JSON.parse(await text('package.json'));
  const paths = (entry: unknown): string[] => (typeof entry === 'string' ? [entry] : Object.values(entry as object).flatMap(paths));
  for (const path of paths([exports, types, unpkg, jsdelivr])) expect(files).toContain(posix.normalize(path));
});

test('types come first in each entry, and nothing runs at its installation', async () => {
  const { exports, scripts: commands, dependencies, sideEffects } = JSON.parse(await text('package.json'));
  for (const entry of Object.values(exports)) if (typeof entry === 'object') expect(Object.keys(entry as object)[0]).toBe('types');
  expect(Object.keys(commands).filter((name) => /^(pre|post)?(install|prepare)$/.test(name))).toEqual([]);
  expect(dependencies).toBeUndefined();
  expect(sideEffects).toBe(false);
});

test('no file names a folder of the machine that made it', async () => {
  // A home in the root folder has no name of its own.
  const folders = [repository, homedir(), '/.cargo/', '/rustc/', 'node_modules/.'].filter((name) => name !== '/');
  for (const file of files) {
    const bytes = await read(file);
    // Modules travel inside scripts, too, as base64.
    const inside = [...bytes.toString('latin1').matchAll(/[A-Za-z0-9+/]{1000,}={0,2}/g)].map(([code]) => Buffer.from(code, 'base64'));
    for (const part of [bytes, ...inside]) for (const name of folders) expect(part.includes(name), `${file}: ${name}`).toBe(false);
  }
});

test.each(scripts)('the source map of %s leads to sources that it holds', async (file) => {
  const name = /\/\/# sourceMappingURL=(\S+)\s*$/.exec(await text(file))?.[1];
  expect(name).toBe(`${basename(file)}.map`);
  const map = JSON.parse(await text(posix.join(dirname(file), name!)));
  expect(map.sources.length).toBeGreaterThan(0);
  for (const [index, source] of map.sources.entries()) {
    expect(source).toMatch(/^\.\.\/(src|wasm|node_modules\/fflate)\//);
    expect(map.sourcesContent[index], source).toBeTypeOf('string');
  }
});

test('a place in the published script is found in its source', async () => {
  const mark = 'use ws:// or wss://';
  const script = await text('dist/index.js');
  const before = script.slice(0, script.indexOf(mark)).split('\n');
  const payload = JSON.parse(await text('dist/index.js.map')) as SourceMapPayload;
  const entry = new SourceMap(payload).findEntry(before.length - 1, before.at(-1)!.length);
  if (!('originalSource' in entry)) throw new Error('the map does not know the place');
  expect(entry.originalSource).toBe('../src/connect.ts');
  const source = payload.sourcesContent[payload.sources.indexOf(entry.originalSource)]!;
  expect(source.split('\n').slice(entry.originalLine - 1, entry.originalLine + 2).join('\n')).toContain(mark);
});
