// Two browser pages and a terminal talk in one room, and the server is killed and started again between their lines.

import { afterEach, expect, test } from 'vitest';
import { type Browser } from 'playwright-core';
import { Player, startBrowser } from './browser';
import { Program, startClient, startServer } from './programs';

let browser: Browser | undefined;
let programs: Program[] = [];

afterEach(async () => {
  await browser?.close();
  await Promise.all(programs.map((program) => program.kill()));
  programs = [];
});

test('all are back in their room, and what was said in between arrives or is reported', async () => {
  const first = await startServer();
  programs.push(first.server);
  const { addresses } = first;
  browser = await startBrowser();
  const alice = await Player.at(browser, addresses.page, 'ALICE');
  const bob = await Player.at(browser, addresses.page, 'BOB', { viewport: { width: 390, height: 844 } });
  await alice.joined('garden');
  await bob.joined('garden');
  const carol = startClient(`tcp://${addresses.tcp}`, 'CAROL', 'garden');
  programs.push(carol);
  await carol.says('* in garden: ALICE, BOB, CAROL');
  await alice.shows('members', 'CAROL');
  await bob.shows('log', 'CAROL is here');

  await alice.says('hello 🎉');
  await bob.hears('ALICE', 'hello 🎉');
  await carol.says('ALICE: hello 🎉');
  carol.types('hi from a terminal');
  await alice.hears('CAROL', 'hi from a terminal');
  await bob.hears('CAROL', 'hi from a terminal');
  await bob.says('good to see you');
  await alice.hears('BOB', 'good to see you');
  await carol.says('BOB: good to see you');
  await alice.shows('rtt', /\d+ ms/);

  await first.server.kill();
  await alice.shows('state', /^Reconnecting$/);
  await bob.shows('state', /^Reconnecting$/);
  await carol.says('connection lost');
  await alice.says('said while away');
  await alice.shows('log', 'Waiting to be sent');
  carol.types('typed while away');
  await bob.page.getByText(/Connection lost\. (Next try in \d+ s\.|Trying again…)/).waitFor();

  const second = await startServer(addresses);
  programs.push(second.server);
  await alice.shows('state', /^Connected$/);
  await bob.shows('state', /^Connected$/);
  await carol.says('connected again');
  // Nobody asked them to join again.
  await expect.poll(() => alice.names(), { timeout: 60_000 }).toEqual(['ALICE', 'BOB', 'CAROL']);
  await expect.poll(() => bob.names(), { timeout: 60_000 }).toEqual(['BOB', 'ALICE', 'CAROL']);
  for (const player of [alice, bob]) {
    await player.hears('ALICE', 'said while away');
    await player.hears('CAROL', 'typed while away');
  }
  expect(await alice.page.locator('#outbox > *').count()).toBe(0);

  await bob.says('all here again');
  await alice.hears('BOB', 'all here again');
  await carol.says('BOB: all here again');
  expect(alice.complaints).toEqual([]);
  expect(bob.complaints).toEqual([]);
});

test('a line that waited too long is reported as not sent, and can be sent again', async () => {
  const first = await startServer();
  programs.push(first.server);
  browser = await startBrowser();
  const alice = await Player.at(browser, first.addresses.page, 'ALICE', { clock: true });
  await alice.joined('garden');
  await first.server.kill();
  await alice.shows('state', /^Reconnecting$/);
  await alice.says('is anybody there?');
  await alice.shows('log', 'Waiting to be sent');
  // Half a minute is what a line waits.
  await alice.page.clock.fastForward(31_000);
  await alice.shows('log', 'Not sent: the server was away for too long.');

  programs.push((await startServer(first.addresses)).server);
  await alice.page.clock.fastForward(15_000);
  await alice.shows('state', /^Connected$/);
  await alice.page.getByRole('button', { name: 'Try again: is anybody there?' }).click();
  await alice.hears('ALICE', 'is anybody there?');
  expect(await alice.page.locator('#outbox > *').count()).toBe(0);
});

test('a line that was on its way when the server died is reported as unknown, and can be sent again', async () => {
  const first = await startServer();
  programs.push(first.server);
  browser = await startBrowser();
  const alice = await Player.at(browser, first.addresses.page, 'ALICE');
  await alice.joined('garden');
  // A server that reads no more: the line leaves the page and is answered by nobody.
  first.server.freeze();
  await alice.says('did you hear?');
  await alice.shows('log', 'Sending…');
  await first.server.kill();
  await alice.shows('log', 'The connection was lost: it is not known whether this arrived.');

  programs.push((await startServer(first.addresses)).server);
  await alice.shows('state', /^Connected$/);
  await alice.page.getByRole('button', { name: 'Send again: did you hear?' }).click();
  await alice.hears('ALICE', 'did you hear?');
  expect(await alice.page.locator('#outbox > *').count()).toBe(0);
});
