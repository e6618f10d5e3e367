// Turns the plain module into JavaScript: node build/javascript.mjs <folder of the plain build> <its module>
//
// wasm2js writes a function that makes an instance. The JavaScript of wasm-bindgen finds a class of ours where it would use
// WebAssembly's, so that the product does not mention WebAssembly at all.

import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { build } from 'esbuild';

import { smaller } from './asm/index.mjs';
import { trim } from './trim.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const products = join(root, 'wasm');
const [, , folder, module] = process.argv;
const tool = join(root, 'node_modules/binaryen/bin/wasm2js');
// A module of some ten kilobytes becomes text of some hundred.
const limit = { maxBuffer: 64 * 1024 * 1024 };

const { stdout: text } = await promisify(execFile)(
  process.execPath,
  [tool, module, '-Oz', '--mvp-features', '--enable-mutable-globals'],
  limit,
);
// The text makes an instance as soon as it is imported; ours waits until somebody wants a client.
const from = text.indexOf('\n');
const to = text.indexOf('\nvar retasmFunc = ');
if (!text.startsWith('import * as ') || to < 0) throw new Error('wasm2js writes another form than this script knows');
await writeFile(
  join(folder, 'host.js'),
  `import program from './program.js';
export class Instance {
  constructor(module, imports) {
    this.exports = program(imports);
  }
}
`,
);
const glue = trim(await readFile(join(folder, 'client.js'), 'utf8'));
await writeFile(join(folder, 'program.js'), smaller(text.slice(from, to), (name) => new RegExp(`\\bwasm\\.${name}\\b`).test(glue)));
// Memory that has grown is another buffer. Wasm empties the old one, by which wasm-bindgen knows; JavaScript cannot.
const emptied = /(cached\w+Memory0)\.byteLength === 0/g;
const [, memory] = glue.match(/new Uint8Array\((wasm\.\w+)\.buffer\)/) ?? [];
if (!memory || !emptied.test(glue) || glue.includes('.detached')) throw new Error('wasm-bindgen finds out about grown memory in another way than this script knows');
await writeFile(join(folder, 'glue.js'), glue.replace(emptied, `$1.buffer !== ${memory}.buffer`));
await build({
  stdin: { contents: `export * from './glue.js';`, resolveDir: folder },
  outfile: join(products, 'client_js.js'),
  bundle: true,
  format: 'esm',
  target: 'es2020',
  define: { 'WebAssembly.Instance': 'Instance' },
  inject: [join(folder, 'host.js')],
  logLevel: 'warning',
});
await writeFile(
  join(products, 'client_js.d.ts'),
  `import type { InitOutput } from './client.js';
export * from './client.js';
export function initSync(): InitOutput;
`,
);
