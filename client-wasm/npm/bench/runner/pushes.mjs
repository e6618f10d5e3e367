// What a stream of pushes costs a slow machine's main thread, next to an idle page and to code by hand.

import { median, row } from './figures.mjs';
import { longestDuring, timeDuring } from './tasks.mjs';

const THROTTLE = 4;
const PER_SECOND = 1000;
const FRAMES_PER_SECOND = 60;
const FRAME_GOAL_MS = 2;
const TASK_GOAL_MS = 16;
/** How many pushes leave the server at once: each by itself, and the ticks of a world 20 times a second. */
const TOGETHER = [1, 50];

async function measure({ browser, site, servers }, reader, together, seconds) {
  const page = await browser.newPage();
  await page.goto(site.url);
  await page.waitForFunction(() => 'bench' in globalThis);
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: THROTTLE });
  const flow = () =>
    page.evaluate(([reader, server, extent]) => bench.flow(reader, server, extent), [reader, servers.urls.pitaya, { seconds, perSecond: PER_SECOND, together }]);
  // In this order: the code is new when the longest task is looked for, and has been compiled when its usual cost is.
  const longest = await longestDuring(browser, page, flow);
  const time = await timeDuring(devtools, flow);
  await page.close();
  const frames = seconds * FRAMES_PER_SECOND;
  return { longest: longest.run, wall: longest.wall, frame: time.all / frames, script: time.script / frames };
}

export async function pushes(where, { seconds, turns }) {
  const rows = [];
  for (const together of TOGETHER) {
    const runs = { idle: [], 'by hand': [], client: [] };
    for (let turn = 0; turn < turns; turn++) {
      for (const reader of Object.keys(runs)) runs[reader].push(await measure(where, reader, together, seconds));
    }
    const of = (reader, part) => median(runs[reader].map((run) => run[part]));
    const most = (reader, part) => Math.max(...runs[reader].map((run) => run[part]));
    const least = (reader, part) => Math.min(...runs[reader].map((run) => run[part]));
    const all = (part, pick) => Object.keys(runs).map((reader) => `${reader} ${pick(reader, part).toFixed(2)}`).join(', ');
    const what = `${PER_SECOND} pushes/s, ${together} at once`;
    const added = of('client', 'frame') - of('idle', 'frame');
    rows.push(
      row(`${what}: added per frame`, added, 'ms', FRAME_GOAL_MS, `whole page: ${all('frame', of)}; least: ${all('frame', least)}; script: ${all('script', of)}`),
      row(`${what}: longest task`, most('client', 'longest'), 'ms', TASK_GOAL_MS, `${all('longest', most)}; usual: ${all('longest', of)}; by the clock: ${all('wall', most)}`),
    );
  }
  return rows;
}
