// Whoever comes back sees what was said meanwhile, and sees it once, however often its speaker had to send it.

import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Browser, type Page, type WebSocketRoute } from 'playwright-core';
import { Player, startBrowser } from './browser';
import { type Addresses, Program, startClient, startServer } from './programs';

let browser: Browser;
let addresses: Addresses;
let server: Program;
let programs: Program[] = [];

/** Starts the server, for the first time or again. */
async function start(again?: Addresses): Promise<void> {
  ({ server, addresses } = await startServer(again));
  programs.push(server);
}

beforeEach(async () => {
  await start();
  browser = await startBrowser();
});

afterEach(async () => {
  await browser?.close();
  await Promise.all(programs.map((program) => program.kill()));
  programs = [];
});

test('a line that goes out before the others are back is seen by them, too', async () => {
  const alice = await Player.at(browser, addresses.page, 'ALICE');
  const bob = await Player.at(browser, addresses.page, 'BOB');
  await alice.joined('garden');
  await bob.joined('garden');
  const carol = startClient(`tcp://${addresses.tcp}`, 'CAROL', 'garden');
  programs.push(carol);
  await carol.says('* in garden: ALICE, BOB, CAROL');

  await server.kill();
  await alice.shows('state', /^Reconnecting$/);
  await bob.shows('state', /^Reconnecting$/);
  await carol.says('connection lost');
  // Neither can come back before the line is out.
  await bob.page.context().setOffline(true);
  carol.freeze();
  await alice.says('said while away');
  await alice.shows('log', 'Waiting to be sent');
  await start(addresses);
  await alice.hears('ALICE', 'said while away');
  expect(await alice.page.locator('#outbox > *').count()).toBe(0);
  expect(await alice.names()).toEqual(['ALICE']);

  await bob.page.context().setOffline(false);
  await bob.hears('ALICE', 'said while away');
  carol.thaw();
  await carol.says('ALICE: said while away');
  // The new server cannot tell what the old one was told last.
  await bob.shows('log', 'Lines may be missing here');
  await alice.says('all here');
  await bob.hears('ALICE', 'all here');
  expect(await bob.count('ALICE', 'said while away')).toBe(1);
  expect(bob.complaints).toEqual([]);
});

test('a player who was away alone sees what the others said, without a gap', async () => {
  const alice = await Player.at(browser, addresses.page, 'ALICE');
  const bobs = await Wire.to('BOB');
  await alice.joined('garden');
  await bobs.player.joined('garden');
  await alice.shows('members', 'BOB');
  await bobs.cut();
  await bobs.player.shows('state', /^Reconnecting$/);
  await alice.says('one');
  await alice.hears('ALICE', 'one');
  await alice.says('two');
  await alice.hears('ALICE', 'two');
  bobs.mend();
  await bobs.player.hears('ALICE', 'two');
  expect(await bobs.player.page.locator('#lines .text').allTextContents()).toEqual(['one', 'two']);
  expect(await bobs.player.page.locator('#lines .gap').count()).toBe(0);
});

test('a line whose answer was lost turns out to be said', async () => {
  const alices = await Wire.to('ALICE');
  const alice = alices.player;
  const bob = await Player.at(browser, addresses.page, 'BOB');
  await alice.joined('garden');
  await bob.joined('garden');
  await alice.shows('members', 'BOB');
  alices.mute();
  await alice.says('did you hear?');
  await bob.hears('ALICE', 'did you hear?');
  await alices.cut();
  await alice.shows('log', 'The connection was lost: it is not known whether this arrived.');
  alices.mend();
  await alice.hears('ALICE', 'did you hear?');
  expect(await alice.page.locator('#outbox > *').count()).toBe(0);
});

test('a line that is sent again after a restart is not shown twice', async () => {
  const alices = await Wire.to('ALICE');
  const alice = alices.player;
  const bob = await Player.at(browser, addresses.page, 'BOB');
  await alice.joined('garden');
  await bob.joined('garden');
  await alice.shows('members', 'BOB');
  alices.mute();
  await alice.says('did you hear?');
  await bob.hears('ALICE', 'did you hear?');
  await server.kill();
  await alices.cut();
  await alice.shows('log', 'it is not known whether this arrived');
  await start(addresses);
  alices.mend();
  await bob.shows('state', /^Connected$/);
  await alice.page.getByRole('button', { name: 'Send again: did you hear?' }).click();
  await alice.hears('ALICE', 'did you hear?');
  await alice.says('now you do');
  await bob.hears('ALICE', 'now you do');
  expect(await bob.count('ALICE', 'did you hear?')).toBe(1);
});

/** The way between a page and the server, which a test can mute or cut. */
class Wire {
  #open: WebSocketRoute[] = [];
  #muted = false;
  #broken = false;

  private constructor(readonly player: Player) {}

  static async to(name: string): Promise<Wire> {
    const player = await Player.at(browser, addresses.page, name);
    const wire = new Wire(player);
    await wire.#through(player.page);
    await player.page.reload();
    return wire;
  }

  async #through(page: Page): Promise<void> {
    await page.routeWebSocket('**/ws', (socket) => {
      if (this.#broken) {
        void socket.close();
        return;
      }
      this.#open.push(socket);
      const far = socket.connectToServer();
      socket.onMessage((message) => far.send(message));
      far.onMessage((message) => {
        if (!this.#muted) socket.send(message);
      });
    });
  }

  /** What the server says does not arrive any more. */
  mute(): void {
    this.#muted = true;
  }

  /** The connection is gone, and there is no new one. */
  async cut(): Promise<void> {
    this.#broken = true;
    await Promise.all(this.#open.map((socket) => socket.close()));
    this.#open = [];
  }

  /** New connections are possible, and are heard. */
  mend(): void {
    this.#muted = false;
    this.#broken = false;
  }
}
