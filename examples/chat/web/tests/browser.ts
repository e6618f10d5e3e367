// The page in Chromium, as a player sees it.

import { type Browser, type BrowserContextOptions, type Page, chromium } from 'playwright-core';
import { PATIENCE_MS } from './programs';

/** Starts the browser that is installed; none is ever downloaded. */
export function startBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
      '--disable-quic',
    ],
  });
}

/** A player at a page of its own. */
export class Player {
  /** What the browser complained of: uncaught exceptions, violations of the page's policy. */
  readonly complaints: string[] = [];

  private constructor(
    readonly page: Page,
    readonly name: string,
  ) {
    page.setDefaultTimeout(PATIENCE_MS);
    page.on('pageerror', (error) => this.complaints.push(String(error)));
    page.on('console', (message) => {
      // The browser itself reports sockets that could not be opened: while a server is away that is how it should be.
      if (message.type() === 'error' && !/WebSocket connection/.test(message.text())) this.complaints.push(message.text());
    });
  }

  /** Opens the page. With `clock`, the test can turn the page's time forward. */
  static async at(
    browser: Browser,
    address: string,
    name: string,
    { clock, ...options }: BrowserContextOptions & { clock?: boolean } = {},
  ): Promise<Player> {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    if (clock) await page.clock.install();
    const player = new Player(page, name);
    await page.goto(`http://${address}/`);
    return player;
  }

  /** Fills the form and presses the button. */
  async join(room: string): Promise<void> {
    await this.page.getByTestId('name').fill(this.name);
    await this.page.getByTestId('room').fill(room);
    await this.page.getByTestId('join').click();
  }

  /** Joins and waits until the room is there. */
  async joined(room: string): Promise<void> {
    await this.join(room);
    await this.shows('state', /^Connected$/);
    await this.shows('members', this.name);
  }

  async says(text: string): Promise<void> {
    await this.page.getByTestId('message').fill(text);
    await this.page.getByTestId('message').press('Enter');
  }

  /** Waits until an element's text is or has `text`. */
  async shows(testId: string, text: string | RegExp): Promise<void> {
    await this.page.getByTestId(testId).filter({ hasText: text }).first().waitFor();
  }

  /** Waits until the log has a line of `from` that is through, with exactly this text. */
  async hears(from: string, text: string): Promise<void> {
    const line = this.page.locator('#lines > .line').filter({ has: this.page.locator('.name', { hasText: from }) });
    await line.getByText(text, { exact: true }).first().waitFor({ state: 'attached' });
  }

  /** How many lines of `from` with exactly this text the log shows. */
  count(from: string, text: string): Promise<number> {
    const line = this.page.locator('#lines > .line').filter({ has: this.page.locator('.name', { hasText: from }) });
    return line.getByText(text, { exact: true }).count();
  }

  /** The names that the page shows, without marks. */
  names(): Promise<string[]> {
    return this.page.locator('[data-testid=members] .member-name').allTextContents();
  }
}
