// What a page downloads for a client that connects, requests, notifies, is pushed to and reconnects: the entry and its module.

import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

import { trimmed } from './trim.mjs';
import { gzip, inProject, page, SCRIPT, scripts, weight } from './weigh.mjs';

/**
 * What CI allows for everything, and what is aimed at, in bytes of `gzip -9`. One kB is 1,000 bytes. The parts' goals are how the whole was once
 * divided: what one part saves another may have.
 */
const limits = { page: 18_000, js: 22_000 };
const goals = { wasm: 11_000, glue: 3_000, face: 3_000, page: 17_000, js: 22_000 };

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [files, js] = await inProject(async (project) => [await page(project), await scripts(project, 'connect', 'pitaya-client/js')]);
const script = gzip(files.get(SCRIPT)).length;
const glue = await build({
  stdin: { contents: `export * from './wasm/client.js';`, resolveDir: root },
  bundle: true,
  plugins: [trimmed],
  format: 'esm',
  target: 'es2020',
  minify: true,
  write: false,
});
const sizes = { page: weight(files), js: weight(js), glue: gzip(glue.outputFiles[0].contents).length };
sizes.wasm = sizes.page - script;
// Compressed together with the glue: what is left is the face's own.
sizes.face = script - sizes.glue;

const rows = [
  ['wasm', 'the module'],
  ['glue', "wasm-bindgen's JavaScript"],
  ['face', 'the TypeScript'],
  ['page', 'pitaya-client, all that a page downloads'],
  ['js', 'pitaya-client/js, the same without wasm'],
];
const number = (value) => (value === undefined ? '' : value.toLocaleString('en')).padStart(8);
console.log(`${'bytes, gzip -9'.padEnd(44)}${'size'.padStart(8)}${'goal'.padStart(8)}${'limit'.padStart(8)}`);
for (const [key, name] of rows) {
  const mark = sizes[key] > goals[key] ? '  above the goal' : '';
  console.log(`${name.padEnd(44)}${number(sizes[key])}${number(goals[key])}${number(limits[key])}${mark}`);
}
const above = Object.keys(limits).filter((key) => sizes[key] > limits[key]);
for (const key of above) console.error(`too large: ${rows.find(([row]) => row === key)[1]}`);
process.exitCode = above.length === 0 ? 0 : 1;
