// Trees of JavaScript as acorn makes them: how they are searched, changed and written down.

/** Calls `see` for a node and all nodes below it. */
export function walk(node, see) {
  if (Array.isArray(node)) for (const child of node) walk(child, see);
  else if (node && typeof node.type === 'string') {
    see(node);
    for (const key in node) if (typeof node[key] === 'object') walk(node[key], see);
  }
}

/** Replaces each node below, from the leaves up, by what `change` makes of it, and gives what becomes of the node itself. */
export function replace(node, change) {
  if (Array.isArray(node)) return node.map((child) => replace(child, change));
  if (!node || typeof node.type !== 'string') return node;
  for (const key in node) if (node[key] && typeof node[key] === 'object') node[key] = replace(node[key], change);
  return change(node);
}

/** Calls `change` with each list of statements below a node, which returns the new one. */
export function replaceLists(node, change) {
  walk(node, (node) => {
    if (node.type === 'BlockStatement') node.body = change(node.body);
    if (node.type === 'SwitchCase') node.consequent = change(node.consequent);
  });
}

/** Whether a name is read or written below a node. */
export function mentions(node, name) {
  let found = false;
  walk(node, (node) => (found ||= node.type === 'Identifier' && node.name === name));
  return found;
}

/** The value of a number that is written down, or `undefined`. */
export function numberOf(node) {
  if (node.type === 'Literal' && typeof node.value === 'number') return node.value;
  if (node.type === 'UnaryExpression' && node.operator === '-' && node.argument.type === 'Literal') return -node.argument.value;
  return undefined;
}

export const isBinary = (node, ...operators) => node.type === 'BinaryExpression' && operators.includes(node.operator);
export const isSum = (node) => isBinary(node, '+', '-');

export const number = (value) => (value < 0 ? { type: 'UnaryExpression', operator: '-', prefix: true, argument: number(-value) } : { type: 'Literal', value });
export const name = (name) => ({ type: 'Identifier', name });
export const call = (callee, ...parts) => ({ type: 'CallExpression', callee: name(callee), arguments: parts });
export const statement = (expression) => ({ type: 'ExpressionStatement', expression });

/** The assignment that a statement consists of, or `undefined`. */
export const assignmentOf = (node) =>
  node?.type === 'ExpressionStatement' && node.expression.type === 'AssignmentExpression' ? node.expression : undefined;
