// Shorter ways to say what the program does most: to read and write its memory. wasm2js writes out what a processor has instructions for.

import { parse } from 'acorn';

import { assignmentOf, call, isBinary, isSum, mentions, number, numberOf, replace, replaceLists, statement } from './tree.mjs';

/** What is called instead. A value on several bytes is written from its lowest. */
const HELPERS = `
function load16(p) { return HEAPU8[p] | HEAPU8[p + 1] << 8; }
function load32(p) { return load16(p) | load16(p + 2) << 16; }
function store16(p, value) { HEAPU8[p] = value; HEAPU8[p + 1] = value >> 8; }
function store32(p, value) { store16(p, value); store16(p + 2, value >> 16); }
function put2(p, a, b) { HEAP32[p >> 2] = a; HEAP32[p + 4 >> 2] = b; }
function put3(p, a, b, c) { put2(p, a, b); HEAP32[p + 8 >> 2] = c; }
function copy64(to, from) { var high = HEAP32[from + 4 >> 2]; HEAP32[to >> 2] = HEAP32[from >> 2]; return HEAP32[to + 4 >> 2] = high; }
`;

/** Changes all functions of a program, and gives it the helpers. */
export function shortenMemory(program) {
  for (const { node } of program.functions.values()) {
    node.body = replace(node.body, (node) => bytesRead(unsigned(node)));
    replaceLists(node, (list) => runs(list, [copied, written(4, 'store32'), written(2, 'store16'), put(3), put(2)]));
  }
  for (const node of parse(HELPERS, { ecmaVersion: 2020 }).body) program.functions.set(node.id.name, { node, exported: false, inTable: false });
}

/** Views of integers with sign are needed where the sign is looked at, which is seldom: one view less in most functions. */
function unsigned(node) {
  const by = { HEAP8: 256, HEAP16: 65_536 };
  const turn = (view) => (by[view.object?.name] ? { ...view, object: { ...view.object, name: view.object.name.replace('HEAP', 'HEAPU') } } : view);
  if (node.type === 'AssignmentExpression') return { ...node, left: turn(node.left) };
  const mask = isBinary(node, '&') ? numberOf(node.right) : -1;
  return mask >= 0 && mask < by[node.left.object?.name] ? { ...node, left: turn(node.left) } : node;
}

/** A variable and the distance from it, of an address that consists of them; or `undefined`. */
function place(node) {
  const sum = isBinary(node, '|') && numberOf(node.right) === 0 ? node.left : node;
  if (sum.type === 'Identifier') return { base: sum, at: 0 };
  const distance = isSum(sum) && sum.left.type === 'Identifier' ? numberOf(sum.right) : undefined;
  return distance === undefined ? undefined : { base: sum.left, at: sum.operator === '+' ? distance : -distance };
}

const address = ({ base, at }, from = at) => (from === 0 ? base : { type: 'BinaryExpression', operator: from < 0 ? '-' : '+', left: base, right: number(Math.abs(from)) });
/** Whether places follow each other, `step` bytes apart. */
const follow = (places, step) => places.every(({ base, at }, index) => base.name === places[0].base.name && at === places[0].at + index * step);

const byte = (node) => (node?.type === 'MemberExpression' && node.object.name === 'HEAPU8' ? place(node.property) : undefined);
const shifted = (node, by) => (isBinary(node, '<<') && numberOf(node.right) === by ? node.left : undefined);
const word = (node) =>
  node?.type === 'MemberExpression' && node.object.name === 'HEAP32' && isBinary(node.property, '>>') ? place(node.property.left) : undefined;

/** Two or four bytes that are put together. */
function bytesRead(node) {
  if (!isBinary(node, '|')) return node;
  const low = byte(node.left);
  const second = byte(shifted(node.right, 8));
  if (low && second && follow([low, second], 1)) return call('load16', address(low));
  const half = node.left.type === 'CallExpression' && node.left.callee.name === 'load16' ? place(node.left.arguments[0]) : undefined;
  const third = isBinary(node.right, '|') ? byte(shifted(node.right.left, 16)) : undefined;
  const last = isBinary(node.right, '|') ? byte(shifted(node.right.right, 24)) : undefined;
  if (half && third && last && follow([half, { ...half, at: half.at + 1 }, third, last], 1)) return call('load32', address(half));
  return node;
}

/** Replaces the longest runs of statements that one of the ways knows. A way returns how many it has taken, and what becomes of them. */
function runs(list, ways) {
  const made = [];
  for (let index = 0; index < list.length; ) {
    let found;
    for (const way of ways) if ((found = way(list, index))) break;
    made.push(found ? found.node : list[index]);
    index += found ? found.taken : 1;
  }
  return made;
}

/** The bytes of a number or of a variable, one after the other in any order. */
function written(count, helper) {
  return (list, from) => {
    const parts = list.slice(from, from + count).map((node) => {
      const { left, right } = assignmentOf(node) ?? {};
      const at = byte(left);
      if (!at) return undefined;
      const by = isBinary(right, '>>>', '>>') ? numberOf(right.right) : 0;
      const value = by ? right.left : right;
      return { ...at, by, value, constant: numberOf(right), variable: value.type === 'Identifier' ? value.name : undefined };
    });
    if (parts.length < count || parts.includes(undefined)) return undefined;
    parts.sort((a, b) => a.at - b.at);
    if (!follow(parts, 1)) return undefined;
    const [first] = parts;
    let value;
    if (parts.every(({ constant }) => constant !== undefined)) value = number(parts.reduce((sum, { constant }, index) => sum | ((constant & 255) << (8 * index)), 0));
    else if (first.variable && parts.every(({ variable, by }, index) => variable === first.variable && by === 8 * index)) value = first.value;
    return value && { taken: count, node: statement(call(helper, address(first), value)) };
  };
}

/** Words one after the other in any order, of values that no write changes. */
function put(count) {
  return (list, from) => {
    const parts = list.slice(from, from + count).map((node) => {
      const { left, right } = assignmentOf(node) ?? {};
      const at = word(left);
      return at && (right.type === 'Identifier' || numberOf(right) !== undefined) ? { ...at, right } : undefined;
    });
    if (parts.length < count || parts.includes(undefined)) return undefined;
    parts.sort((a, b) => a.at - b.at);
    if (!follow(parts, 4)) return undefined;
    return { taken: count, node: statement(call(`put${count}`, address(parts[0]), ...parts.map(({ right }) => right))) };
  };
}

/** 64 bits: the upper half is read, the lower one copied, the upper one written. */
function copied(list, from) {
  const [read, low, high] = list.slice(from, from + 3).map(assignmentOf);
  if (read?.left.type !== 'Identifier' || high?.right.type !== 'Identifier' || high.right.name !== read.left.name) return undefined;
  const [source, target] = [[word(low?.right), word(read.right)], [word(low?.left), word(high.left)]];
  if ([...source, ...target].includes(undefined) || !follow(source, 4) || !follow(target, 4)) return undefined;
  const { name } = read.left;
  if (source[0].base.name === name || target[0].base.name === name) return undefined;
  const copy = call('copy64', address(target[0]), address(source[0]));
  return { taken: 3, node: statement(isForgotten(name, list.slice(from + 3)) ? copy : { ...read, right: copy }) };
}

/** Whether a variable gets another value in these statements before it is read. */
function isForgotten(name, list) {
  for (const node of list) {
    const { left, right } = assignmentOf(node) ?? {};
    if (left?.type === 'Identifier' && left.name === name) return !mentions(right, name);
    if (mentions(node, name)) return false;
    if (node.type === 'ReturnStatement') return true;
    if (node.type !== 'ExpressionStatement') return false;
  }
  return false;
}
