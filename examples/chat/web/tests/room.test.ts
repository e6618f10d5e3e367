// Coming, going and being turned away, and lines that try to be more than text.

import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Browser } from 'playwright-core';
import { Player, startBrowser } from './browser';
import { type Addresses, type Program, startServer } from './programs';

let browser: Browser;
let server: Program;
let addresses: Addresses;

beforeEach(async () => {
  ({ server, addresses } = await startServer());
  browser = await startBrowser();
});

afterEach(async () => {
  await browser?.close();
  await server?.kill();
});

test('a player of the same name takes the place of the first, who is told', async () => {
  const first = await Player.at(browser, addresses.page, 'ALICE');
  await first.joined('garden');
  const second = await Player.at(browser, addresses.page, 'ALICE');
  await second.joined('garden');
  await first.page.getByRole('alert').filter({ hasText: 'You were signed out: signed in elsewhere.' }).waitFor();
  await expect.poll(() => second.names()).toEqual(['ALICE']);
});

test('a name that the server refuses is explained', async () => {
  // 32 characters, as many as the field takes, and 64 bytes, which are more than the server does.
  const alice = await Player.at(browser, addresses.page, 'é'.repeat(32));
  await alice.join('garden');
  await alice.page.getByRole('alert').filter({ hasText: 'A player needs a name of 1 to 32 bytes' }).waitFor();
  const nobody = await Player.at(browser, addresses.page, '   ');
  await nobody.join('garden');
  await nobody.page.getByRole('alert').filter({ hasText: 'Say your name first.' }).waitFor();
});

test('a server that is away is explained', async () => {
  const alice = await Player.at(browser, addresses.page, 'ALICE');
  await server.kill();
  await alice.join('garden');
  await alice.page.getByRole('alert').filter({ hasText: 'cannot be reached' }).waitFor();
  ({ server } = await startServer(addresses));
  await alice.joined('garden');
});

test('who leaves is missed by the others, and can join another room', async () => {
  const alice = await Player.at(browser, addresses.page, 'ALICE');
  const bob = await Player.at(browser, addresses.page, 'BOB');
  await alice.joined('garden');
  await bob.joined('garden');
  await alice.shows('members', 'BOB');
  await bob.page.getByTestId('leave').click();
  await alice.shows('log', 'BOB has left');
  expect(await alice.names()).toEqual(['ALICE']);
  await bob.joined('harbour');
  expect(await bob.names()).toEqual(['BOB']);
  expect(new URL(bob.page.url()).hash).toBe('#harbour');
  expect(bob.complaints).toEqual([]);
});

test('a line in HTML is shown as it was typed', async () => {
  const alice = await Player.at(browser, addresses.page, 'ALICE');
  const bob = await Player.at(browser, addresses.page, '<i>BOB</i>');
  await alice.joined('garden');
  await bob.joined('garden');
  const line = '<img src=x onerror="document.title=1"><b>bold</b> &amp; ‮مرحبا';
  await bob.says(line);
  await alice.hears('<i>BOB</i>', line);
  expect(await alice.page.locator('#conversation :is(img, b, i, script)').count()).toBe(0);
  expect(await alice.names()).toEqual(['ALICE', '<i>BOB</i>']);
  expect(alice.complaints).toEqual([]);
});

test('what is pasted with breaks is one line', async () => {
  const alice = await Player.at(browser, addresses.page, 'ALICE');
  await alice.joined('garden');
  await alice.says('one\ntwo\tthree');
  await alice.hears('ALICE', 'one two three');
});

test('a line that the server refuses is reported with its words', async () => {
  const alice = await Player.at(browser, addresses.page, 'ALICE');
  await alice.joined('garden');
  await alice.says('é'.repeat(1500));
  await alice.shows('log', 'Not sent: a line has at most 2000 bytes.');
  await alice.page.getByRole('button', { name: /^Dismiss/ }).click();
  expect(await alice.page.locator('#outbox > *').count()).toBe(0);
});

test('the log keeps the last 500 lines and stays at its end', async () => {
  const alice = await Player.at(browser, addresses.page, 'ALICE');
  await alice.joined('garden');
  // Each line waits for the one before: the room hears them in order.
  for (let number = 1; number <= 510; number += 1) {
    await alice.says(`line ${number}`);
    if (number % 30 === 0) await alice.hears('ALICE', `line ${number}`);
  }
  await alice.hears('ALICE', 'line 510');
  await expect.poll(() => alice.page.locator('#lines > *').count()).toBe(500);
  await alice.page.getByText('line 510', { exact: true }).waitFor();
  await expect
    .poll(() => alice.page.getByTestId('log').evaluate((log) => log.scrollHeight - log.scrollTop - log.clientHeight))
    .toBeLessThan(4);
});
