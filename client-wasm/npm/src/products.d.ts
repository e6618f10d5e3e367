// What the build puts in the place of these names (build/package.mjs).

/** The hash of the wasm module that was built together with this text: the content of the module's section `pitaya_build`. */
declare const __BUILD__: string;

/** The module's file beside this one, such as `./pitaya-0123abcd.wasm`: for `new URL(__WASM__, import.meta.url)`. */
declare const __WASM__: string;

/** A wasm module as base64 text. */
declare module '*.wasm' {
  const base64: string;
  export default base64;
}
