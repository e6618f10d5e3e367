// The rows of conformance/scenarios.md.

import { readFile } from 'node:fs/promises';

/** Rows as `{ name, notOn }`, where `notOn` gives the reason by platform. What is not understood is an error. */
export async function readTable(path) {
  const rows = [];
  for (const line of (await readFile(path, 'utf8')).split('\n')) {
    if (!/^\| *`/.test(line)) continue;
    const cells = line.split('|').slice(1, -1).map((cell) => cell.trim());
    const name = /^`([a-z0-9-]+)`$/.exec(cells[0])?.[1];
    if (!name || cells.length !== 5) throw new Error(`not a scenario: ${line}`);
    if (rows.some((row) => row.name === name)) throw new Error(`two scenarios are called ${name}`);
    rows.push({ name, notOn: reasons(cells[4], line) });
  }
  if (rows.length === 0) throw new Error(`${path} has no scenarios`);
  return rows;
}

function reasons(cell, line) {
  const notOn = {};
  let rest = cell;
  while (rest) {
    const [whole, platform, reason] = /^([a-z]+) \(([^)]+)\)(?:, *|$)/.exec(rest) ?? [];
    if (!platform) throw new Error(`not a platform and a reason: ${line}`);
    notOn[platform] = reason;
    rest = rest.slice(whole.length);
  }
  return notOn;
}
