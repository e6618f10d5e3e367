import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Scripts, style and the client's WebAssembly go to /assets, each with a hash in its name: chat-server lets browsers keep those.
  // The largest file is the client's `trace`, for programmers: this page never loads it.
  build: { target: 'es2022', sourcemap: true, chunkSizeWarningLimit: 1_500 },
  // `npm run dev` serves the page anew after every change; the game stays with a chat-server that runs beside it.
  server: { proxy: { '/ws': { target: 'ws://127.0.0.1:3262', ws: true } } },
  // A test starts programs and browsers. How long that takes is nothing that it tests.
  test: { dir: 'tests', globalSetup: 'tests/binaries.ts', testTimeout: 180_000, hookTimeout: 180_000, fileParallelism: false },
});
