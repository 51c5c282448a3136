import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { buildConsole } from '../../infra/console/build.ts';
import { noBrowser } from './browser.ts';
import { manyUrl, serveMany } from './many.ts';
import { openBrowser } from './visitor.ts';

let browser: Browser;
let context: BrowserContext;
let page: Page;
let dir = '';

/** More elements than a screen and what lies around it can need: all two thousand rows would be forty thousand. */
const mostNodes = 3_000;
const nodes = (): Promise<number> => page.evaluate(() => document.getElementsByTagName('*').length);

/** A screen at a time to the end of the page, as a person with Page Down; gives the most elements there ever were. */
const scrollThrough = async (): Promise<number> => {
  let most = 0;
  let before = -1;
  for (;;) {
    const { y, count } = await page.evaluate(
      () =>
        new Promise<{ y: number; count: number }>((resolve) => {
          window.scrollBy(0, window.innerHeight * 4);
          requestAnimationFrame(() =>
            requestAnimationFrame(() =>
              resolve({ y: window.scrollY, count: document.getElementsByTagName('*').length }),
            ),
          );
        }),
    );
    most = Math.max(most, count);
    if (y === before) return most;
    before = y;
  }
};

describe.skipIf(noBrowser !== undefined)(
  'Two thousand checks and five hundred incidents, in a browser',
  () => {
    beforeAll(async () => {
      [browser, { dir }] = await Promise.all([openBrowser(), buildConsole()]);
    }, 120_000);
    afterAll(() => browser?.close());
    beforeEach(async () => {
      context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
      await serveMany(context, dir, { checks: 2_000, incidents: 500 });
      page = await context.newPage();
    });
    afterEach(() => context.close());

    const lists = [
      { path: 'checks', caption: 'Checks', rows: 2_000 },
      { path: 'incidents', caption: 'Incidents', rows: 500 },
    ];

    it.each(lists)(
      '$path: the first rows come soon, and only those in sight are in the document, to the very end',
      async (list) => {
        await page.goto(`${manyUrl}/#/${list.path}`);
        const table = page.getByRole('table', { name: list.caption });
        await table.getByRole('link').first().waitFor();
        await expect
          .poll(() => table.getAttribute('aria-rowcount'), { timeout: 20_000 })
          .toBe(String(list.rows + 1));
        expect(await nodes()).toBeLessThan(mostNodes);
        expect(await scrollThrough()).toBeLessThan(mostNodes);
        const lastIndex = await table.locator('[role=row]').last().getAttribute('aria-rowindex');
        expect(lastIndex).toBe(String(list.rows + 1));
      },
    );

    it('the filter finds one of two thousand while it is typed', async () => {
      await page.goto(`${manyUrl}/#/checks`);
      const table = page.getByRole('table', { name: 'Checks' });
      await expect.poll(() => table.getAttribute('aria-rowcount'), { timeout: 20_000 }).toBe('2001');
      await page.keyboard.press('/');
      await page.keyboard.type('check 1234');
      await expect.poll(() => table.getByRole('link').allInnerTexts()).toEqual(['check 1234']);
    });

    it('the overview of so many stays small, too', async () => {
      await page.goto(`${manyUrl}/`);
      await page.getByRole('heading', { name: /^Wrong now: 80 checks/ }).waitFor();
      expect(await nodes()).toBeLessThan(mostNodes);
    });
  },
);
