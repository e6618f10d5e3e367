// The classic script: what it exports becomes the global `pitaya`.

export * from './inline.js';
