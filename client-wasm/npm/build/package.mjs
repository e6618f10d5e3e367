// Builds dist from src and from the modules in wasm, which `cargo xtask wasm` makes and then calls this.

import { access, copyFile, mkdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

import { extras, faces, lazy, script } from './entries.mjs';
import { shrink } from './shrink.mjs';
import { readModule } from './stamp.mjs';
import { trimmed } from './trim.mjs';
import { bundleTypes } from './types.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const source = join(root, 'src');
const products = join(root, 'wasm');
// Put in place as a whole at the end: a build that fails leaves the old files, and nobody reads half of the new ones.
const made = join(root, 'dist.new');
const dist = join(root, 'dist');

const { stamp } = await readModule(join(products, 'client_bg.wasm'));
const wasm = `pitaya-${stamp}.wasm`;

/** A part that is loaded lazily is a file beside the one that asks for it. */
const lazyParts = (apart) => ({
  name: 'lazy-parts',
  setup(build) {
    build.onResolve({ filter: /^\.\// }, ({ kind, path }) => {
      const name = basename(path).replace(/\.[jt]s$/, '');
      return kind === 'dynamic-import' && apart.includes(name) ? { path: `./${name}.js`, external: true } : undefined;
    });
  },
});

// One table of short names for all files, as objects of one may be used by another.
let names = {};

async function bundle(entries, options) {
  if (entries.length === 0) return;
  const result = await build({
    entryPoints: entries.map((entry) => join(source, entry)),
    outdir: made,
    absWorkingDir: root,
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2020',
    minify: true,
    sourcemap: true,
    legalComments: 'none',
    // Names that end with an underscore are private by convention (CONTRIBUTING.md).
    mangleProps: /[^_]_$/,
    mangleCache: names,
    define: { __BUILD__: JSON.stringify(stamp), __WASM__: JSON.stringify(`./${wasm}`), 'process.env.NODE_ENV': '"production"' },
    loader: { '.wasm': 'base64' },
    external: ['react', 'pitaya-client'],
    plugins: [trimmed, lazyParts(lazy)],
    logLevel: 'warning',
    metafile: true,
    ...options,
  });
  names = result.mangleCache;
  const written = Object.keys(result.metafile.outputs).filter((file) => file.endsWith('.js'));
  await Promise.all(written.map((file) => shrink(join(root, file))));
}

const exists = (path) => access(path).then(() => true, () => false);

/** The file of an entry; a build for development has no module without wasm, and so no `js`. */
async function files(entries) {
  const found = [];
  for (const entry of entries) {
    if (entry === 'js' && !(await exists(join(products, 'client_js.js')))) continue;
    for (const ending of ['ts', 'tsx']) {
      if (await exists(join(source, `${entry}.${ending}`))) found.push(`${entry}.${ending}`);
    }
  }
  return found;
}

const browser = [...faces.filter((entry) => entry !== 'node'), ...extras];
const types = await files([...faces, ...extras]);

await rm(made, { recursive: true, force: true });
await mkdir(made, { recursive: true });
await bundle(await files([...browser, ...lazy]));
await bundle(await files(['node']), { platform: 'node' });
// The classic script is one file; only the tools that trace frames stay apart, as they are large.
await bundle(await files([script]), { format: 'iife', globalName: 'pitaya', plugins: [trimmed, lazyParts(['trace'])] });
await copyFile(join(products, 'client_bg.wasm'), join(made, wasm));
await bundleTypes(root, types, made);
await Promise.all(['LICENSE-MIT', 'LICENSE-APACHE'].map((name) => copyFile(join(root, '../..', name), join(made, name))));
await rm(dist, { recursive: true, force: true });
await rename(made, dist);
