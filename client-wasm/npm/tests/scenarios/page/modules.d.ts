// The modules that the runner serves beside the pages' scripts.

declare module 'page:entry' {
  export * from 'pitaya-client';
}

declare module 'page:suite' {
  export const runAll: typeof import('../suite/index.js').runAll;
}

declare module 'page:plan' {
  const plan: {
    /** What to run, in this order. */
    readonly scenarios: readonly string[];
    /** URLs of the peers by name. */
    readonly peers: Readonly<Record<string, string>>;
    /** Whether the page may compile WebAssembly. */
    readonly wasm: boolean;
  };
  export default plan;
}
