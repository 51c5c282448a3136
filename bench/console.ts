/** How quick and how accessible the console is: `node bench/console.ts --help`. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import { buildConsole } from '../infra/console/build.ts';
import { launchOptions } from '../test/web/browser.ts';
import { openBrowser } from '../test/web/visitor.ts';
import { noLighthouse, openLighthouse, type Scores } from './console/lighthouse.ts';
import { scrollThrough } from './console/scrolling.ts';
import { openShop, type Shop } from './console/shop.ts';
import { median, printTable } from './table.ts';

const help = `node bench/console.ts [--rounds 3] [--screenshots docs/images]

Hosts the whole stack on this machine with twenty checks, one of them red, and opens the console in Chromium: the JavaScript that is
read first, the time until something and until the overview's content is to be seen (nothing cached), the scores that
Lighthouse gives to three pages as on a middling phone, and the longest frame while two thousand checks and five hundred
incidents are scrolled through. Exits with 1 when something is over its budget.

  --rounds            as often each is measured; medians are shown
  --times-only-told   only size and accessibility decide: for a machine that others use, too
  --screenshots       draws the pages of the documentation into that folder instead: it lives through a day first

Lighthouse is no dependency: \`npm i --no-save lighthouse@13.5.0\`, or name the node_modules it lies in, in LIGHTHOUSE.`;

const budgets = { initialKb: 150, contentMs: 1_000, score: 95, frameMs: 150, rowsMs: 2_000 };

/** The entry with what it imports statically, as a browser gets it. */
const initialKb = async (): Promise<number> => {
  const { dir } = await buildConsole();
  const html = await readFile(join(dir, 'index.html'), 'utf8');
  const seen = new Set<string>();
  const visitFile = async (file: string): Promise<number> => {
    if (seen.has(file)) return 0;
    seen.add(file);
    const source = await readFile(join(dir, 'assets', file), 'utf8');
    let bytes = gzipSync(source, { level: 9 }).length;
    for (const [, next = ''] of source.matchAll(/(?:\bfrom|\bimport)\s*["'`]\.\/([^"'`]+\.js)["'`]/g))
      bytes += await visitFile(next);
    return bytes;
  };
  const files = await readdir(join(dir, 'assets'));
  const entries = files.filter((file) => file.endsWith('.js') && html.includes(file));
  let bytes = 0;
  for (const entry of entries) bytes += await visitFile(entry);
  return bytes / 1000;
};

type Paint = { readonly paintMs: number; readonly contentMs: number };

/** Runs in the page before anything else: signs in, and notes when what is wrong is there to be read. */
const signedIn = (token: string): void => {
  sessionStorage.setItem('homeostat.token', token);
  const observer = new MutationObserver(() => {
    if (!document.body?.textContent?.includes('Wrong now')) return;
    performance.mark('content');
    observer.disconnect();
  });
  observer.observe(document, { subtree: true, childList: true });
};

/** In a browser that has never been here. */
const openOnce = async (browser: Browser, { host }: Shop): Promise<Paint> => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  try {
    await context.addInitScript(signedIn, host.token);
    const page = await context.newPage();
    await page.goto(`${host.url}/`);
    await page.getByRole('heading', { name: /^Wrong now/ }).waitFor();
    return await page.evaluate(() => {
      const startOf = (name: string): number =>
        performance.getEntriesByName(name)[0]?.startTime ?? Number.NaN;
      return { paintMs: startOf('first-contentful-paint'), contentMs: startOf('content') };
    });
  } finally {
    await context.close();
  }
};

const repeat = async <T>(rounds: number, work: () => Promise<T>): Promise<readonly T[]> => {
  const all: T[] = [];
  for (let round = 0; round < rounds; round += 1) all.push(await work());
  return all;
};

type Row = {
  readonly what: string;
  readonly measured: string;
  readonly budget: string;
  readonly isOver: boolean;
};
const row = (what: string, measured: number, unit: string, budget: number, isAtLeast = false): Row => ({
  what,
  measured: `${measured < 100 && unit === 'KB' ? measured.toFixed(1) : Math.round(measured)} ${unit}`.trim(),
  budget: `${isAtLeast ? 'at least' : 'under'} ${budget} ${unit}`.trim(),
  isOver: isAtLeast ? measured < budget : measured >= budget,
});

const paintRows = async (browser: Browser, shop: Shop, rounds: number): Promise<readonly Row[]> => {
  // The first one starts the functions, which is measured elsewhere.
  await openOnce(browser, shop);
  const paints = await repeat(rounds, () => openOnce(browser, shop));
  const of = (part: keyof Paint): number => median(paints.map((paint) => paint[part]));
  return [
    row('first contentful paint', of('paintMs'), 'ms', budgets.contentMs),
    row("the overview's content", of('contentMs'), 'ms', budgets.contentMs),
  ];
};

const lighthouseRows = async ({ host }: Shop, rounds: number): Promise<readonly Row[]> => {
  if (noLighthouse !== undefined) {
    if (process.env.CI) throw new Error(noLighthouse);
    console.error(noLighthouse);
    return [];
  }
  const lighthouse = await openLighthouse(launchOptions.executablePath, launchOptions.args);
  const rows: Row[] = [];
  try {
    for (const { what, path, token } of [
      { what: 'sign-in', path: '/', token: undefined },
      { what: 'overview', path: '/', token: host.token },
      { what: 'status page', path: '/status/shop', token: undefined },
    ]) {
      const all = await repeat(rounds, () => lighthouse.scores(host.url + path, token));
      const of = (part: 'performance' | 'accessibility'): number =>
        median(all.map((one: Scores) => one[part]));
      for (const part of ['performance', 'accessibility'] as const)
        rows.push(row(`Lighthouse ${part}, ${what}`, of(part), '', budgets.score, true));
      for (const sentence of new Set(all.flatMap(({ failing }) => failing)))
        console.error(`${what}: ${sentence}`);
    }
  } finally {
    await lighthouse.close();
  }
  return rows;
};

const measure = async (rounds: number): Promise<readonly Row[]> => {
  const rows = [row('JavaScript read first, gzip -9', await initialKb(), 'KB', budgets.initialKb)];
  const browser = await openBrowser();
  try {
    const shop = await openShop({ startsAt: Date.now() - 10 * 60_000, interval: '30s' });
    try {
      shop.become('checkout', 'down');
      await shop.host.advance('6m');
      rows.push(...(await paintRows(browser, shop, rounds)), ...(await lighthouseRows(shop, rounds)));
    } finally {
      await shop.close();
    }
    for (const { list, count, rowsMs, longestMs, p95Ms } of await scrollThrough(browser)) {
      rows.push(row(`list of ${count} ${list}: the first rows`, rowsMs, 'ms', budgets.rowsMs));
      rows.push(row(`list of ${count} ${list}: 95 % of frames scrolling`, p95Ms, 'ms', budgets.frameMs));
      rows.push(row(`list of ${count} ${list}: the longest frame`, longestMs, 'ms', budgets.frameMs));
    }
  } finally {
    await browser.close();
  }
  return rows;
};

/** Depends on how busy the machine is. */
const isTimed = (what: string): boolean => !/gzip|accessibility/.test(what);

const { values } = parseArgs({
  options: {
    help: { type: 'boolean' },
    rounds: { type: 'string', default: '3' },
    screenshots: { type: 'string' },
    'times-only-told': { type: 'boolean', default: false },
  },
});
if (values.help) console.log(help);
else if (values.screenshots !== undefined) {
  const { takeScreenshots } = await import('./console/screenshots.ts');
  const browser = await openBrowser();
  try {
    await takeScreenshots(browser, values.screenshots);
  } finally {
    await browser.close();
  }
} else {
  const rows = await measure(Number(values.rounds));
  const fails = ({ what, isOver }: Row): boolean => isOver && !(values['times-only-told'] && isTimed(what));
  printTable(rows.map(({ isOver, ...shown }) => ({ ...shown, '': isOver ? 'over' : '' })));
  for (const { what } of rows.filter(({ isOver }) => isOver)) console.error(`over budget: ${what}`);
  process.exitCode = rows.some(fails) ? 1 : 0;
}
