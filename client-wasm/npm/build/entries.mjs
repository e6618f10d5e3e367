// What the package consists of: each entry is a file in src and becomes a file of the same name in dist.

/** Entries with the whole public face: they differ in where the client's module comes from. */
export const faces = ['index', 'inline', 'js', 'node'];

/** Entries beside them. */
export const extras = ['react', 'testing', 'protobuf'];

/** Parts of the faces that are loaded when they are needed, not before. */
export const lazy = ['inflate', 'trace'];

/** The classic script, which puts the face into the global `pitaya`. */
export const script = 'global';
