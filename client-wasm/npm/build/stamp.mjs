// The stamp in the client's module: it tells which JavaScript belongs to it.

import { readFile } from 'node:fs/promises';

/** The module that `cargo xtask wasm` made, and the content of its section `pitaya_build`. */
export async function readModule(path) {
  let bytes;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    throw new Error(`there is no module at ${path}: run \`cargo xtask wasm\`, or \`cargo xtask wasm --dev\` for a quick build`, { cause });
  }
  const [section] = WebAssembly.Module.customSections(await WebAssembly.compile(bytes), 'pitaya_build');
  if (section === undefined) throw new Error(`${path} has no section pitaya_build: run \`cargo xtask wasm\` again`);
  return { bytes, stamp: new TextDecoder().decode(section) };
}
