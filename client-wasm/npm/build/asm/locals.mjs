// Leaves out the zero that a variable starts with where every way through its function gives it another value before it is read.

import { numberOf } from './tree.mjs';

/** Changes all functions of a program. */
export function dropZeros(program) {
  for (const { node } of program.functions.values()) {
    const read = new Flow(node).early;
    for (const { type, declarations } of node.body.body) {
      if (type !== 'VariableDeclaration') continue;
      for (const declared of declarations) if (numberOf(declared.init ?? {}) === 0 && !read.has(declared.id.name)) declared.init = null;
    }
  }
}

/** What is surely assigned in both cases; `null` stands for a place that is never reached. */
function both(one, other) {
  if (!one || !other) return one ?? other;
  return new Set([...one].filter((name) => other.has(name)));
}

class Flow {
  /** Names that may be read before they are assigned. */
  early = new Set();
  /** What is assigned where a statement is left early: by label, and for the innermost loop or switch. */
  #exits = [];

  constructor({ params, body }) {
    this.#statement(body, new Set(params.map(({ name }) => name)));
  }

  /** Gives what is assigned after a statement; `null` after one that does not end. */
  #statement(node, before) {
    // What nobody reaches reads nothing.
    if (!node || !before) return before;
    switch (node.type) {
      case 'BlockStatement':
        return node.body.reduce((assigned, child) => this.#statement(child, assigned), before);
      case 'ExpressionStatement':
        return this.#expression(node.expression, before);
      case 'VariableDeclaration':
        // The zeros are what it is about.
        for (const { id, init } of node.declarations) if (init && numberOf(init) !== 0) before = this.#expression(init, before).add(id.name);
        return before;
      case 'ReturnStatement':
        if (node.argument) this.#expression(node.argument, before);
        return null;
      case 'IfStatement': {
        const after = this.#expression(node.test, before);
        const [yes, no] = [this.#statement(node.consequent, new Set(after)), this.#statement(node.alternate, new Set(after))];
        return both(yes, no);
      }
      case 'LabeledStatement':
        return this.#leavable({ label: node.label.name }, () => this.#statement(node.body, before));
      case 'WhileStatement':
        return this.#leavable({ innermost: true }, () => {
          const after = this.#expression(node.test, before);
          this.#statement(node.body, new Set(after));
          return numberOf(node.test) ? null : after;
        });
      case 'DoWhileStatement':
        return this.#leavable({ innermost: true }, () => {
          // `continue` comes to the test with what was assigned before at least.
          const start = new Set(before);
          const after = this.#statement(node.body, new Set(before));
          this.#expression(node.test, new Set(start));
          return after ? both(after, start) : start;
        });
      case 'SwitchStatement':
        return this.#switch(node, before);
      case 'BreakStatement': {
        const exit = this.#exits.findLast(({ label, innermost }) => (node.label ? label === node.label.name : innermost));
        exit.assigned = both(exit.assigned, before);
        return null;
      }
      case 'ContinueStatement':
        return null;
      case 'EmptyStatement':
        return before;
      default:
        throw new Error(`wasm2js writes something that build/asm does not know: ${node.type}`);
    }
  }

  #leavable(exit, run) {
    this.#exits.push({ ...exit, assigned: null });
    const after = run();
    return both(after, this.#exits.pop().assigned);
  }

  #switch({ discriminant, cases }, before) {
    const entry = this.#expression(discriminant, before);
    return this.#leavable({ innermost: true }, () => {
      let through = null;
      for (const { consequent } of cases) {
        through = both(through, new Set(entry));
        for (const node of consequent) through = this.#statement(node, through);
      }
      return cases.some(({ test }) => !test) ? through : both(through, entry);
    });
  }

  /** Gives what is assigned after an expression. */
  #expression(node, assigned) {
    switch (node.type) {
      case 'Literal':
        return assigned;
      case 'Identifier':
        if (!assigned.has(node.name)) this.early.add(node.name);
        return assigned;
      case 'AssignmentExpression': {
        if (node.left.type !== 'Identifier') assigned = this.#expression(node.left, assigned);
        const after = this.#expression(node.right, assigned);
        return node.left.type === 'Identifier' ? new Set(after).add(node.left.name) : after;
      }
      case 'ConditionalExpression': {
        const after = this.#expression(node.test, assigned);
        return both(this.#expression(node.consequent, new Set(after)), this.#expression(node.alternate, new Set(after)));
      }
      case 'LogicalExpression': {
        const after = this.#expression(node.left, assigned);
        this.#expression(node.right, new Set(after));
        return after;
      }
      case 'MemberExpression':
        return this.#all(node.computed ? [node.object, node.property] : [node.object], assigned);
      case 'CallExpression':
        return this.#all([node.callee, ...node.arguments], assigned);
      case 'SequenceExpression':
        return this.#all(node.expressions, assigned);
      case 'BinaryExpression':
        return this.#all([node.left, node.right], assigned);
      case 'UnaryExpression':
        return this.#expression(node.argument, assigned);
      default:
        throw new Error(`wasm2js writes something that build/asm does not know: ${node.type}`);
    }
  }

  #all(nodes, assigned) {
    return nodes.reduce((before, node) => this.#expression(node, before), assigned);
  }
}
