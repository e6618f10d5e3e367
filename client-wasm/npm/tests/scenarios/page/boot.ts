// The page that runs the scenarios it is told to, and tells how they end.

import * as pitaya from 'page:entry';
import plan from 'page:plan';
import { runAll } from 'page:suite';

import type { Host } from '../suite/index.js';

const uncaught: unknown[] = [];
addEventListener('error', ({ error, message }) => uncaught.push(error ?? message));
addEventListener('unhandledrejection', ({ reason }) => uncaught.push(reason));

async function post(path: string, body: unknown): Promise<void> {
  const response = await fetch(path, { method: 'POST', body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
}

/** Whether the page's policy lets modules be compiled: the smallest one there is. */
async function compiles(): Promise<boolean> {
  try {
    await WebAssembly.compile(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
    return true;
  } catch {
    return false;
  }
}

try {
  if ((await compiles()) !== plan.wasm) throw new Error(`WebAssembly is ${plan.wasm ? 'refused' : 'allowed'} on this page`);
  const host: Host = {
    pitaya,
    WebSocket,
    passWebSocket: false,
    peers: plan.peers,
    control: (order) => post('/control', order),
    uncaught,
  };
  await runAll(plan.scenarios, host, (outcome) => post('/tell', { outcome }));
  await post('/tell', {});
} catch (error) {
  await post('/tell', { fault: error instanceof Error ? error.stack : String(error) });
}
