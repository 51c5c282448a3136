import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pages } from '../../web/pages/index.ts';
import { openHealing, openServices, type Services } from '../stories/healing.ts';
import type { Stack } from '../stories/stack.ts';
import { noBrowser } from './browser.ts';
import { addressesOf, type Everything, makeEverything } from './everything.ts';
import { openBrowser, visit } from './visitor.ts';

/** Everything that a person names freely is markup which tells on itself when a browser ever reads it as such. */
const hostile = (what: string): string => `<img src=x onerror=alert(1)> ${what}`;

let browser: Browser;
let services: Services;
let stack: Stack;
let everything: Everything;

/** What a reader who has no eyes for it, or no mouse, would stumble over. */
const findingsOf = async (page: Page): Promise<readonly string[]> => {
  const { violations } = await page.evaluate(() =>
    (globalThis as unknown as { axe: typeof axe }).axe.run(document, { resultTypes: ['violations'] }),
  );
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`));
};

describe.skipIf(noBrowser !== undefined)('Every page of the console, in a browser', () => {
  beforeAll(async () => {
    services = await openServices(['web']);
    [browser, stack] = await Promise.all([openBrowser(), openHealing(services.processes)]);
    everything = await makeEverything(stack, services, hostile);
  }, 180_000);
  afterAll(async () => {
    await Promise.all([browser?.close(), stack?.close(), services?.close()]);
  });

  const looks = [
    { look: 'in the light', options: { colorScheme: 'light' } },
    { look: 'in the dark', options: { colorScheme: 'dark' } },
    { look: 'on a phone', options: { viewport: { width: 360, height: 740 }, hasTouch: true } },
  ] as const;

  it.each(looks)(
    'shows markup in names as text, asks nothing of other hosts, does not scroll sideways, and has no serious accessibility finding $look',
    async ({ options }) => {
      const visitor = await visit(browser, stack.host.url, { ...options, now: stack.host.now() });
      const { page, complaints, refusals } = visitor;
      const wrong: string[] = [];
      await page.goto(`${stack.host.url}/`);
      await page.evaluate(axe.source);
      wrong.push(...(await findingsOf(page)).map((finding) => `sign-in ${finding}`));
      await visitor.signIn(stack.host.token);
      await page.evaluate(axe.source);
      for (const address of addressesOf(pages, everything)) {
        await visitor.go(address);
        const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        if (tooWide > 0) wrong.push(`${address} is ${tooWide} px wider than the screen`);
        if ((await page.locator('img[onerror], img[src="x"]').count()) > 0)
          wrong.push(`${address} has an image made of a name`);
        wrong.push(...(await findingsOf(page)).map((finding) => `${address} ${finding}`));
      }
      expect(wrong).toEqual([]);
      expect(complaints).toEqual([]);
      expect(refusals).toEqual([]);
      for (const address of visitor.addresses) expect(new URL(address).origin).toBe(stack.host.url);
      await visitor.close();
    },
    180_000,
  );

  it('shows the hostile names themselves where they belong', async () => {
    const visitor = await visit(browser, stack.host.url, { now: stack.host.now() });
    await visitor.signIn(stack.host.token);
    const shown = [
      { address: '/', names: ['checkout'] },
      { address: '/checks', names: ['checkout', 'back office'] },
      {
        address: `/incidents/${everything.ids['/incidents']}`,
        names: ['checkout', 'cards are declined', 'team chat'],
      },
      { address: '/rules', names: ['slow checkout'] },
      { address: '/channels', names: ['team chat'] },
      { address: '/silences', names: ['known since yesterday'] },
      { address: '/maintenance', names: ['backup'] },
      { address: '/remediations', names: ['checkout'] },
      { address: '/policies', names: ['careful healing'] },
      { address: '/status-pages', names: ['Shop status'] },
      { address: '/tokens', names: ['ada'] },
    ];
    for (const { address, names } of shown) {
      await visitor.go(address);
      const text = await visitor.page.locator('main').innerText();
      for (const name of names) expect(text, address).toContain(hostile(name));
    }
    expect(visitor.complaints).toEqual([]);
    await visitor.close();
  });

  it('is served under a policy that lets only its own files run, and knows no inline script', async () => {
    const answer = await stack.api('GET', '/', { token: null });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-security-policy')).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
    );
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
    expect(answer.text).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\bon[a-z]+=|style=/);
  });
});
