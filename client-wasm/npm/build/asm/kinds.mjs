// Which values each variable, parameter and function of the program can have: found by going through the whole program until nothing changes.
//
// A kind is a set of values, as bits. The program computes with integers of 32 bits, which wasm2js writes as JavaScript numbers from -2^31 to 2^31 - 1,
// except where a comparison gives true or false.

import { numberOf } from './tree.mjs';

const TRUTH = 1;
/** 0 to 255, on to 65,535, on to 2^31 - 1. */
const BYTE = 2;
const SHORT = 4;
const POSITIVE = 8;
const NEGATIVE = 16;
/** 2^31 to 2^32 - 1. */
const LARGE = 32;
/** Any other number. */
const FLOAT = 64;
/** What the host gives: anything. */
const FOREIGN = 128;

const SMALL = [BYTE, BYTE | SHORT, BYTE | SHORT | POSITIVE];
/** What fits under a mask. */
const MASKS = new Map([
  [1, TRUTH],
  [255, TRUTH | SMALL[0]],
  [65_535, TRUTH | SMALL[1]],
]);
const INTEGER = BYTE | SHORT | POSITIVE | NEGATIVE;
const VIEWS = {
  HEAP8: INTEGER,
  HEAPU8: BYTE,
  HEAP16: INTEGER,
  HEAPU16: BYTE | SHORT,
  HEAP32: INTEGER,
  HEAPU32: BYTE | SHORT | POSITIVE | LARGE,
  HEAPF32: FLOAT,
  HEAPF64: FLOAT,
};
const within = (kind, set) => (kind & ~set) === 0;

/** True, false, or an integer of 32 bits with its sign. */
export const isInteger = (kind) => within(kind, INTEGER | TRUTH);
/** As above, but no truth value. */
export const isIntegerNumber = (kind) => within(kind, INTEGER);
/** Less than 2^32 in either direction. */
export const isBounded = (kind) => within(kind, INTEGER | TRUTH | LARGE);
/** An integer of 32 bits without sign. */
export const isUnsigned = (kind) => within(kind, SMALL[2] | TRUTH | LARGE);
export const isNumber = (kind) => within(kind, INTEGER | LARGE | FLOAT);
export const mayBeTruth = (kind) => (kind & TRUTH) !== 0;
/** Whether `& mask` would change nothing. */
export const isMasked = (kind, mask) => MASKS.has(mask) && within(kind, MASKS.get(mask));

function kindOfNumber(value, raw = '') {
  if (raw.includes('.') || !Number.isInteger(value) || value < -(2 ** 31) || value >= 2 ** 32) return FLOAT;
  if (value < 0) return NEGATIVE;
  return value < 256 ? BYTE : value < 65_536 ? SHORT : value < 2 ** 31 ? POSITIVE : LARGE;
}

/** The smallest of the sets of small numbers that one of the kinds is within, else all integers. */
const smallest = (...kinds) => SMALL.find((set) => kinds.some((kind) => within(kind, set | TRUTH))) ?? INTEGER;

export class Kinds {
  #program;
  #variables = new Map();
  #results = new Map();
  #throughTable = [];
  #fromTable = 0;
  #changed = true;

  constructor(program) {
    this.#program = program;
    for (const { node, exported } of program.functions.values()) {
      for (const { name } of node.params) this.#variables.set(this.#place(node, name), exported ? FOREIGN : 0);
    }
    for (const [variable, init] of program.globals) this.#add(variable, this.of(init));
    while (this.#changed) {
      this.#changed = false;
      for (const { node, inTable } of program.functions.values()) {
        if (inTable) node.params.forEach(({ name }, index) => this.#add(this.#place(node, name), this.#throughTable[index] ?? 0));
        this.#statements(node.body, node);
      }
    }
  }

  /** A variable is known by its name and, unless it is everyone's, by its function's. */
  #place(owner, name) {
    return owner && !this.#program.globals.has(name) ? `${owner.id.name} ${name}` : name;
  }

  #add(place, kind) {
    const before = this.#variables.get(place) ?? 0;
    if ((before | kind) === before) return;
    this.#variables.set(place, before | kind);
    this.#changed = true;
  }

  #statements(node, owner) {
    if (Array.isArray(node)) return node.forEach((child) => this.#statements(child, owner));
    if (!node || typeof node.type !== 'string') return;
    if (node.type === 'VariableDeclarator') {
      if (node.init) this.#add(this.#place(owner, node.id.name), this.of(node.init, owner));
    } else if (node.type === 'ReturnStatement') {
      if (!node.argument) return;
      const before = this.#results.get(owner.id.name) ?? 0;
      const after = before | this.of(node.argument, owner);
      this.#results.set(owner.id.name, after);
      if (this.#program.functions.get(owner.id.name).inTable) this.#fromTable |= after;
      if (after !== before) this.#changed = true;
    } else if (/Statement$|^SwitchCase$|Declaration$/.test(node.type)) {
      for (const key in node) if (typeof node[key] === 'object' && key !== 'label') this.#statements(node[key], owner);
    } else this.of(node, owner);
  }

  /** The kind of an expression of a function. */
  of(node, owner) {
    switch (node.type) {
      case 'Literal':
        return typeof node.value === 'number' ? kindOfNumber(node.value, node.raw) : FOREIGN;
      case 'Identifier': {
        const place = this.#place(owner, node.name);
        return this.#variables.get(place) ?? (owner && place !== node.name ? 0 : FOREIGN);
      }
      case 'UnaryExpression':
        return this.#unary(node, owner);
      case 'BinaryExpression':
        return this.#binary(node, this.of(node.left, owner), this.of(node.right, owner));
      case 'LogicalExpression':
        return this.of(node.left, owner) | this.of(node.right, owner);
      case 'ConditionalExpression':
        this.of(node.test, owner);
        return this.of(node.consequent, owner) | this.of(node.alternate, owner);
      case 'SequenceExpression':
        return node.expressions.map((each) => this.of(each, owner)).at(-1);
      case 'AssignmentExpression': {
        const kind = this.of(node.right, owner);
        if (node.left.type === 'Identifier') this.#add(this.#place(owner, node.left.name), kind);
        else this.of(node.left, owner);
        return kind;
      }
      case 'MemberExpression':
        if (node.computed) this.of(node.property, owner);
        return VIEWS[node.object.name] ?? FOREIGN;
      case 'CallExpression':
        return this.#call(node, owner);
      default:
        throw new Error(`wasm2js writes something that build/asm does not know: ${node.type}`);
    }
  }

  #unary({ operator, argument }, owner) {
    const kind = this.of(argument, owner);
    if (operator === '!') return TRUTH;
    if (operator === '~') return INTEGER;
    if (operator === '-' && argument.type === 'Literal') return kindOfNumber(-argument.value, argument.raw);
    return FLOAT;
  }

  /** What a coercion lets through as it is keeps its kind, also where it is a truth value: the coercion may be left out. */
  #binary(node, left, right) {
    const by = numberOf(node.right);
    switch (node.operator) {
      case '|':
        if (by === 0 && isInteger(left)) return left;
        return smallest(left | right);
      case '^':
        return smallest(left | right);
      case '&':
        if (isMasked(left, by)) return left;
        return smallest(left, right);
      case '>>':
        return smallest(left);
      case '<<':
        return INTEGER;
      case '>>>':
        if (by === 0) return isUnsigned(left) ? left : SMALL[2] | LARGE;
        if (by === undefined || (by & 31) === 0) return SMALL[2] | LARGE;
        return (by & 31) >= 24 ? SMALL[0] : (by & 31) >= 16 ? SMALL[1] : SMALL[2];
      case '==':
      case '!=':
      case '<':
      case '<=':
      case '>':
      case '>=':
        return TRUTH;
      default:
        return (left | right) & FOREIGN ? FOREIGN : FLOAT;
    }
  }

  #call({ callee, arguments: given }, owner) {
    const kinds = given.map((each) => this.of(each, owner));
    if (callee.type === 'MemberExpression') {
      if (callee.object.name !== 'FUNCTION_TABLE') return FOREIGN;
      this.of(callee.property, owner);
      kinds.forEach((kind, index) => {
        const before = this.#throughTable[index] ?? 0;
        this.#throughTable[index] = before | kind;
        if ((before | kind) !== before) this.#changed = true;
      });
      return this.#fromTable;
    }
    const target = this.#program.functions.get(callee.name);
    if (!target) return RESULTS[callee.name] ?? (callee.name.startsWith('Math_') ? FLOAT : FOREIGN);
    target.node.params.forEach(({ name }, index) => this.#add(this.#place(target.node, name), kinds[index] ?? FOREIGN));
    return this.#results.get(callee.name) ?? 0;
  }
}

/** What functions give that wasm2js brings. */
const RESULTS = {
  Math_imul: INTEGER,
  Math_clz32: BYTE,
  wasm2js_trap: 0,
  wasm2js_scratch_load_i32: INTEGER,
  wasm2js_scratch_load_f64: FLOAT,
  wasm2js_scratch_store_i32: 0,
  wasm2js_scratch_store_f64: 0,
  __wasm_memory_grow: INTEGER,
  __wasm_memory_size: INTEGER,
};
