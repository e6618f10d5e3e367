// Runs the suite in a page of a browser.

import { open } from './browsers.mjs';
import { Site } from './site.mjs';

/** A page that says nothing for so long hangs. Every scenario ends by itself before. */
const SILENCE_MS = 120_000;

export async function inBrowser({ browser, entry, policy, suite, plan, tell, fault, dist, control }) {
  const complaints = [];
  let ended = () => {};
  let timer;
  const end = new Promise((resolve) => (ended = resolve));
  const heard = () => {
    clearTimeout(timer);
    timer = setTimeout(() => ended('the page says nothing'), SILENCE_MS);
  };
  const hear = (message) => {
    heard();
    if (message.outcome) {
      tell(message.outcome);
    } else if (message.fault) {
      ended(message.fault);
    } else {
      ended();
    }
  };
  const site = new Site({ dist, suite, entry, policy, plan: { ...plan, wasm: !policy }, tell: hear, control });
  const url = await site.start();
  let close;
  try {
    heard();
    close = await open[browser](url, (complaint) => complaints.push(complaint));
    const told = await end;
    if (told) fault('page', [told, ...complaints].join('\n'));
  } finally {
    clearTimeout(timer);
    await close?.();
    await site.stop();
  }
}
