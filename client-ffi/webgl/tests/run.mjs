// Runs the scenarios of the host in C: run.mjs chromium|node [NAME...]
//
// PITAYA_WEBGL_HOST is the folder with what emscripten made of the host, PITAYA_CONFORMANCE_SERVER the program that plays the peers,
// PITAYA_CHROMIUM the browser.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Chromium } from './in_chromium.mjs';
import { Node } from './in_node.mjs';
import { Peers } from './peers.mjs';

/** A scenario that takes this long hangs. */
const LONG_MS = 60_000;
/** They wait more than they work. */
const AT_ONCE = 4;

const folder = process.env.PITAYA_WEBGL_HOST;
const [where, ...only] = process.argv.slice(2);
const hosts = { chromium: Chromium, node: Node };

/** The program's scenarios, each with the peers that it wants. */
async function listed() {
  const node = new Node();
  await node.start(folder);
  const { code, text } = await node.run(['--list'], () => {});
  if (code !== 0) throw new Error(`the program does not say what it has: ${code} ${text}`);
  const all = text.split('\n').map((line) => /^(\S+) (.+)$/.exec(line).slice(1));
  const chosen = all.filter(([name]) => only.length === 0 || only.includes(name));
  if (chosen.length < Math.max(only.length, 1)) throw new Error(`there is no such scenario: ${only.join(', ')}`);
  return chosen;
}

/** What went wrong; nothing when all went well. */
async function fault(host, name, wanted, scratch) {
  const peers = new Peers(wanted, scratch);
  let timer;
  try {
    const ports = await peers.start();
    const hangs = new Promise((resolve) => (timer = setTimeout(resolve, LONG_MS, { code: 'none', text: 'it hangs' })));
    const run = host.run(['host', 'ws', name, ...ports], (order) => peers.obey(order));
    const { code, text } = await Promise.race([run, hangs]);
    return code === 0 ? undefined : `exit code ${code}: ${text}`;
  } catch (error) {
    return error.stack;
  } finally {
    clearTimeout(timer);
    await peers.stop();
  }
}

const scratch = await mkdtemp(join(tmpdir(), 'pitaya-webgl-'));
const host = new hosts[where]();
const failed = [];
let passed = 0;
try {
  const left = await listed();
  await host.start(folder);
  const worker = async () => {
    for (let next = left.pop(); next; next = left.pop()) {
      const [name, peers] = next;
      const begin = performance.now();
      const wrong = await fault(host, name, peers, scratch);
      if (wrong === undefined) passed++;
      else failed.push(name);
      const time = `${Math.round(performance.now() - begin)} ms`;
      console.log(wrong === undefined ? `ok      ${name} (${time})` : `FAILED  ${name} (${time})\n        ${wrong.replaceAll('\n', '\n        ')}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
} finally {
  await host.stop();
  await rm(scratch, { recursive: true });
}
console.log(`test result: ${failed.length ? 'FAILED' : 'ok'}. ${passed} passed; ${failed.length} failed; 0 ignored`);
process.exitCode = failed.length ? 1 : 0;
