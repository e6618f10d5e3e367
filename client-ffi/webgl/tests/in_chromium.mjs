// Runs the host in pages of Chromium.

import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const PAGE = '<!doctype html><meta charset="utf-8"><title>scenarios</title><link rel="icon" href="data:,"><script src="/scenarios.js"></script>';
const FILES = { '/scenarios.js': 'text/javascript', '/scenarios.wasm': 'application/wasm' };

/** One browser, and a page for each scenario. */
export class Chromium {
  #browser;
  #site;

  /** `folder` has what emscripten made. */
  async start(folder) {
    this.#site = createServer(async ({ url }, response) => {
      const body = url in FILES ? await readFile(join(folder, url)) : PAGE;
      response.writeHead(200, { 'content-type': FILES[url] ?? 'text/html' }).end(body);
    }).listen(0, '127.0.0.1');
    await once(this.#site, 'listening');
    this.#browser = await chromium.launch({
      executablePath: process.env.PITAYA_CHROMIUM ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'],
    });
  }

  /** Ends with what the program wrote and its exit code. `harness` takes its orders. */
  async run(args, harness) {
    const page = await this.#browser.newPage();
    const crashed = new Promise((_, fail) => {
      page.on('crash', () => fail(new Error('the page crashed')));
      page.on('pageerror', fail);
    });
    try {
      await page.exposeFunction('harness', harness);
      await page.goto(`http://127.0.0.1:${this.#site.address().port}/`);
      return await Promise.race([page.evaluate(inPage, args), crashed]);
    } finally {
      await page.close();
    }
  }

  async stop() {
    await this.#browser?.close();
    this.#site?.close();
  }
}

/** This is the page's: nothing around it can be seen. */
function inPage(args) {
  return new Promise((resolve, reject) => {
    const lines = [];
    const program = {
      arguments: args,
      harness: globalThis.harness,
      print: (line) => lines.push(line),
      printErr: (line) => lines.push(line),
      onExit: (code) => resolve({ code, text: lines.join('\n') }),
    };
    globalThis.scenarios(program).catch(reject);
  });
}
