// What a stream of pushes costs a slow machine's main thread, next to an idle page and to code by hand.

import { median, row } from './figures.mjs';
import { tasksDuring } from './tasks.mjs';

const THROTTLE = 4;
const PER_SECOND = 1000;
const FRAME_MS = 2;
const TASK_MS = 16;
const READERS = ['idle', 'by-hand', 'client'];

async function once({ browser, site, servers }, reader, seconds) {
  const page = await browser.newPage();
  await page.goto(site.url);
  await page.waitForFunction(() => 'bench' in globalThis);
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: THROTTLE });
  const flow = () => page.evaluate(([reader, server, extent]) => bench.flow(reader, server, extent), [reader, servers.urls.pitaya, { seconds, perSecond: PER_SECOND }]);
  // The browser compiles what it runs often: a page of a game has been open for a while.
  await flow();
  await page.evaluate(() => performance.clearMarks());
  const { result, tasks, spanMs } = await tasksDuring(browser, page, flow);
  await page.close();
  if (process.env.DEBUG) console.log(reader, tasks, result, spanMs);
  return { ...tasks, frames: result.frames, perFrame: tasks.wall / result.frames, cpuPerFrame: tasks.cpu / result.frames, spanMs };
}

export async function pushes(where, { seconds, turns }) {
  const all = Object.fromEntries(READERS.map((reader) => [reader, []]));
  for (let turn = 0; turn < turns; turn++) {
    for (const reader of READERS) all[reader].push(await once(where, reader, seconds));
  }
  const of = (reader, part) => median(all[reader].map((run) => run[part]));
  const most = (reader, part) => Math.max(...all[reader].map((run) => run[part]));
  const beside = (part, pick) => READERS.map((reader) => `${reader} ${pick(reader, part).toFixed(2)}`).join(', ');
  const what = `${PER_SECOND} pushes/s at ${THROTTLE}x throttle`;
  return [
    row(`${what}: main thread per frame`, of('client', 'perFrame'), 'ms', FRAME_MS, `${beside('perFrame', of)}; of it run: ${beside('cpuPerFrame', of)}`),
    row(`${what}: longest task`, most('client', 'longestWall'), 'ms', TASK_MS, `${beside('longestWall', most)}; of it run: ${beside('longestCpu', most)}`),
    row(`${what}: frames per second`, of('client', 'frames') / (of('client', 'spanMs') / 1000), '', undefined, READERS.map((reader) => `${reader} ${(of(reader, 'frames') / (of(reader, 'spanMs') / 1000)).toFixed(1)}`).join(', ')),
  ];
}
