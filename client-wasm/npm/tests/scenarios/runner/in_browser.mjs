// Runs the suite in a page of a browser.

import { open } from './browsers.mjs';
import { Site } from './site.mjs';

/** A page that says nothing for so long hangs. Every scenario ends by itself before. */
const SILENCE_MS = 120_000;

export async function inBrowser({ browser, entry, policy, suite, plan, report, dist, control }) {
  const complaints = [];
  let ended = () => {};
  let timer;
  const end = new Promise((resolve) => (ended = resolve));
  const heard = () => {
    clearTimeout(timer);
    timer = setTimeout(() => ended('the page says nothing'), SILENCE_MS);
  };
  const left = new Set(plan.scenarios);
  const tell = (message) => {
    heard();
    if (message.outcome) {
      left.delete(message.outcome.name);
      report.outcome(message.outcome);
    } else if (message.fault) {
      ended(message.fault);
    } else {
      ended();
    }
  };
  const site = new Site({ dist, suite, entry, policy, plan: { ...plan, wasm: !policy }, tell, control });
  const url = await site.start();
  let close;
  try {
    heard();
    close = await open[browser](url, (complaint) => complaints.push(complaint));
    const fault = await end;
    if (fault) report.fault('page', [fault, ...complaints].join('\n'));
    for (const name of left) report.fault(name, 'was not run');
  } finally {
    clearTimeout(timer);
    await close?.();
    await site.stop();
  }
}
