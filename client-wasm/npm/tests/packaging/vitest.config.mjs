// The packaging tests need neither the sources nor their modules: they look at the package as others get it.

import { join } from 'node:path';

import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    dir: import.meta.dirname,
    globalSetup: join(import.meta.dirname, 'setting.mjs'),
    // Bundlers and browsers start here, on machines that do other things as well.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
