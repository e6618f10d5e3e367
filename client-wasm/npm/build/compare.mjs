// What a page downloads for each of some game clients, measured alike (build/weigh.mjs). The others are installed into a temporary folder:
// node build/compare.mjs

import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { inProject, page, scripts, weight } from './weigh.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));

/** Package, version, and what a program needs of it. */
const others = [
  ['socket.io-client', '4.8.4', 'io'],
  ['@colyseus/sdk', '0.18.4', 'Client'],
  ['centrifuge', '5.8.0', 'Centrifuge'],
  ['@heroiclabs/nakama-js', '2.8.0', 'Client'],
];

const row = (name, files) => console.log(`| ${name} | ${(weight(files) / 1000).toFixed(1)} kB |`);

await inProject(
  async (project) => {
    console.log(`| package | gzip -9 |\n| --- | --- |`);
    row(`pitaya-client ${version} (script and wasm)`, await page(project));
    row(`pitaya-client/js ${version} (no wasm)`, await scripts(project, 'connect', 'pitaya-client/js'));
    for (const [name, release, needed] of others) row(`${name} ${release}`, await scripts(project, needed, name));
  },
  others.map(([name, release]) => `${name}@${release}`),
);
