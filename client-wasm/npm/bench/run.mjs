// Measures the browser client in Chromium: node bench/run.mjs [--quick] [--json] [FIGURES...]. What and how: bench/README.md of the repository.

import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { chromium } from 'playwright-core';

import { connecting } from './runner/connecting.mjs';
import { pushes } from './runner/pushes.mjs';
import { roundTrips } from './runner/round_trips.mjs';
import { startServers } from './runner/servers.mjs';
import { Site } from './runner/site.mjs';
import { Table } from './runner/table.mjs';

const CHROMIUM = process.env.PITAYA_CHROMIUM ?? '/usr/bin/chromium';
const QUIET = ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run', '--disable-quic'];
/** What can be measured, and for how long: all of it, and a quick look. */
const FIGURES = {
  connect: { measure: connecting, full: { loads: 7 }, quick: { loads: 3 } },
  requests: { measure: roundTrips, full: { rounds: 24, samples: 1000 }, quick: { rounds: 8, samples: 500 } },
  pushes: { measure: pushes, full: { seconds: 4, turns: 4 }, quick: { seconds: 1, turns: 1 } },
};

const { values, positionals } = parseArgs({ allowPositionals: true, options: { quick: { type: 'boolean' }, json: { type: 'boolean' } } });
const names = positionals.length > 0 ? positionals : Object.keys(FIGURES);
for (const name of names) {
  if (!FIGURES[name]) throw new Error(`${name} is none of ${Object.keys(FIGURES).join(', ')}`);
}
const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');
// What was started ends with this process, also when it is told to stop.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1));
const site = new Site();
let servers;
let browser;
try {
  await site.start();
  servers = await startServers(root);
  browser = await chromium.launch({ executablePath: CHROMIUM, args: QUIET });
  const page = await browser.newPage();
  await page.goto(site.url);
  const table = new Table(page, values.json);
  const where = { browser, site, servers };
  table.title(`Chromium ${browser.version()}`);
  for (const name of names) {
    const { measure, full, quick } = FIGURES[name];
    await table.add(await measure(where, values.quick ? quick : full));
  }
} finally {
  await browser?.close();
  servers?.stop();
  await site.stop();
}
