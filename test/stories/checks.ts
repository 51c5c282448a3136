import { expect } from 'vitest';
import type { Answer, Stack } from './stack.ts';

/** What stories do with checks over the HTTP API, and what the bus told of them. */

export type CheckView = {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly reason: string | null;
  readonly lastChecked: string | null;
  readonly statusSince: string | null;
  readonly revision: number;
};
export type ResultView = { readonly at: string; readonly status: string; readonly reason: string | null };

export const checksPath = '/api/v1/monitoring/health-checks';

/** Makes a check (every ten seconds, unless told otherwise) and gives its id. */
export const makeCheck = async (
  stack: Stack,
  check: { readonly target: string; readonly [field: string]: unknown },
): Promise<string> => {
  const body = {
    name: 'web',
    type: check.target.startsWith('http') ? 'http' : 'tcp',
    interval: '10s',
    ...check,
  };
  const made = await stack.api('POST', checksPath, { body });
  expect(made.text).toContain('"id"');
  return String(made.body.id);
};

/** Makes a check of every ten seconds that is looked at, and stops half-way between two of its slots. */
export const makeWatchedCheck = async (
  stack: Stack,
  check: { readonly target: string; readonly [field: string]: unknown },
): Promise<string> => {
  const id = await makeCheck(stack, check);
  await stack.advance('1m');
  await stopBetweenSlots(stack, id);
  return id;
};

/** Stops five seconds after a slot of a check of every ten seconds: from then on each ten seconds hold one slot. */
export const stopBetweenSlots = async (stack: Stack, id: string): Promise<void> => {
  const { lastChecked } = await readCheck(stack, id);
  await stack.host.runUntil(Date.parse(lastChecked ?? '') + 15_000);
};

export const readCheck = async (stack: Stack, id: string): Promise<CheckView> => {
  const answer = (await stack.api('GET', `${checksPath}/${id}`)) as unknown as Answer<CheckView>;
  expect(answer.status).toBe(200);
  return answer.body;
};

export const statusOf = async (stack: Stack, id: string): Promise<string> =>
  (await readCheck(stack, id)).status;

/** Oldest first. */
export const resultsOf = async (stack: Stack, id: string): Promise<readonly ResultView[]> => {
  const results: ResultView[] = [];
  let cursor: string | null = null;
  do {
    const page: Answer = await stack.api(
      'GET',
      `${checksPath}/${id}/results?limit=500${cursor === null ? '' : `&cursor=${cursor}`}`,
    );
    expect(page.status).toBe(200);
    results.push(...(page.body.items as ResultView[]));
    cursor = page.body.next as string | null;
  } while (cursor !== null);
  return results.reverse();
};

/** The changes of a check that the bus took: `healthy → unhealthy`. A repeat of an event shows as a second entry. */
export const changesOf = (stack: Stack, id: string): readonly string[] =>
  changes(stack, id).map(({ from, to }) => `${from} → ${to}`);

/** Each change once, however often it was told: consumers drop repeats by their id. */
export const distinctChangesOf = (stack: Stack, id: string): readonly string[] => [
  ...new Map(changes(stack, id).map((change) => [change.id, `${change.from} → ${change.to}`])).values(),
];

export type Change = {
  readonly id: string;
  readonly at: string;
  readonly checkId: string;
  readonly from: string;
  readonly to: string;
  readonly reason: string;
};

export const changes = (stack: Stack, id: string): readonly Change[] =>
  stack
    .events('check.status_changed')
    .map(({ detail }) => detail as unknown as Change)
    .filter(({ checkId }) => checkId === id);

/** The details of all events of a type that the bus took. */
export const detailsOf = (stack: Stack, type: string): readonly Readonly<Record<string, unknown>>[] =>
  stack.events(type).map(({ detail }) => detail as Readonly<Record<string, unknown>>);
