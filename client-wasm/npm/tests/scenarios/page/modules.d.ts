// The modules that the runner serves beside the pages' scripts.

declare module '/entry.js' {
  export * from 'pitaya-client';
}

declare module '/suite.js' {
  export * from '../suite/index.js';
}

declare module '/plan.js' {
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
