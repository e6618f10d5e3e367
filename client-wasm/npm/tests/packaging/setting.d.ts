// What `setting.mjs` provides to the tests.

export {};

declare module 'vitest' {
  export interface ProvidedContext {
    /** The folder of a project that has installed the package. */
    project: string;
    /** The tarball's files, sorted. */
    files: string[];
    /** Where a server listens. */
    url: string;
  }
}
