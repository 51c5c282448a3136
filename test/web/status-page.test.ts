import axe from 'axe-core';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { feedOf } from '../../shared/status-pages/public/feed.ts';
import {
  failedHtml,
  listHtml,
  missingHtml,
  monthHtml,
  pageHtml,
} from '../../shared/status-pages/public/page-html.ts';
import { pageOf, readAt } from '../domain/status-pages/sample-page.ts';
import { launchOptions, noBrowser } from './browser.ts';

const page = pageOf();
const pages = {
  'the page': pageHtml(page, readAt, false).body,
  'a stale page': pageHtml(page, readAt + 600_000, true).body,
  'a month': monthHtml({ face: page.face, month: '2026-10', incidents: page.past, readAt }, false).body,
  'the list': listHtml([page.face, { slug: 'b', name: 'B' }]).body,
  'no page': missingHtml().body,
  'a failure': failedHtml().body,
};

describe.runIf(noBrowser === undefined)('a status page in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch(launchOptions);
  });
  afterAll(() => browser?.close());

  const shown = async (html: string, scheme: 'light' | 'dark', width: number) => {
    const context = await browser.newContext({ colorScheme: scheme, viewport: { width, height: 900 } });
    const tab = await context.newPage();
    await tab.setContent(html);
    return { tab, close: () => context.close() };
  };

  test.each(
    Object.entries(pages).flatMap(([name, html]) =>
      (['light', 'dark'] as const).flatMap((scheme) =>
        [1100, 360].map((width) => [name, scheme, width, html] as const),
      ),
    ),
  )(
    '%s, %s, %i wide: axe finds nothing, and nothing reaches over the edge',
    async (_, scheme, width, html) => {
      const { tab, close } = await shown(html, scheme, width);
      await tab.evaluate(axe.source);
      const found = await tab.evaluate(async () => {
        const { violations } = await (globalThis as unknown as { axe: typeof axe }).axe.run();
        return violations.map(({ id, nodes }) => [id, nodes.map(({ html: where }) => where)]);
      });
      expect(found).toEqual([]);
      expect(await tab.evaluate('document.documentElement.scrollWidth')).toBe(width);
      await close();
    },
  );

  test('on a phone shows thirty of the ninety days, on a desk all', async () => {
    for (const [width, days] of [
      [1100, 90],
      [360, 30],
    ] as const) {
      const { tab, close } = await shown(pages['the page'], 'light', width);
      expect(await tab.locator('.bars').first().locator('i:visible').count()).toBe(days);
      await close();
    }
  });

  test('the feed is XML that a browser reads, whatever the names are', async () => {
    const hostile = '<img src=x onerror=alert(1)>&]]>\u0001"';
    const feed = feedOf(
      { ...page, face: { ...page.face, name: hostile, description: hostile } },
      'https://a.example',
    );
    const { tab, close } = await shown('<p></p>', 'light', 360);
    const read = await tab.evaluate(
      `(text => { const xml = new DOMParser().parseFromString(text, 'application/xml');
        return [xml.querySelectorAll('parsererror').length, xml.querySelectorAll('item').length, xml.querySelector('title').textContent] })(${JSON.stringify(feed)})`,
    );
    expect(read).toEqual([0, 5, '<img src=x onerror=alert(1)>&]]>"']);
    await close();
  });
});
