// The declarations of the package's entries: what they share is in one file, and nothing private is in them.

import { join } from 'node:path';

import { rollup } from 'rollup';
import { dts } from 'rollup-plugin-dts';

export async function bundleTypes(root, entries, folder) {
  const bundle = await rollup({
    input: entries.map((entry) => join(root, 'src', entry)),
    external: [/^node:/, 'react', 'pitaya-client'],
    plugins: [dts({ tsconfig: join(root, 'tsconfig.json') })],
  });
  await bundle.write({ dir: folder, format: 'es', chunkFileNames: 'types.d.ts', entryFileNames: '[name].d.ts' });
  await bundle.close();
}
