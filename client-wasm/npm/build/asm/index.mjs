// Makes what wasm2js writes smaller. It writes for engines that compile asm.js ahead of time; a page only wants to download little.

import { Coercions } from './coercions.mjs';
import { Kinds } from './kinds.mjs';
import { dropZeros } from './locals.mjs';
import { shortenMemory } from './memory.mjs';
import { Program } from './program.mjs';
import { write } from './runtime.mjs';

/**
 * @param text what wasm2js writes, without the instance that it makes at the end
 * @param isUsed whether the host uses an export of this name
 */
export function smaller(text, isUsed) {
  const program = new Program(text);
  new Coercions(program, new Kinds(program)).drop();
  shortenMemory(program);
  dropZeros(program);
  return write(program, isUsed);
}
