// What only a page can do: to be closed.

import { equal } from './expect.js';
import { deadline, eventually, type Scenario } from './setting.js';

const scenarios: Record<string, Scenario> = {
  'page-closes': async (setting) => {
    const watcher = await setting.connect('on-demand');
    const ends = async (): Promise<string[]> => watcher.request('mock.ends');
    const before = (await ends()).length;
    const told: unknown[] = [];
    const frame = document.createElement('iframe');
    const waiting = new Promise<void>((resolve) => {
      // A page on its way out has no source any more; nobody else sends messages.
      globalThis.addEventListener('message', ({ data }) => {
        if (data === 'waiting') resolve();
        else told.push(data);
      });
    });
    frame.src = `/leaving.html?${encodeURIComponent(setting.peer('on-demand'))}`;
    document.body.append(frame);
    await deadline('the page', waiting);
    frame.src = 'about:blank';
    await eventually('the end', async () => (await ends()).length > before);
    // Firefox itself says that the page goes away, before the page hears of it.
    const code = navigator.userAgent.includes('Firefox') ? 1001 : 1000;
    equal((await ends()).slice(before), [`closed ${code}`]);
    equal(told, [], 'errors of the page');
    frame.remove();
  },
};

export default scenarios;
