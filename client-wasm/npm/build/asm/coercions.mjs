// Leaves out `|0`, `>>>0`, `+` and masks where a value is already what they would make of it, or where what uses it does the same by itself.

import { isBounded, isInteger, isIntegerNumber, isMasked, isNumber, isUnsigned, mayBeTruth } from './kinds.mjs';
import { isBinary, isSum, numberOf } from './tree.mjs';

/** What is done with a value, and so what is of no consequence to it. */
const USE = {
  /** It is compared, stored in a variable or handed to a function of the program: 1 and true are the same. */
  value: 'value',
  /** It is told apart by `===` or leaves the program: 1 and true are not the same. */
  number: 'number',
  /** It is taken modulo 2^32. */
  integer: 'integer',
  /** It is added to others, and the sum is taken modulo 2^32: exact as long as every part is small. */
  part: 'part',
  /** It is zero or not. */
  truth: 'truth',
};
/** No address is closer to the end of the range of integers: the memory stays below 2 GiB less one page. */
const PAGE = 65_536;
const INTEGERS = ['|', '&', '^', '<<', '>>', '>>>'];

export class Coercions {
  #program;
  #kinds;
  #owner;

  constructor(program, kinds) {
    this.#program = program;
    this.#kinds = kinds;
  }

  /** Changes all functions. */
  drop() {
    for (const { node, exported } of this.#program.functions.values()) {
      this.#owner = node;
      node.body = this.#statement(node.body, exported ? USE.number : USE.value);
    }
  }

  #kind(node) {
    return this.#kinds.of(node, this.#owner);
  }

  /** @param result what is done with what the function returns */
  #statement(node, result) {
    if (Array.isArray(node)) return node.map((child) => this.#statement(child, result)).filter((child) => child.type !== 'EmptyStatement');
    switch (node?.type) {
      case 'ExpressionStatement': {
        const expression = this.#expression(node.expression, USE.value);
        const { left, right } = expression;
        const alone = expression.type === 'AssignmentExpression' && right.type === 'Identifier' && left.name === right.name;
        return alone ? { type: 'EmptyStatement' } : { ...node, expression };
      }
      case 'ReturnStatement':
        return { ...node, argument: node.argument && this.#expression(node.argument, result) };
      case 'IfStatement':
        return {
          ...node,
          test: this.#expression(node.test, USE.truth),
          consequent: this.#statement(node.consequent, result),
          alternate: this.#statement(node.alternate, result),
        };
      case 'WhileStatement':
      case 'DoWhileStatement':
        return { ...node, test: this.#expression(node.test, USE.truth), body: this.#statement(node.body, result) };
      case 'BlockStatement':
      case 'LabeledStatement':
        return { ...node, body: this.#statement(node.body, result) };
      case 'SwitchStatement':
        return { ...node, discriminant: this.#expression(node.discriminant, USE.number), cases: this.#statement(node.cases, result) };
      case 'SwitchCase':
        return { ...node, consequent: this.#statement(node.consequent, result) };
      default:
        return node;
    }
  }

  #expression(node, use) {
    switch (node.type) {
      case 'BinaryExpression':
        return this.#binary(node, use);
      case 'UnaryExpression': {
        const inner = { '!': USE.truth, '~': USE.integer }[node.operator] ?? USE.value;
        const argument = this.#expression(node.argument, inner);
        return node.operator === '+' && isNumber(this.#kind(argument)) ? argument : { ...node, argument };
      }
      case 'LogicalExpression':
        // The left one is also asked whether it is zero.
        return { ...node, left: this.#expression(node.left, use === USE.truth ? use : USE.number), right: this.#expression(node.right, use) };
      case 'ConditionalExpression':
        return {
          ...node,
          test: this.#expression(node.test, USE.truth),
          consequent: this.#expression(node.consequent, use),
          alternate: this.#expression(node.alternate, use),
        };
      case 'SequenceExpression': {
        const last = node.expressions.length - 1;
        return { ...node, expressions: node.expressions.map((each, index) => this.#expression(each, index === last ? use : USE.value)) };
      }
      case 'AssignmentExpression':
        if (node.left.type === 'Identifier') return { ...node, right: this.#expression(node.right, USE.value) };
        // A view of integers takes what it is given modulo its width.
        return {
          ...node,
          left: this.#expression(node.left, USE.value),
          right: this.#expression(node.right, node.left.object.name.startsWith('HEAPF') ? USE.value : USE.integer),
        };
      case 'MemberExpression':
        return node.computed ? { ...node, property: this.#index(node.property) } : node;
      case 'CallExpression':
        return this.#call(node);
      default:
        return node;
    }
  }

  #call(node) {
    const { callee } = node;
    const own = callee.type === 'MemberExpression' || this.#program.functions.has(callee.name) || /^(Math_|wasm2js_|__wasm_)/.test(callee.name);
    const integers = callee.name === 'Math_imul' || callee.name === 'Math_clz32';
    const use = integers ? USE.integer : own ? USE.value : USE.number;
    return { ...node, callee: this.#expression(callee, USE.value), arguments: node.arguments.map((each) => this.#expression(each, use)) };
  }

  #binary(node, use) {
    const { operator } = node;
    const by = numberOf(node.right);
    if (by === 0 && (operator === '|' || operator === '>>>')) return this.#coercion(node, use);
    if (INTEGERS.includes(operator)) {
      const left = this.#expression(node.left, USE.integer);
      const kind = operator === '&' && this.#kind(left);
      if (operator === '&' && isMasked(kind, by) && (use !== USE.number || !mayBeTruth(kind))) return left;
      return { ...node, left, right: this.#expression(node.right, USE.integer) };
    }
    const part = isSum(node) && (use === USE.integer || use === USE.part) && this.#isSmall(node) ? USE.part : USE.value;
    return { ...node, left: this.#expression(node.left, part), right: this.#expression(node.right, part) };
  }

  /** Whether a sum of these parts is exact: none of them is larger than 2^32, and nobody writes down a million. */
  #isSmall(node) {
    return isSum(node) ? this.#isSmall(node.left) && this.#isSmall(node.right) : isBounded(this.#kind(node));
  }

  #coercion(node, use) {
    const left = this.#expression(node.left, isSum(node.left) && !this.#isSmall(node.left) ? USE.value : USE.integer);
    const kind = this.#kind(left);
    const same = node.operator === '|' ? isInteger(kind) : isUnsigned(kind);
    const needless = {
      [USE.value]: same,
      [USE.number]: same && !mayBeTruth(kind),
      [USE.truth]: isBounded(kind),
      [USE.part]: this.#isSmall(left),
      [USE.integer]: true,
    };
    return needless[use] ? left : { ...node, left };
  }

  /**
   * The sum of an integer and a distance that leaves the range of integers is no address, and neither is what it would become modulo 2^32: in both
   * cases there is nothing.
   */
  #index(node) {
    if (!isBinary(node, '|') || numberOf(node.right) !== 0) return this.#expression(node, USE.number);
    const left = this.#expression(node.left, USE.integer);
    if (isIntegerNumber(this.#kind(left))) return left;
    const distance = isSum(left) && numberOf(left.right);
    return typeof distance === 'number' && Math.abs(distance) <= PAGE && isInteger(this.#kind(left.left)) ? left : { ...node, left };
  }
}
