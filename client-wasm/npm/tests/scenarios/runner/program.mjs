// The conformance server: the program that the caller has built, else cargo builds it.

import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../../../..');

/** Its path. */
export function serverProgram() {
  if (process.env.PITAYA_CONFORMANCE_SERVER) return process.env.PITAYA_CONFORMANCE_SERVER;
  const args = ['build', '-p', 'pitaya-conformance', '--bin', 'pitaya-conformance-server', '--message-format', 'json-render-diagnostics'];
  const messages = execFileSync('cargo', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 1 << 28 });
  const built = messages.split('\n').filter(Boolean).map((line) => JSON.parse(line));
  return built.find(({ executable, target }) => executable && target.name === 'pitaya-conformance-server').executable;
}
