import { copyFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { build } from 'esbuild';
import { expect, inject, test } from 'vitest';

import { outcomeOf, useChromium } from './chromium.js';
import { heard } from './outcome.js';
import { serve } from './site.js';

const project = inject('project');
const files = { '/page.html': '<!doctype html><link rel="icon" href="data:,"><script type="module" src="/main.js"></script>' };

useChromium();

const visit = (address: string): Promise<unknown> => outcomeOf(`${address}page.html`);

/** Bundles the project; what is only loaded to trace frames stays apart. */
async function bundle(name: string, alias: Record<string, string> = {}): Promise<string> {
  const outdir = join(project, name);
  const { warnings } = await build({ entryPoints: [join(project, 'main.js')], bundle: true, splitting: true, minify: true, format: 'esm', outdir, alias, logLevel: 'silent' });
  expect(warnings).toEqual([]);
  expect((await stat(join(outdir, 'main.js'))).size).toBeLessThan(100_000);
  return outdir;
}

test("esbuild's bundle, with the module copied beside it", async () => {
  const folder = await bundle('esbuild');
  const dist = join(project, 'node_modules/pitaya-client/dist');
  const module = (await readdir(dist)).find((name) => name.endsWith('.wasm'))!;
  await copyFile(join(dist, module), join(folder, module));
  expect(await serve({ folder, files }, visit)).toEqual(heard);
});

test("esbuild's bundle of the entry with the module inside needs no file beside it", async () => {
  const folder = await bundle('esbuild-inline', { 'pitaya-client': 'pitaya-client/inline' });
  expect(await serve({ folder, files }, visit)).toEqual(heard);
});
