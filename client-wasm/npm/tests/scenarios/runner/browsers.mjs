// The browsers of this machine. Nothing is ever downloaded.

/** Firefox for tests. */
const FIREFOX = process.env.PITAYA_FIREFOX ?? '/usr/bin/firefox-esr';
/** Chromium for tests, for playwright's `launch`. */
export const CHROMIUM = {
  executablePath: process.env.PITAYA_CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run', '--disable-quic'],
};

/** Opens `url`, and gives a function that ends the browser. What the page complains about goes to `complain`. */
export const open = {
  async chromium(url, complain) {
    const { chromium } = await import('playwright-core');
    const browser = await chromium.launch(CHROMIUM);
    const page = await browser.newPage();
    page.on('crash', () => complain('the page crashed'));
    page.on('console', (message) => message.type() === 'error' && complain(message.text()));
    await page.goto(url);
    return () => browser.close();
  },

  async firefox(url, complain) {
    const { launch } = await import('puppeteer-core');
    const browser = await launch({ browser: 'firefox', executablePath: FIREFOX, headless: true });
    const page = await browser.newPage();
    page.on('console', (message) => message.type() === 'error' && complain(message.text()));
    await page.goto(url);
    return () => browser.close();
  },
};
