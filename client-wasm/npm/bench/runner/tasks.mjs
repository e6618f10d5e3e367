// What the main thread of a page does, from the browser's own trace.

const CATEGORIES = ['toplevel', 'blink.user_timing', '__metadata'];
const TASK = 'ThreadControllerImpl::RunTask';

/**
 * Does `work` while the browser writes down its tasks.
 *
 * @returns what `work` returned, and the tasks of the main thread that began between the page's marks `flow-start` and `flow-end`, in milliseconds:
 * `wall` is by the clock, `cpu` is what the thread itself ran, which other programs do not lengthen
 */
export async function tasksDuring(browser, page, work) {
  await browser.startTracing(page, { categories: CATEGORIES });
  let result;
  let trace;
  try {
    result = await work();
  } finally {
    trace = await browser.stopTracing();
  }
  const events = JSON.parse(trace).traceEvents;
  const mark = (name) => events.find((event) => event.name === name && event.cat.includes('blink.user_timing'));
  const start = mark('flow-start');
  const end = mark('flow-end');
  if (!start || !end) throw new Error('the trace has no marks');
  const tasks = events.filter(
    ({ name, ph, pid, tid, ts, dur }) => name === TASK && ph === 'X' && dur !== undefined && pid === start.pid && tid === start.tid && ts >= start.ts && ts <= end.ts,
  );
  if (tasks.length === 0) throw new Error('the trace has no tasks');
  const sum = (values) => values.reduce((all, value) => all + value, 0);
  const wall = tasks.map(({ dur }) => dur / 1000);
  const cpu = tasks.map(({ tdur = 0 }) => tdur / 1000);
  return {
    result,
    tasks: { count: tasks.length, wall: sum(wall), cpu: sum(cpu), longestWall: Math.max(...wall), longestCpu: Math.max(...cpu) },
    spanMs: (end.ts - start.ts) / 1000,
  };
}
