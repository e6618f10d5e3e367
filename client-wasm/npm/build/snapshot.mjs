// Compares the declarations in dist, which are the package's public types, with those in api, which are committed.
// `npm run types:bless` takes over what changed on purpose: the commit then shows it.

import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const ending = '.d.ts';

async function declarations(folder) {
  const names = await readdir(join(root, folder)).catch(() => []);
  const found = new Map();
  for (const name of names.filter((name) => name.endsWith(ending)).sort()) {
    found.set(name, await readFile(join(root, folder, name), 'utf8'));
  }
  return found;
}

/** The first line that two texts do not share. */
function difference(before, after) {
  const [old, made] = [before.split('\n'), after.split('\n')];
  const at = made.findIndex((line, index) => line !== old[index]);
  const index = at < 0 ? made.length : at;
  return `line ${index + 1}\n  - ${old[index] ?? ''}\n  + ${made[index] ?? ''}`;
}

const made = await declarations('dist');
if (made.size === 0) throw new Error('there are no declarations in dist: run `cargo xtask wasm`');

if (process.argv.includes('--bless')) {
  await rm(join(root, 'api'), { recursive: true, force: true });
  await mkdir(join(root, 'api'));
  for (const [name, text] of made) await writeFile(join(root, 'api', name), text);
} else {
  const before = await declarations('api');
  const faults = [];
  for (const name of new Set([...before.keys(), ...made.keys()])) {
    const [old, now] = [before.get(name), made.get(name)];
    if (old === undefined) faults.push(`${name} is new`);
    else if (now === undefined) faults.push(`${name} is gone`);
    else if (old !== now) faults.push(`${name} differs from ${difference(old, now)}`);
  }
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) {
    console.error('The public types changed. On purpose? Then run `npm run types:bless`, look at what changed in api, and commit it.');
    process.exitCode = 1;
  }
}
