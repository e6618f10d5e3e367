import { join } from 'node:path';

import { build, createServer, preview } from 'vite';
import { expect, inject, test } from 'vitest';

import { outcomeOf, useChromium } from './chromium.js';
import { heard } from './outcome.js';

const root = inject('project');
const usual = { root, configFile: false, logLevel: 'warn', clearScreen: false } as const;
const local = { host: '127.0.0.1', port: 0 };

useChromium();

test("Vite's development server, in a page and in a worker", async () => {
  const server = await createServer({ ...usual, server: local });
  try {
    await server.listen();
    const address = server.resolvedUrls!.local[0]!;
    expect(await outcomeOf(address)).toEqual(heard);
    expect(await outcomeOf(`${address}worker.html`)).toEqual(heard);
  } finally {
    await server.close();
  }
});

test("Vite's build, in a page and in a worker", async () => {
  const input = [join(root, 'index.html'), join(root, 'worker.html')];
  await build({ ...usual, build: { outDir: join(root, 'vite'), rolldownOptions: { input } } });
  const server = await preview({ ...usual, build: { outDir: join(root, 'vite') }, preview: local });
  try {
    const address = server.resolvedUrls!.local[0]!;
    expect(await outcomeOf(address)).toEqual(heard);
    expect(await outcomeOf(`${address}worker.html`)).toEqual(heard);
  } finally {
    await server.close();
  }
});
