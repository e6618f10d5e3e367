// The servers: processes of the program `bench`, Pitaya's and a bare echo of WebSocket messages.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** The program `bench`, built as a release, unless PITAYA_BENCH says where it is. */
function program(root) {
  if (process.env.PITAYA_BENCH) return process.env.PITAYA_BENCH;
  const args = ['build', '--release', '--locked', '-p', 'pitaya-bench', '--message-format', 'json-render-diagnostics'];
  const messages = execFileSync('cargo', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 1 << 28 });
  const built = messages.split('\n').filter(Boolean).map((line) => JSON.parse(line));
  return built.find(({ executable, target }) => executable && target.name === 'bench').executable;
}

/** Starts both; they end with this process, whose hand they hold by their standard input. */
export async function startServers(root) {
  const path = program(root);
  const children = [];
  const start = async (subject) => {
    const child = spawn(path, ['serve', subject, '--transport', 'ws'], { stdio: ['pipe', 'pipe', 'inherit'] });
    children.push(child);
    const failed = Promise.race([once(child, 'error').then(([error]) => error), once(child, 'exit').then(() => `${path} ended`)]);
    const line = once(createInterface({ input: child.stdout }), 'line').then(([text]) => /^listening on (\S+)$/.exec(text)?.[1]);
    const address = await Promise.race([line, failed.then((fault) => Promise.reject(new Error(fault, { cause: fault })))]);
    return `ws://${address}/`;
  };
  const stop = () => children.forEach((child) => child.kill());
  try {
    const [pitaya, echo] = await Promise.all([start('pitaya'), start('floor')]);
    return { urls: { pitaya, echo }, stop };
  } catch (error) {
    stop();
    throw error;
  }
}
