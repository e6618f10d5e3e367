// A program without wasm computes what its module computes: modules by chance, run in both ways.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, expect, test } from 'vitest';

import { smaller } from '../../build/asm/index.mjs';

const folder = mkdtempSync(join(tmpdir(), 'pitaya-program-'));
afterAll(() => rmSync(folder, { recursive: true }));

const binaryen = (tool, ...args) =>
  execFileSync(process.execPath, [join(import.meta.dirname, '../../node_modules/binaryen/bin', tool), ...args, '--mvp-features', '--enable-mutable-globals'], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });

/** Both instances of a module in text form, which imports `a.host` and exports its memory as `m`. */
async function instances(wat, host) {
  const [text, module] = [join(folder, 'module.wat'), join(folder, 'module.wasm')];
  writeFileSync(text, wat);
  binaryen('wasm-as', text, '-o', module);
  const written = binaryen('wasm2js', module, '-Oz');
  const program = smaller(written.slice(written.indexOf('\n'), written.indexOf('\nvar retasmFunc = ')), () => true);
  const { default: make } = await import(`data:text/javascript;base64,${Buffer.from(program).toString('base64')}`);
  const imports = { a: { host } };
  const { instance } = await WebAssembly.instantiate(await readFile(module), imports);
  return [instance.exports, make(imports)];
}

/** A repeatable source of chance (mulberry32). */
function chance(seed) {
  const next = () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  };
  return { next, below: (limit) => next() % limit, of: (list) => list[next() % list.length] };
}

const EDGES = [0, 1, -1, 2, 3, 4, 7, 127, 128, 255, 256, 32_767, 65_535, 65_536, 0x7fffffff, -0x80000000, -0x7fffffff, 16_711_935, 100_000];
const COUNT = 16;
/** These call nobody, and the others only them: each call ends soon. */
const LEAVES = 8;

/** The text of a module with functions of two numbers that call each other, the host, and the table. */
function module(seed) {
  const { below, of } = chance(seed);
  let own = 0;
  const local = () => `$${of(['x', 'y', 'a', 'b', 'c'])}`;
  // Within the first 64 KiB, so that no way to compute it traps.
  const address = (depth) => (below(2) ? '(local.get $p)' : `(i32.and ${value(depth)} (i32.const 1020))`);
  function value(depth) {
    if (depth <= 0) return below(2) ? `(local.get ${local()})` : `(i32.const ${of(EDGES)})`;
    const next = () => value(depth - 1 - below(2));
    const comparison = () => `(i32.${of(['eq', 'ne', 'lt_s', 'lt_u', 'gt_s', 'gt_u', 'le_s', 'le_u', 'ge_s', 'ge_u'])} ${next()} ${next()})`;
    switch (below(17)) {
      case 0: return comparison();
      case 1: return `(i32.eqz ${next()})`;
      case 2: return `(i32.and ${next()} (i32.const ${of([1, 3, 255, 65_535, 0x7fffffff])}))`;
      case 3: return `(i32.${of(['shl', 'shr_s', 'shr_u'])} ${next()} (i32.const ${below(34)}))`;
      case 4: return `(i32.${of(['load8_u', 'load8_s', 'load16_u', 'load16_s', 'load', 'load align=1', 'load16_u align=1'])} ${''}`.replace(/(load\S*)( align=\d)?/, (_, name, align = '') => `${name} offset=${4 * below(50)}${align}`) + `${address(depth - 1)})`;
      case 5: return `(select ${next()} ${next()} ${next()})`;
      case 6: return `(if (result i32) ${next()} (then ${next()}) (else ${next()}))`;
      case 7: return `(call $host ${next()})`;
      case 8: return own >= LEAVES ? `(call $f${below(LEAVES)} ${next()} ${next()})` : next();
      case 9: return own >= LEAVES ? `(call_indirect (type $t) ${next()} ${next()} (i32.const ${below(LEAVES)}))` : next();
      case 10: return `(i32.wrap_i64 (i64.${of(['add', 'sub', 'mul', 'and', 'or', 'xor', 'shr_u', 'shl'])} ${long(depth - 1)} ${long(depth - 1)}))`;
      case 11: return `(local.tee ${local()} ${next()})`;
      case 12: return `(i32.${of(['clz', 'ctz', 'popcnt'])} ${next()})`;
      case 13: return `(i32.${of(['and', 'or', 'xor', 'add'])} ${comparison()} ${comparison()})`;
      default: return `(i32.${of(['add', 'add', 'add', 'sub', 'mul', 'and', 'or', 'xor', 'rotl'])} ${next()} ${next()})`;
    }
  }
  const long = (depth) => (below(2) ? `(i64.load offset=${8 * below(20)} ${address(depth)})` : `(i64.extend_i32_${of(['s', 'u'])} ${value(depth)})`);
  function statement(depth) {
    switch (below(9)) {
      case 0: return `(local.set ${local()} ${value(5)})`;
      case 1: return `(i32.store offset=${4 * below(50)} (local.get $p) ${value(5)})`;
      case 2: return `(i32.store offset=${below(99)} align=1 (local.get $p) ${value(5)})`;
      case 3: return `(i32.store${of(['8', '16'])} offset=${2 * below(99)} (local.get $p) ${value(5)})`;
      case 4: return `(i64.store offset=${8 * below(20)} (local.get $p) ${long(3)})`;
      case 5: return `(i64.store offset=${8 * below(20)} (local.get $p) (i64.load offset=${8 * below(20)} (local.get $p)))`;
      case 6: return `(if ${value(5)} (then ${statement(depth - 1)}) ${below(2) ? `(else ${statement(depth - 1)})` : ''})`;
      case 7: return `(block $out ${statement(depth - 1)} (br_if $out ${value(5)}) ${statement(depth - 1)})`;
      default: return depth < 2 ? `(local.set ${local()} ${value(5)})` : `(local.set $n (i32.const ${1 + below(4)})) (loop $on ${statement(0)} ${statement(0)} (br_if $on (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))`;
    }
  }
  const functions = [];
  for (; own < COUNT; own++) {
    const statements = Array.from({ length: 6 + below(9) }, () => statement(2)).join('\n');
    functions.push(`(func $f${own} (export "f${own}") (type $t) (param $x i32) (param $y i32) (result i32) (local $a i32) (local $b i32) (local $c i32) (local $p i32) (local $n i32)
      (local.set $p (i32.and (local.get $x) (i32.const 248))) ${statements}
      (i32.xor (i32.add (i32.add (local.get $a) (local.get $b)) (i32.mul (local.get $c) (i32.const 31))) ${value(6)}))`);
  }
  return `(module (type $t (func (param i32 i32) (result i32))) (import "a" "host" (func $host (param i32) (result i32))) (memory (export "m") 1)
    (table ${COUNT} funcref) (elem (i32.const 0) ${functions.map((_, index) => `$f${index}`).join(' ')})
    (data (i32.const 16) "text \\00\\01\\ff\\80 and more") ${functions.join('\n')})`;
}

const SEEDS = [...Array.from({ length: 3 }, (_, index) => index + 1), Math.trunc(Math.random() * 1e9)];

test.each(SEEDS)('a module by chance: seed %i', { timeout: 120_000 }, async (seed) => {
  const host = (value) => (value === 0 ? true : value === 1 ? undefined : (value * 3) | 0);
  const both = await instances(module(seed), host);
  const { of, next } = chance(seed);
  for (let round = 0; round < 200; round++) {
    const name = `f${next() % COUNT}`;
    const args = [0, 1].map(() => (next() % 3 ? of(EDGES) : next() | 0));
    const [wasm, program] = both.map((exports) => exports[name](...args));
    expect(program, `${name}(${args})`).toBe(wasm);
    const [before, after] = both.map(({ m }) => Buffer.from(m.buffer).subarray(0, 4096));
    expect(after.equals(before), `memory after ${name}(${args})`).toBe(true);
  }
});

test('memory that grows keeps what it has, and says when it cannot', async () => {
  const wat = `(module (import "a" "host" (func $host)) (memory (export "m") 1) (data (i32.const 8) "abc")
    (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
    (func (export "size") (result i32) (memory.size))
    (func (export "read") (param i32) (result i32) (i32.load8_u (local.get 0))))`;
  const [, program] = await instances(wat, () => {});
  expect([program.grow(2), program.size(), program.m.buffer.byteLength, program.read(9)]).toEqual([1, 3, 3 << 16, 98]);
  expect([program.grow(-1), program.grow(32_765), program.size(), program.read(10)]).toEqual([-1, -1, 3, 99]);
});
