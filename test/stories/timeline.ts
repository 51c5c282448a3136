import { expect } from 'vitest';
import { changes, readCheck, resultsOf } from './checks.ts';
import type { Stack } from './stack.ts';
import type { Conduct, Target } from './target.ts';

/** One row a slot: what the target does, what the slot's result says, how the check stands then, what the bus took. */
export type Row = readonly [conduct: Conduct, result: string, status: string, told: string | null];

/** Goes through the slots of a check of every ten seconds, from half-way between two of them. */
export const follow = async (
  stack: Stack,
  target: Target,
  id: string,
  timeline: readonly Row[],
): Promise<void> => {
  let told = changes(stack, id).length;
  for (const [index, [conduct, result, status, change]] of timeline.entries()) {
    await target.become(conduct);
    await stack.advance('10s');
    const check = await readCheck(stack, id);
    const news = changes(stack, id).slice(told);
    told += news.length;
    expect
      .soft(
        [(await resultsOf(stack, id)).at(-1)?.status, check.status, ...news.map(({ to }) => to)],
        `slot ${index + 1}`,
      )
      .toEqual([result, status, ...(change === null ? [] : [change])]);
    for (const one of news) {
      expect.soft(one.id).toBe(`${id}@${Date.parse(check.lastChecked ?? '')}`);
      expect.soft(check.statusSince).toBe(check.lastChecked);
    }
  }
};
