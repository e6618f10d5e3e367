// Runs the suite in this process, with the sockets of the package `ws`.

import { WebSocket } from 'ws';

export async function inNode({ runAll, plan, tell, control }) {
  const pitaya = await import('pitaya-client');
  const uncaught = [];
  const note = (error) => uncaught.push(error);
  process.on('uncaughtException', note);
  process.on('unhandledRejection', note);
  const host = { pitaya, WebSocket, passWebSocket: true, peers: plan.peers, control, uncaught };
  await runAll(plan.scenarios, host, tell);
  process.off('uncaughtException', note);
  process.off('unhandledRejection', note);
}
