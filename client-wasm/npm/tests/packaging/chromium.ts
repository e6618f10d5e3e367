// Pages in Chromium.

import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, inject } from 'vitest';

const quiet = ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run', '--disable-quic'];
let browser: Browser;

/** For the files whose tests open pages: the browser runs as long as they do. */
export function useChromium(): void {
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: process.env.PITAYA_CHROMIUM ?? '/usr/bin/chromium', args: quiet });
  });
  afterAll(() => browser?.close());
}

/** Opens a page, and gives what it has told by its global `outcome`; a page that cannot is told with its complaints. */
export async function outcomeOf(address: string): Promise<unknown> {
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('requestfailed', (request) => complaints.push(`${request.url()}: ${request.failure()?.errorText}`));
  try {
    await page.goto(`${address}#${inject('url')}`);
    await page.waitForFunction(() => 'outcome' in globalThis, undefined, { timeout: 20_000 });
    return await page.evaluate(() => (globalThis as { outcome?: unknown }).outcome);
  } catch (error) {
    throw new Error([String(error), ...complaints].join('\n'));
  } finally {
    await page.close();
  }
}
