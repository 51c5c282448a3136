import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Where Lighthouse may lie: it is no dependency, for it is as large as all others together and only measures. */
const folders = [process.env.LIGHTHOUSE, join(import.meta.dirname, '../../node_modules')];
const found = folders.find((folder) => folder && existsSync(join(folder, 'lighthouse/package.json')));

/** Why it is not measured here; undefined when it is. */
export const noLighthouse: string | undefined =
  found === undefined
    ? 'Lighthouse is not installed: `npm i --no-save lighthouse@13.5.0`, or name the node_modules it lies in, in LIGHTHOUSE'
    : undefined;

export type Scores = {
  readonly performance: number;
  readonly accessibility: number;
  readonly failing: readonly string[];
};

type Category = {
  readonly score: number;
  readonly auditRefs: readonly { readonly id: string; readonly weight: number }[];
};
type Result = {
  readonly lhr: {
    readonly runtimeError?: { readonly message: string };
    readonly categories: Readonly<Record<'performance' | 'accessibility', Category>>;
    readonly audits: Readonly<Record<string, { readonly score: number | null; readonly title: string }>>;
  };
};
type Tab = {
  evaluateOnNewDocument(work: (token: string) => void, token: string): Promise<void>;
  close(): Promise<void>;
};
type Chromium = { newPage(): Promise<Tab>; close(): Promise<void> };
type Puppeteer = {
  launch(options: { executablePath: string; headless: boolean; args: readonly string[] }): Promise<Chromium>;
};
type Lighthouse = (url: string, flags: object, config: undefined, tab: Tab) => Promise<Result>;

/**
 * Lighthouse's own way of looking: a middling phone on a slow connection (simulated). With a token the tab is signed in
 * before anything of the page runs.
 */
export const openLighthouse = async (executablePath: string, args: readonly string[]) => {
  const folder = found ?? '';
  const entry = pathToFileURL(join(folder, 'lighthouse/core/index.js')).href;
  const { default: lighthouse } = (await import(entry)) as { default: Lighthouse };
  const from = createRequire(join(folder, 'lighthouse/package.json'));
  const puppeteer = (await import(pathToFileURL(from.resolve('puppeteer-core')).href)) as Puppeteer & {
    default?: Puppeteer;
  };
  const browser = await (puppeteer.default ?? puppeteer).launch({ executablePath, headless: true, args });
  return {
    async scores(url: string, token?: string): Promise<Scores> {
      const tab = await browser.newPage();
      try {
        if (token !== undefined)
          await tab.evaluateOnNewDocument((given) => sessionStorage.setItem('homeostat.token', given), token);
        const flags = {
          onlyCategories: ['performance', 'accessibility'],
          disableStorageReset: true,
          logLevel: 'error',
        };
        const { lhr } = await lighthouse(url, flags, undefined, tab);
        if (lhr.runtimeError)
          throw new Error(`Lighthouse could not look at ${url}: ${lhr.runtimeError.message}`);
        const { performance, accessibility } = lhr.categories;
        const failing = [...performance.auditRefs, ...accessibility.auditRefs]
          .filter(({ id, weight }) => weight > 0 && (lhr.audits[id]?.score ?? 1) < 0.9)
          .map(({ id }) => `${id}: ${lhr.audits[id]?.title}`);
        return {
          performance: Math.round(performance.score * 100),
          accessibility: Math.round(accessibility.score * 100),
          failing,
        };
      } finally {
        await tab.close();
      }
    },
    close: () => browser.close(),
  };
};
