// The chat's programs, built before the first test: a compiler's time is not a test's.

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../../../..');

/** Builds the programs, unless the environment names them all. */
export default function setup(): void {
  if (process.env.PITAYA_CHAT_SERVER && process.env.PITAYA_CHAT_CLIENT) return;
  execFileSync(process.env.CARGO ?? 'cargo', ['build', '--locked', '--package', 'chat', '--bins'], { cwd: root, stdio: 'inherit' });
}

/** Where cargo puts a program. */
export function built(name: string): string {
  const folder = process.env.CARGO_TARGET_DIR ?? join(root, 'target');
  return join(folder, 'debug', process.platform === 'win32' ? `${name}.exe` : name);
}
