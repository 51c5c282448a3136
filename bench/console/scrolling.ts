import type { Browser } from 'playwright-core';
import { buildConsole } from '../../infra/console/build.ts';
import { manyUrl, serveMany } from '../../test/web/many.ts';

export type Scrolled = {
  readonly list: string;
  readonly count: number;
  /** Until its first rows are to be seen. */
  readonly rowsMs: number;
  /** The longest that nothing moved, and what 95 % of frames stay under. */
  readonly longestMs: number;
  readonly p95Ms: number;
};

const many = { checks: 2_000, incidents: 500 };

/** Runs in the page: three quarters of a screen a frame to the end; gives how long each frame took, ms. */
const scrollToTheEnd = (): Promise<readonly number[]> =>
  new Promise((resolve) => {
    const frames: number[] = [];
    let before: number | undefined;
    const step = (at: number): void => {
      if (before !== undefined) frames.push(at - before);
      before = at;
      if (window.innerHeight + window.scrollY >= document.documentElement.scrollHeight - 2) resolve(frames);
      else {
        window.scrollBy(0, window.innerHeight * 0.75);
        requestAnimationFrame(step);
      }
    };
    requestAnimationFrame(step);
  });

/** Long lists from answers made up here: what is measured is the console, not the API. */
export const scrollThrough = async (browser: Browser): Promise<readonly Scrolled[]> => {
  const { dir } = await buildConsole();
  const all: Scrolled[] = [];
  for (const [list, count] of Object.entries(many)) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    await serveMany(context, dir, many);
    const page = await context.newPage();
    await page.goto(`${manyUrl}/#/${list}`);
    await page.locator('[role=table] [data-index="0"]').waitFor();
    const rowsMs = await page.evaluate(() => performance.now());
    await page.locator(`[role=table][aria-rowcount="${count + 1}"]`).waitFor();
    const frames = (await page.evaluate(scrollToTheEnd)).toSorted((left, right) => left - right);
    all.push({
      list,
      count,
      rowsMs,
      longestMs: frames.at(-1) ?? Number.NaN,
      p95Ms: frames[Math.floor(frames.length * 0.95)] ?? Number.NaN,
    });
    await context.close();
  }
  return all;
};
