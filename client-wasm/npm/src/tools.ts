// The module of the tools: the server's side of the wire and readable frames, inlined as base64 text.

import base64 from '../wasm/tools_bg.wasm';
import init, * as tools from '../wasm/tools.js';

export type Tools = typeof tools;

let ready = false;
let loading: Promise<Tools> | undefined;

function bytes(): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

/** The tools, compiled at the first call. For tests: a page's main thread may not be allowed to compile so much at once. */
export function toolsNow(): Tools {
  if (!ready) {
    tools.initSync({ module: bytes() });
    ready = true;
  }
  return tools;
}

/** The tools, compiled aside at the first call. */
export function toolsLater(): Promise<Tools> {
  loading ??= init({ module_or_path: bytes() }).then(() => {
    ready = true;
    return tools;
  });
  return loading;
}
