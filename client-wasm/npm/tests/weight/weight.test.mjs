// The figure of the README is that of the very files with which a page connects, requests, notifies, is pushed to and comes back.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { chromium } from 'playwright-core';
import { expect, test } from 'vitest';

import { gzip, inProject, page as weighed } from '../../build/weigh.mjs';
import { serve } from '../packaging/site.ts';
import { CHROMIUM } from '../scenarios/runner/browsers.mjs';
import { Server } from '../scenarios/runner/peers.mjs';
import { serverProgram } from '../scenarios/runner/program.mjs';
import { watchDownloads } from './downloads.mjs';

const PAGE = '<!doctype html><link rel="icon" href="data:,"><script type="module" src="/page.js"></script>';

/** What a page hears that says `text`, and the server hears of it. */
const heard = (text) => ({
  answer: text,
  push: text,
  received: [
    { kind: 'notify', route: 'room.say', body: JSON.stringify(text) },
    { kind: 'request', route: 'room.ask', body: JSON.stringify(text) },
  ],
});

/** Gives what a page of these files downloads, by path, while it talks to a server that cuts the connection once. */
async function downloads(address, program) {
  const server = await Server.start(program, ['--mock', 'on-demand']);
  const browser = await chromium.launch(CHROMIUM);
  try {
    const page = await browser.newPage();
    const complaints = [];
    page.on('pageerror', (error) => complaints.push(String(error)));
    const told = await watchDownloads(page);
    await page.goto(address, { waitUntil: 'load' });
    expect(await page.evaluate((url) => globalThis.told.begin(url), server.url('on-demand'))).toEqual(heard('before'));
    expect(await page.evaluate(() => globalThis.told.again())).toEqual(heard('after'));
    await page.evaluate(() => globalThis.told.end());
    expect(complaints).toEqual([]);
    return told();
  } finally {
    await browser.close();
    await server.stop();
  }
}

test('what the browser counts is what is weighed', { timeout: 120_000 }, async () => {
  const program = serverProgram();
  const files = await inProject(weighed);
  const sent = { '/': gzip(PAGE), '/page.js': gzip(await readFile(join(import.meta.dirname, 'page.js'))) };
  for (const [name, bytes] of files) sent[`/${name}`] = gzip(bytes);
  const types = { '': 'text/html' };
  const came = await serve({ folder: import.meta.dirname, files: sent, types, headers: { 'content-encoding': 'gzip' } }, (address) => downloads(address, program));
  expect(came).toEqual(Object.fromEntries(Object.entries(sent).map(([path, bytes]) => [path, bytes.length])));
});
