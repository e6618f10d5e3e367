// What a page downloads for each of some game clients, measured alike: bundled and minified by esbuild, `gzip -9`, with the files that are loaded
// beside the bundle in order to connect. The others are installed into a temporary folder: node build/compare.mjs

import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';

import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');
const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));

/** Package, version, and what a program needs of it. */
const others = [
  ['socket.io-client', '4.8.4', 'io'],
  ['@colyseus/sdk', '0.18.4', 'Client'],
  ['centrifuge', '5.8.0', 'Centrifuge'],
  ['@heroiclabs/nakama-js', '2.8.0', 'Client'],
];

async function bundled(code, resolveDir) {
  const stdin = { contents: code, resolveDir };
  const { outputFiles } = await build({ stdin, bundle: true, minify: true, format: 'esm', target: 'es2020', write: false, external: ['./inflate.js', './trace.js'], logLevel: 'error' });
  return outputFiles[0].contents;
}

const gzip = (bytes) => gzipSync(bytes, { level: 9 }).length;
const row = (name, bytes) => console.log(`| ${name} | ${(bytes / 1000).toFixed(1)} kB |`);

const folder = await mkdtemp(join(tmpdir(), 'pitaya-compare-'));
try {
  await writeFile(join(folder, 'package.json'), '{"private": true}');
  const names = others.map(([name, release]) => `${name}@${release}`);
  await promisify(execFile)('npm', ['install', '--ignore-scripts', ...names], { cwd: folder, shell: process.platform === 'win32' });
  const module = (await readdir(dist)).find((name) => name.endsWith('.wasm'));
  console.log(`| package | gzip -9 |\n| --- | --- |`);
  const page = gzip(await bundled(`export { connect } from './index.js';`, dist)) + gzip(await readFile(join(dist, module)));
  row(`pitaya-client ${version} (script and wasm)`, page);
  row(`pitaya-client/js ${version} (no wasm)`, gzip(await bundled(`export { connect } from './js.js';`, dist)));
  for (const [name, release, needed] of others) row(`${name} ${release}`, gzip(await bundled(`export { ${needed} } from '${name}';`, folder)));
} finally {
  await rm(folder, { recursive: true, force: true });
}
