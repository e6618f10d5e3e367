// The program as a module again, with what it needs around its functions: memory that grows, data, and the numbers' other views.

import { generate } from 'astring';

import { number, replace } from './tree.mjs';

const VIEWS = { HEAP8: 'Int8Array', HEAPU8: 'Uint8Array', HEAP16: 'Int16Array', HEAPU16: 'Uint16Array', HEAP32: 'Int32Array', HEAPU32: 'Uint32Array', HEAPF32: 'Float32Array', HEAPF64: 'Float64Array' };

/** Addresses are integers with sign: from 2 GiB on they would be negative. */
const MAX_PAGES = 32_767;

/** Where wasm2js turns a number's bits into another number: two words that are the halves of a double. */
const SCRATCH = {
  wasm2js_scratch_load_i32: (index) => element('scratch32', index),
  wasm2js_scratch_store_i32: (index, value) => set(element('scratch32', index), value),
  wasm2js_scratch_load_f64: () => element('scratch64', number(0)),
  wasm2js_scratch_store_f64: (value) => set(element('scratch64', number(0)), value),
};
const element = (object, property) => ({ type: 'MemberExpression', computed: true, object: { type: 'Identifier', name: object }, property });
const set = (left, right) => ({ type: 'AssignmentExpression', operator: '=', left, right });

/**
 * Writes a module whose default export makes an instance: it gets the host's functions, and gives the exports.
 *
 * @param program whose functions are as they shall be
 * @param isUsed whether the host uses an export
 */
export function write(program, isUsed) {
  for (const { node } of program.functions.values()) {
    node.body = replace(node.body, (node) => (node.type === 'CallExpression' && SCRATCH[node.callee.name]?.(...node.arguments)) || node);
  }
  const mentioned = program.mentioned();
  const views = Object.keys(VIEWS).filter((view) => mentioned.has(view) || view === 'HEAPU8');
  const math = [...mentioned].filter((name) => name.startsWith('Math_')).map((name) => `${name} = Math.${name.slice('Math_'.length)}`);
  const texts = [...program.functions.values()].map(({ node }) => generate(node));
  // What is alike stands together, within the reach of a compressor.
  texts.sort((one, other) => one.length - other.length || (one < other ? -1 : 1));
  const start = Math.min(...program.segments.map(({ at }) => at));
  return `export default function program({ a: host }) {
var buffer, ${views.join(', ')};
${variables(math)}
var scratch32 = new Int32Array(2), scratch64 = new Float64Array(scratch32.buffer);
var { ${[...program.imports].map(([name, key]) => `${key}: ${name}`).join(', ')} } = host;
${variables([...program.globals].map(([name, init]) => `${name} = ${generate(init)}`))}
function wasm2js_trap() { throw new Error('abort'); }
function view(memory) {
  buffer = memory;
  ${views.map((view) => `${view} = new ${VIEWS[view]}(buffer);`).join('\n')}
}
function __wasm_memory_size() { return buffer.byteLength >> 16; }
function __wasm_memory_grow(pages) {
  var before = __wasm_memory_size(), after = before + (pages >>> 0), bytes = HEAPU8;
  if (after > ${MAX_PAGES}) return -1;
  try { view(new ArrayBuffer(after << 16)); } catch { return -1; }
  HEAPU8.set(bytes);
  return before;
}
${texts.join('\n')}
view(new ArrayBuffer(${program.size}));
for (var data = ${JSON.stringify(merged(program.segments, start).toString('latin1'))}, at = 0; at < data.length; at++) HEAPU8[${start} + at] = data.charCodeAt(at);
var FUNCTION_TABLE = [, ${program.table.join(', ')}];
return { ${[...program.exports].filter(([name]) => isUsed(name)).map(([name, value]) => exported(name, value)).join(', ')} };
}
`;
}

const variables = (list) => (list.length > 0 ? `var ${list.join(', ')};` : '');

function exported(name, value) {
  if (value.type === 'Identifier') return `${name}: ${value.name}`;
  // Objects are the memory, and globals, which nobody needs.
  if (value.type !== 'CallExpression') throw new Error(`the host uses an export that build/asm does not write: ${name}`);
  return `${name}: { get buffer() { return buffer; } }`;
}

/** All data as one text: between its parts the memory is zero anyway. */
function merged(segments, start) {
  const all = Buffer.alloc(Math.max(...segments.map(({ at, bytes }) => at + bytes.length)) - start);
  for (const { at, bytes } of segments) bytes.copy(all, at - start);
  return all;
}
