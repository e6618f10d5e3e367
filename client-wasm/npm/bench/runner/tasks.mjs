// What the main thread of a page does, as the browser itself counts it. All figures are milliseconds that the thread ran: what other programs
// take of the machine is not in them.

const TASK = 'ThreadControllerImpl::RunTask';

/** Counts the time of all tasks, and of what in them is JavaScript, while the page does `work`. */
export async function timeDuring(devtools, work) {
  await devtools.send('Performance.enable', { timeDomain: 'threadTicks' });
  const read = async () => {
    const { metrics } = await devtools.send('Performance.getMetrics');
    return Object.fromEntries(metrics.map(({ name, value }) => [name, value * 1000]));
  };
  const before = await read();
  await work();
  const after = await read();
  return { all: after.TaskDuration - before.TaskDuration, script: after.ScriptDuration - before.ScriptDuration };
}

/**
 * Finds the longest task that began between the page's marks `flow-start` and `flow-end` of `work`. `wall` is by the clock, with all that other
 * programs took. It is a run of its own, as writing all tasks down takes time as well.
 */
export async function longestDuring(browser, page, work) {
  await browser.startTracing(page, { categories: ['toplevel', 'blink.user_timing', '__metadata'] });
  let trace;
  try {
    await work();
  } finally {
    trace = await browser.stopTracing();
  }
  const events = JSON.parse(trace).traceEvents;
  const mark = (name) => events.find((event) => event.name === name && event.cat.includes('blink.user_timing'));
  const start = mark('flow-start');
  const end = mark('flow-end');
  if (!start || !end) throw new Error('the trace has no marks');
  const tasks = events.filter(({ name, tdur, pid, tid, ts }) => name === TASK && tdur !== undefined && pid === start.pid && tid === start.tid && ts >= start.ts && ts <= end.ts);
  if (tasks.length === 0) throw new Error('the trace has no tasks');
  const longest = (part) => tasks.reduce((most, task) => Math.max(most, task[part] / 1000), 0);
  return { run: longest('tdur'), wall: longest('dur') };
}
