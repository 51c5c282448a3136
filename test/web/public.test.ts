import axe from 'axe-core';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openHealing, openServices, type Services } from '../stories/healing.ts';
import type { Stack } from '../stories/stack.ts';
import { noBrowser } from './browser.ts';
import { makeEverything } from './everything.ts';
import { openBrowser, visit } from './visitor.ts';

let browser: Browser;
let services: Services;
let stack: Stack;

const hostile = (what: string): string => `<img src=x onerror=alert(1)> ${what}`;
const paths = ['/status', '/status/shop', '/status/shop/history'];

describe.skipIf(noBrowser !== undefined)(
  'The public status page, in a browser of somebody signed out',
  () => {
    beforeAll(async () => {
      services = await openServices(['web']);
      [browser, stack] = await Promise.all([openBrowser(), openHealing(services.processes)]);
      await makeEverything(stack, services, hostile);
      // What was read for an earlier reader is kept for half a minute.
      await stack.advance('1m');
    }, 120_000);
    afterAll(async () => {
      await Promise.all([browser?.close(), stack?.close(), services?.close()]);
    });

    it('tells, without any script, of the public check that is down and what was published, and nothing of the private one', async () => {
      const visitor = await visit(browser, stack.host.url, { javaScriptEnabled: false });
      const { page, complaints, refusals, addresses } = visitor;
      for (const path of paths) {
        await page.goto(stack.host.url + path);
        const text = await page.locator('body').innerText();
        expect(text).toContain(hostile('Checkout'));
        expect(text).toContain(hostile('cards are declined'));
        for (const secret of [
          'back office',
          'a look at the log',
          'Service Down',
          '503',
          'admin',
          'careful healing',
        ])
          expect(text).not.toContain(secret);
      }
      await page.goto(`${stack.host.url}/status/shop`);
      expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe(hostile('Shop status'));
      expect(await page.locator('.banner').innerText()).toContain('down');
      await page.getByRole('link', { name: 'History' }).click();
      expect(new URL(page.url()).pathname).toBe('/status/shop/history');
      expect(await page.locator('img').count()).toBe(0);
      expect(complaints).toEqual([]);
      expect(refusals).toEqual([]);
      for (const address of addresses) expect(new URL(address).origin).toBe(stack.host.url);
      await visitor.close();
    });

    it.each([
      { look: 'in the light', options: { colorScheme: 'light' } },
      { look: 'in the dark', options: { colorScheme: 'dark' } },
      { look: 'on a phone', options: { colorScheme: 'light', viewport: { width: 360, height: 740 } } },
    ] as const)('has no serious accessibility finding $look, and fits', async ({ options }) => {
      const visitor = await visit(browser, stack.host.url, options);
      const { page, complaints } = visitor;
      for (const path of paths) {
        await page.goto(stack.host.url + path);
        await page.evaluate(axe.source);
        const { violations } = await page.evaluate(() =>
          (globalThis as unknown as { axe: typeof axe }).axe.run(document, { resultTypes: ['violations'] }),
        );
        const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
        expect(serious.map(({ id, nodes }) => `${path} ${id} ${nodes[0]?.target}`)).toEqual([]);
        expect(
          await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth),
        ).toBeLessThan(1);
      }
      expect(complaints).toEqual([]);
      await visitor.close();
    });
  },
);
