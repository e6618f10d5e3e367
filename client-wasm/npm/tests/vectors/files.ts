// The files of conformance/vectors.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Json } from './notation.js';

const vectors = join(import.meta.dirname, '../../../../conformance/vectors');

/** The files of a folder by name. What is not JSON and not one of these folders is an error, so that nothing is overlooked. */
export function files(folder: string, folders: readonly string[] = []): [name: string, content: Json][] {
  const found: [string, Json][] = [];
  for (const entry of readdirSync(join(vectors, folder), { withFileTypes: true })) {
    if (entry.isDirectory() && folders.includes(entry.name)) continue;
    if (!entry.isFile() || !entry.name.endsWith('.json')) throw new Error(`not a vector file: ${entry.name}`);
    found.push([entry.name, JSON.parse(readFileSync(join(vectors, folder, entry.name), 'utf8'))]);
  }
  if (found.length === 0) throw new Error(`no vectors in ${folder}`);
  return found;
}
