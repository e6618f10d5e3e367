// What a page downloads for a package, the same for ours and for others: the package installed as its tarball, bundled by esbuild and minified by swc as a
// page's owner would, and each file with `gzip -9`. The page's own code is not in the bundle, which exports what the page calls.

import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';

import { minify } from '@swc/core';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The entry's file of a bundle. */
export const SCRIPT = 'client.js';

/** Bytes as a server sends them. */
export const gzip = (bytes) => gzipSync(bytes, { level: 9 });

const npm = async (folder, ...args) => (await promisify(execFile)('npm', args, { cwd: folder, shell: process.platform === 'win32' })).stdout;

/**
 * A project that has installed this package as others get it, while `use` runs.
 *
 * @param packages others to install beside it, as `name@version`: they are downloaded
 */
export async function inProject(use, packages = []) {
  // Under its true name: on some systems the folder for temporary files is a link, and bundlers follow links.
  const project = await realpath(await mkdtemp(join(tmpdir(), 'pitaya-weigh-')));
  try {
    await writeFile(join(project, 'package.json'), '{"private": true}');
    const [{ filename }] = JSON.parse(await npm(root, 'pack', '--json', '--ignore-scripts', '--pack-destination', project));
    const from = packages.length > 0 ? [] : ['--offline'];
    await npm(project, 'install', ...from, '--ignore-scripts', '--no-package-lock', `./${filename}`, ...packages);
    return await use(project);
  } finally {
    await rm(project, { recursive: true, force: true });
  }
}

/** The files that a page downloads for one name of a package, by name. What is loaded later, on demand, is not among them. */
export async function scripts(project, name, specifier) {
  const { metafile, outputFiles } = await build({
    stdin: { contents: `export { ${name} } from '${specifier}';`, resolveDir: project },
    absWorkingDir: project,
    outdir: 'bundle',
    entryNames: 'entry',
    bundle: true,
    splitting: true,
    minifySyntax: true,
    format: 'esm',
    target: 'es2020',
    write: false,
    metafile: true,
    logLevel: 'error',
  });
  const found = new Map();
  const take = (path) => {
    const file = path.slice('bundle/'.length);
    const output = file === 'entry.js' ? SCRIPT : file;
    if (found.has(output)) return;
    found.set(output, outputFiles.find((candidate) => candidate.path === join(project, path)).contents);
    for (const { kind, path: other } of metafile.outputs[path].imports) if (kind === 'import-statement') take(other);
  };
  take('bundle/entry.js');
  for (const [file, text] of found) {
    const { code } = await minify(Buffer.from(text).toString(), { ecma: 2020, module: true, compress: { passes: 3 }, mangle: true });
    found.set(file, Buffer.from(code));
  }
  return found;
}

/** The files that a page downloads for `connect` of pitaya-client: the script, and the module that it loads. */
export async function page(project) {
  const files = await scripts(project, 'connect', 'pitaya-client');
  const dist = join(project, 'node_modules/pitaya-client/dist');
  const module = (await readdir(dist)).find((file) => file.endsWith('.wasm'));
  return files.set(module, await readFile(join(dist, module)));
}

/** What files weigh together. */
export const weight = (files) => [...files.values()].reduce((sum, bytes) => sum + gzip(bytes).length, 0);
