// What wasm2js writes, taken apart: data, globals, functions, the table that functions are called through, and exports.

import { parse } from 'acorn';

import { numberOf, walk } from './tree.mjs';

/** Functions that build/asm/runtime.mjs writes anew. */
const MEMORY = ['__wasm_memory_grow', '__wasm_memory_size'];
const unknown = (what) => new Error(`wasm2js writes another form than build/asm knows: ${what}`);

export class Program {
  /** The memory's first size in bytes. */
  size;
  /** Bytes by the address that they have at the beginning. */
  segments = [];
  /** The expressions that variables of all functions start with, by name. */
  globals = new Map();
  /** What the program calls functions of the host, and their names there. */
  imports = new Map();
  /** By name: the node, whether the host or the table has it. */
  functions = new Map();
  /** The functions' names in the table; the first place is empty. */
  table = [];
  /** What the host sees, by the name that it sees. */
  exports = new Map();

  /** @param text all that wasm2js writes before it makes an instance */
  constructor(text) {
    const top = parse(text, { ecmaVersion: 2020, sourceType: 'module' }).body;
    const named = (name) => top.find((node) => node.type === 'FunctionDeclaration' && node.id.name === name) ?? this.#fail(name);
    for (const { expression } of named('initActiveSegments').body.body) {
      const [, at, data] = expression.arguments;
      if (expression.callee.name !== 'base64DecodeToExistingUint8Array') throw unknown('the data');
      this.segments.push({ at: numberOf(at), bytes: Buffer.from(data.value, 'base64') });
    }
    for (const node of named('asmFunc').body.body) this.#take(node);
    if (!this.size || this.exports.size === 0) throw unknown('no memory, or no exports');
  }

  #fail(what) {
    throw unknown(`no ${what}`);
  }

  #take(node) {
    switch (node.type) {
      case 'FunctionDeclaration':
        if (!MEMORY.includes(node.id.name)) this.functions.set(node.id.name, { node, exported: false, inTable: false });
        break;
      case 'VariableDeclaration':
        for (const { id, init } of node.declarations) this.#variable(id.name, init);
        break;
      case 'ReturnStatement':
        for (const { key, value } of node.argument.properties) this.#export(key.value ?? key.name, value);
        break;
      case 'ExpressionStatement':
        break;
      default:
        throw unknown(node.type);
    }
  }

  #variable(name, init) {
    if (name === 'buffer') this.size = numberOf(init.arguments[0]);
    else if (name === 'FUNCTION_TABLE') {
      this.table = init.elements.slice(1).map(({ name }) => name);
      for (const name of this.table) this.functions.get(name).inTable = true;
    } else if (/^fimport\$/.test(name)) this.imports.set(name, init.property.name);
    else if (/^global\$|HIGH_BITS$/.test(name)) this.globals.set(name, init);
    else if (!/^(HEAP|Math_)/.test(name) && init.object?.name !== 'imports') throw unknown(`a variable ${name}`);
  }

  #export(name, value) {
    this.exports.set(name, value);
    if (value.type === 'Identifier') this.functions.get(value.name).exported = true;
  }

  /** All names that functions mention. */
  mentioned() {
    const names = new Set(this.table);
    for (const { node } of this.functions.values()) walk(node.body, (node) => node.type === 'Identifier' && names.add(node.name));
    return names;
  }
}
