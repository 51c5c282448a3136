import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { launchOptions } from './browser.ts';

/** Somebody with a browser of their own: nothing is shared with other visitors, as if each sat at another machine. */
export type Visitor = {
  readonly page: Page;
  /** What no page may ever cause: dialogs, exceptions, errors on the browser's console, breaches of the policy. */
  readonly complaints: readonly string[];
  /** Requests that were answered with a refusal: `404 GET /api/…`. */
  readonly refusals: readonly string[];
  /** Every address that was asked for, in order. */
  readonly addresses: readonly string[];
  /** Types the token into the sign-in page, as a person does. */
  signIn(token: string): Promise<void>;
  /** To a page of the console, without loading it anew; waits until it shows what it read. */
  go(hash: string): Promise<void>;
  setOffline(isOffline: boolean): Promise<void>;
  close(): Promise<void>;
};

export const openBrowser = (): Promise<Browser> => chromium.launch(launchOptions);

export type VisitOptions = BrowserContextOptions & {
  /** The instant that the visitor's clock shows at the beginning: a host whose clock is driven has a time of its own. */
  readonly now?: number;
};

/** Runs in the page before anything else: its clock goes as every clock, from another instant on. */
const shiftClock = (shiftMs: number): void => {
  const Own = Date;
  const now = (): number => Own.now() + shiftMs;
  globalThis.Date = new Proxy(Own, {
    construct: (target, given) => (given.length === 0 ? new target(now()) : Reflect.construct(target, given)),
    get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
  });
};

/** What a browser tells of answers that are refusals; they are gathered as `refusals`. */
const isRefusalTold = (text: string): boolean => text.startsWith('Failed to load resource');

export const visit = async (
  browser: Browser,
  url: string,
  { now, ...options }: VisitOptions = {},
): Promise<Visitor> => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  if (now !== undefined) await context.addInitScript(shiftClock, now - Date.now());
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const complaints: string[] = [];
  const refusals: string[] = [];
  const addresses: string[] = [];
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('pageerror', (error) => complaints.push(`exception: ${error.message}`));
  page.on('console', (said) => {
    if (said.type() === 'error' && !isRefusalTold(said.text())) complaints.push(`console: ${said.text()}`);
  });
  page.on('request', (request) => addresses.push(request.url()));
  page.on('response', (response) => {
    const { pathname } = new URL(response.url());
    if (response.status() >= 400)
      refusals.push(`${response.status()} ${response.request().method()} ${pathname}`);
  });
  return {
    page,
    complaints,
    refusals,
    addresses,
    async signIn(token) {
      await page.goto(`${url}/`);
      await page.getByLabel('Token', { exact: true }).fill(token);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.locator('main#main').waitFor();
    },
    async go(hash) {
      await page.evaluate((to) => {
        window.location.hash = to;
      }, hash);
      await settled(page);
    },
    setOffline: (isOffline) => context.setOffline(isOffline),
    close: () => context.close(),
  };
};

/** Until the page has its heading and waits for nothing more. */
export const settled = (page: Page): Promise<void> =>
  page.locator('main:not(:has(.waiting)) h1').first().waitFor();

/** Until what is in the document is on the screen too: nobody presses a key for what is not to be seen yet. */
export const drawn = (page: Page): Promise<void> =>
  page.evaluate(
    () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve()))),
  );
