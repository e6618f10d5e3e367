// How vitest reads the sources without a build of the package: modules as base64 text, and the names that the build puts in.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { defineConfig } from 'vitest/config';

import { readModule } from './build/stamp.mjs';

const { stamp } = await readModule(join(import.meta.dirname, 'wasm/client_bg.wasm'));

/** What esbuild's base64 loader does. */
const modules = {
  name: 'modules-as-base64',
  enforce: 'pre',
  async load(id) {
    if (!id.endsWith('.wasm')) return undefined;
    return `export default ${JSON.stringify((await readFile(id)).toString('base64'))}`;
  },
};

export default defineConfig({
  plugins: [modules],
  define: { __BUILD__: JSON.stringify(stamp), __WASM__: JSON.stringify('../wasm/client_bg.wasm') },
});
