// Leaves out of wasm-bindgen's JavaScript what no page of this package needs: ways to load a module, and ways around old browsers.

import { readFile } from 'node:fs/promises';

/** A function as it is written at the start of a line, up to its end. */
const body = (name) => new RegExp(`\\nfunction ${name}\\([^]*?\\n}\\n`);

/** What is replaced by what. Each stands there once: anything else is another wasm-bindgen than this file knows. */
const cuts = [
  // A loader of ours hands over a compiled module, once; the build without wasm has none to hand over.
  [
    body('initSync'),
    `
function initSync({ module } = {}) {
    wasm = new WebAssembly.Instance(module, __wbg_get_imports()).exports;
}
`,
  ],
  // Strings are routes and reasons, too short to gain from being written in place.
  [
    body('passStringToWasm0'),
    `
function passStringToWasm0(text, malloc) {
    return passArray8ToWasm0(cachedTextEncoder.encode(text), malloc);
}
`,
  ],
  [/\nif \(!\('encodeInto' in cachedTextEncoder\)\) \{[^]*?\n}\n/, '\n'],
];

/** esbuild's plugin, for the sources that import the client's JavaScript. */
export const trimmed = {
  name: 'trimmed',
  setup(build) {
    build.onLoad({ filter: /[\\/]wasm[\\/]client\.js$/ }, async ({ path }) => ({ contents: trim(await readFile(path, 'utf8')) }));
  },
};

/** @param {string} glue what wasm-bindgen wrote for a client's module */
export function trim(glue) {
  return cuts.reduce((text, [from, to]) => {
    if (text.split(from).length !== 2) throw new Error(`wasm-bindgen writes other JavaScript than build/trim.mjs knows: ${from}`);
    return text.replace(from, () => to);
  }, glue);
}
