// connect(): that the socket is opened while the module is on its way.

import { median, row } from './figures.mjs';

const DELAY_MS = 300;

/** Each in a browser context of its own, where nothing is cached and nothing is compiled. */
export async function connecting({ browser, site, servers }, { loads }) {
  const rows = [];
  for (const delay of [DELAY_MS, 0]) {
    site.moduleDelayMs = delay;
    const all = [];
    for (let load = 0; load < loads; load++) {
      const context = await browser.newContext();
      const page = await context.newPage();
      await page.goto(site.url);
      await page.waitForFunction(() => 'bench' in globalThis);
      all.push(await page.evaluate((server) => bench.coldConnect(server), servers.urls.pitaya));
      await context.close();
    }
    site.moduleDelayMs = 0;
    const at = (event) => median(all.map((events) => events[event]));
    const beside = ['socket', 'open', 'fetched', 'ready', 'connected'].map((event) => `${event} ${at(event).toFixed(1)}`).join(', ');
    const what = delay ? `connect, module ${delay} ms late` : 'connect, module at once';
    rows.push(row(`${what}: open`, at('open'), 'ms', undefined, `ms after the call: ${beside}`));
    if (delay) {
      // The worst of all loads: one that waited for the module would be a wrong order.
      const lead = Math.min(...all.map(({ open, ready }) => ready - open));
      rows.push({ ...row(`${what}: module ready - socket open`, lead, 'ms', undefined, 'the least of all loads'), goal: '> 0', verdict: lead > 0 ? 'met' : 'missed' });
    }
  }
  return rows;
}
