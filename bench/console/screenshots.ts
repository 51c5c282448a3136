import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { visit } from '../../test/web/visitor.ts';
import { pastDays, writePastDays } from './history.ts';
import { openShop, type Shop } from './shop.ts';

const hourMs = 3_600_000;
const historyHours = 25;

/** A day at the shop: something slow in the morning, a short outage, and now the checkout is down. */
const liveThroughADay = async (
  shop: Shop,
): Promise<{ readonly incidentId: string; readonly planId: string }> => {
  const { host, api, become } = shop;
  await writePastDays(shop);
  await api('POST', 'policies', {
    name: 'careful healing',
    health_remediation: {
      unhealthy_service: { action: 'restart', max_attempts: 3, backoff: 'exponential', approval: 'manual' },
    },
  });
  await api('POST', 'silences', {
    matchers: ['check=carriers'],
    reason: 'Their maintenance, announced for today.',
    duration: '30h',
  });
  await host.advance('7h');
  become('search', 'slow');
  await host.advance('2h');
  become('search', 'up');
  await host.advance('6h');
  become('carriers', 'down');
  await host.advance('1h');
  become('carriers', 'up');
  await host.advance('8h');
  become('reports', 'slow');
  become('checkout', 'down');
  await host.advance('25m');
  const { items } = await api('GET', 'incidents?status=active&deploymentId=web-shop');
  const incidentId = String((items as readonly { readonly id: string }[])[0]?.id);
  await api('POST', `incidents/${incidentId}/acknowledge`, {});
  await host.advance('2m');
  await api('POST', `incidents/${incidentId}/comment`, {
    text: 'The card gateway is fine. It began with the release of 14:02.',
  });
  await api('POST', `incidents/${incidentId}/comment`, {
    text: 'Some of you cannot pay at the moment. Your basket is kept; we are putting it right.',
    isPublic: true,
  });
  const tomorrow = new Date(host.now() + 20 * hourMs).toISOString().slice(0, 14);
  await api('POST', 'maintenance', {
    name: 'new database version',
    matchers: ['deployment=web-shop'],
    windows: [{ at: `${tomorrow}00:00Z`, duration: '45m' }],
    reason: 'The database gets its yearly update.',
  });
  await host.advance('3m');
  const plans = (await api('GET', 'remediations?status=waiting')).items as readonly { readonly id: string }[];
  return { incidentId, planId: String(plans[0]?.id) };
};

const desktop = { width: 1200, height: 750 };
const phone = { width: 390, height: 780 };
type Look = {
  readonly look: string;
  readonly options: BrowserContextOptions;
  /** The pages that the README shows so. */
  readonly names: readonly string[];
};
const desktopNames = ['overview', 'incident', 'remediation', 'status'];
const looks: readonly Look[] = [
  { look: 'light', options: { colorScheme: 'light', viewport: desktop }, names: desktopNames },
  { look: 'dark', options: { colorScheme: 'dark', viewport: desktop }, names: desktopNames },
  { look: 'phone', options: { colorScheme: 'light', viewport: phone }, names: ['overview'] },
];
/** The status page is narrower than the console. */
const statusPage = { width: 900, height: 1000 };

const takeAll = async (
  browser: Browser,
  shop: Shop,
  folder: string,
  hashes: Readonly<Record<string, string>>,
) => {
  for (const { look, options, names } of looks) {
    const visitor = await visit(browser, shop.host.url, {
      ...options,
      now: shop.host.now(),
      timezoneId: 'UTC',
    });
    const { page } = visitor;
    const take = async (name: string): Promise<void> =>
      writeFileSync(join(folder, `${name}-${look}.png`), await page.screenshot());
    await visitor.signIn(shop.host.token);
    for (const [name, hash] of Object.entries(hashes).filter(([one]) => names.includes(one))) {
      await visitor.go(hash);
      await page.waitForLoadState('networkidle');
      await take(name);
    }
    if (names.includes('status')) {
      await page.setViewportSize(statusPage);
      await page.goto(`${shop.host.url}/status/shop`);
      await take('status');
    }
    await visitor.close();
  }
};

/** Draws the pages that the README shows. */
export const takeScreenshots = async (browser: Browser, folder: string): Promise<void> => {
  mkdirSync(folder, { recursive: true });
  const startsAt = Date.now() - historyHours * hourMs;
  const definedAt = startsAt - pastDays * 24 * hourMs;
  const shop = await openShop({ startsAt, definedAt, interval: '5m' });
  try {
    const { incidentId, planId } = await liveThroughADay(shop);
    await takeAll(browser, shop, folder, {
      overview: '/',
      incident: `/incidents/${incidentId}`,
      remediation: `/remediations/${planId}`,
    });
  } finally {
    await shop.close();
  }
};
