// Runs the suite in this process, with the sockets of the package `ws`.

import { WebSocket } from 'ws';

export async function inNode({ run, plan, report, control }) {
  const pitaya = await import('pitaya-client');
  const uncaught = [];
  const note = (error) => uncaught.push(error);
  process.on('uncaughtException', note);
  process.on('unhandledRejection', note);
  const host = { pitaya, WebSocket, passWebSocket: true, peers: plan.peers, control, uncaught };
  for (const name of plan.scenarios) report.outcome(await run(name, host));
  process.off('uncaughtException', note);
  process.off('unhandledRejection', note);
}
