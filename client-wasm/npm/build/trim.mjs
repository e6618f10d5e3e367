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
  // Safari's decoder fails after 2 GiB, so that wasm-bindgen renews it in time; one for each text is shorter.
  [/\nlet cachedTextDecoder = [^]*?\nfunction decodeText\([^]*?\n}\n/, `
function decodeText(bytes) {
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}
`],
  // Numbers and lengths that the module gives are below 2^31.
  [/\nfunction getArrayU8FromWasm0\([^]*?\n}\n/, `
function getArrayU8FromWasm0(from, length) {
    return getUint8ArrayMemory0().subarray(from, from + length);
}
`],
  [/\nfunction getStringFromWasm0\([^]*?\n}\n/, `
function getStringFromWasm0(from, length) {
    return decodeText(getArrayU8FromWasm0(from, length));
}
`],
  [/\nif \(!\('encodeInto' in cachedTextEncoder\)\) \{[^]*?\n}\n/, '\n'],
];

/** An order as wasm-bindgen writes it, and the function of the module that it calls. */
const order = /\nexport function (\w+)\([^]*?\n    (?:const ret = )?wasm\.(\w+)\([^]*?\n}\n/g;

/** What stands in the place of all of them: texts and bytes are put into the module's memory, objects into its table, and numbers it takes as they are. */
const ordering = (malloc) => `
const order = (taker) => (...values) => taker()(...values.flatMap((value) => {
    if (typeof value === 'string') value = cachedTextEncoder.encode(value);
    if (typeof value !== 'object') return value;
    return ArrayBuffer.isView(value) ? [passArray8ToWasm0(value, wasm.${malloc}), value.length] : addHeapObject(value);
}));
`;

/** What the module calls and what may throw, as wasm-bindgen writes it. */
const guarded = /(\w+): function\(\) \{ return handleError\(function \(([^)]*)\) \{([^]*?)\}, arguments\); \}/g;

/** esbuild's plugin, for the sources that import the client's JavaScript. */
export const trimmed = {
  name: 'trimmed',
  setup(build) {
    build.onLoad({ filter: /[\\/]wasm[\\/]client\.js$/ }, async ({ path }) => ({ contents: trim(await readFile(path, 'utf8')) }));
  },
};

/** @param {string} glue what wasm-bindgen wrote for a client's module */
export function trim(glue) {
  const cut = cuts.reduce((text, [from, to]) => {
    if (text.split(from).length !== 2) throw new Error(`wasm-bindgen writes other JavaScript than build/trim.mjs knows: ${from}`);
    return text.replace(from, () => to);
  }, glue);
  const [, malloc] = cut.match(/passArray8ToWasm0\(\w+, wasm\.(\w+)\)/) ?? [];
  const [, thrown] = cut.match(/wasm\.(\w+)\(addHeapObject\(e\)\)/) ?? [];
  if (!malloc || !thrown || cut.match(order)?.length !== cut.match(/\nexport function /g)?.length) {
    throw new Error('wasm-bindgen hands values over in another way than build/trim.mjs knows');
  }
  return (
    ordering(malloc) +
    cut
      .replace(order, '\nexport const $1 = /* @__PURE__ */ order(() => wasm.$2);\n')
      .replace(guarded, `$1($2) { try {$3} catch (error) { wasm.${thrown}(addHeapObject(error)); } }`)
      .replace(/(\w+): function\(/g, '$1(')
      .replace(/\n *__proto__: null,/g, '')
      // What the module imports has got a short name; the rest it no longer needs.
      .replace(/\n *__wbg_\w+\([^]*?\n {8}},(?=\n)/g, '')
  );
}
