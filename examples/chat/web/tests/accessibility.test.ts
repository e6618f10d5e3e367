// Both screens hold up to axe, light and dark, on a phone's width and a desktop's, and work without a mouse.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Browser, type Page } from 'playwright-core';
import { Player, startBrowser } from './browser';
import { type Addresses, type Program, startServer } from './programs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let browser: Browser;
let server: Program;
let addresses: Addresses;

beforeAll(async () => {
  ({ server, addresses } = await startServer());
  browser = await startBrowser();
});

afterAll(async () => {
  await browser?.close();
  await server?.kill();
});

/** What axe finds, in words that a failed test shows. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const { violations } = await (window as unknown as { axe: typeof import('axe-core') }).axe.run();
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join('\n')}`);
  });
}

/** Whether something sticks out at a side. */
function overflows(page: Page): Promise<boolean> {
  return page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
}

describe.each([390, 1280])('at %i pixels', (width) => {
  test.each(['light', 'dark'] as const)('%s: no violation on either screen', async (colorScheme) => {
    const options = { colorScheme, viewport: { width, height: 800 }, reducedMotion: 'reduce' } as const;
    const room = `garden-${width}-${colorScheme}`;
    const alice = await Player.at(browser, addresses.page, `ALICE-${width}-${colorScheme}`, options);
    expect(await violations(alice.page)).toEqual([]);
    await alice.page.getByTestId('join').click();
    await alice.page.getByRole('alert').filter({ hasText: 'Say your name first.' }).waitFor();
    expect(await violations(alice.page)).toEqual([]);
    expect(await overflows(alice.page)).toBe(false);

    await alice.joined(room);
    const bob = await Player.at(browser, addresses.page, `a-very-long-name-${width}-${colorScheme}`, options);
    await bob.joined(room);
    await bob.says(`https://example.com/${'a-long-address'.repeat(40)}`);
    await bob.says('مرحبا بكم في الغرفة 🎉');
    await alice.hears(bob.name, 'مرحبا بكم في الغرفة 🎉');
    await alice.says('hello');
    await alice.hears(alice.name, 'hello');
    await alice.says('é'.repeat(1500));
    await alice.shows('log', 'Not sent');
    await alice.page.context().setOffline(true);
    await alice.shows('state', /^(Connected|Reconnecting)$/);
    expect(await violations(alice.page)).toEqual([]);
    expect(await overflows(alice.page)).toBe(false);
    await alice.page.context().close();
    await bob.page.context().close();
  });
});

test('the whole way goes by keyboard, and the focus is where one goes on', async () => {
  const alice = await Player.at(browser, addresses.page, 'ALICE');
  const { keyboard } = alice.page;
  const focused = (): Promise<string | undefined> =>
    alice.page.evaluate(() => (document.activeElement as HTMLElement | null)?.dataset.testid);
  expect(await focused()).toBe('name');
  await keyboard.type('ALICE');
  await keyboard.press('Tab');
  expect(await focused()).toBe('room');
  await keyboard.press('Enter');
  await alice.shows('state', /^Connected$/);
  await expect.poll(focused).toBe('message');
  await keyboard.type('typed');
  await keyboard.press('Enter');
  await alice.hears('ALICE', 'typed');
  expect(await focused()).toBe('message');
  await keyboard.press('Tab');
  expect(await focused()).toBe('send');
  // Every stop on the way shows that it is one.
  expect(
    await alice.page.getByTestId('send').evaluate((button) => getComputedStyle(button).outlineStyle),
  ).toBe('solid');
  await alice.page.getByTestId('leave').focus();
  await keyboard.press('Enter');
  await expect.poll(focused).toBe('room');
});
