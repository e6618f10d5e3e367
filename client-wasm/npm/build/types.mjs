// The declarations of the package's entries: what they share is in one file, and nothing private is in them.

import { join } from 'node:path';

import { rollup } from 'rollup';
import { dts } from 'rollup-plugin-dts';

export async function bundleTypes(root, entries, folder) {
  const input = entries.map((entry) => join(root, 'src', entry));
  const bundle = await rollup({
    input,
    external: [/^node:/, 'react', 'pitaya-client'],
    plugins: [dts({ tsconfig: join(root, 'tsconfig.json') })],
  });
  const manualChunks = (file) => (input.includes(file) ? undefined : 'types');
  // `AsyncDisposable` is younger than the libraries that consumers may have chosen.
  const banner = ({ name }) => (name === 'types' ? '/// <reference lib="esnext.disposable" />' : '');
  await bundle.write({ dir: folder, format: 'es', banner, manualChunks, minifyInternalExports: false, chunkFileNames: '[name].d.ts', entryFileNames: '[name].d.ts' });
  await bundle.close();
}
