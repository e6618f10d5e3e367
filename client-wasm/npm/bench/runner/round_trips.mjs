// Requests next to messages that go round by hand, in one page.

import { median, row } from './figures.mjs';

const GOALS = { median: 1.3, p99: 1.5 };

export async function roundTrips({ browser, site, servers }, extent) {
  const rows = [];
  for (const kind of ['bytes', 'json']) {
    const page = await browser.newPage();
    await page.goto(site.url);
    await page.waitForFunction(() => 'bench' in globalThis);
    const rounds = await page.evaluate(([kind, { pitaya, echo }, extent]) => bench.roundTrips(kind, pitaya, echo, extent), [kind, servers.urls, extent]);
    await page.close();
    for (const part of ['median', 'p99']) {
      // Within a round: a machine that is slow for a while slows both sides of it.
      const ratios = rounds.map(({ client, byHand }) => client[part] / byHand[part]);
      const times = (pick) => `client ${pick('client').toFixed(3)} ms, by hand ${pick('byHand').toFixed(3)} ms`;
      const all = (side) => rounds.map((round) => round[side][part]);
      const usual = times((side) => median(all(side)));
      // What a machine would show that does nothing else.
      const least = times((side) => Math.min(...all(side)));
      const spread = `${Math.min(...ratios).toFixed(2)} .. ${Math.max(...ratios).toFixed(2)}`;
      rows.push(row(`request, ${kind}: ${part}`, median(ratios), 'x by hand', GOALS[part], `${usual}; rounds ${spread}; least: ${least}`));
    }
  }
  return rows;
}
