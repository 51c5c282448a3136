import { afterAll, beforeAll, expect, test } from 'vitest';
import { changes, makeCheck, resultsOf, statusOf } from './checks.ts';
import { deadLetters } from './queues.ts';
import { openStack, type Stack } from './stack.ts';
import { type Conduct, openTarget, type Target } from './target.ts';

let stack: Stack;
let targets: readonly Target[];
beforeAll(async () => {
  stack = await openStack();
  targets = await Promise.all(Array.from({ length: 10 }, () => openTarget()));
});
afterAll(async () => {
  await stack?.close();
  await Promise.all(targets.map((target) => target.close()));
});

/** By check: at which minutes of the hour its target changes, and which changes of status follow. */
const story: readonly (readonly [
  conduct: readonly (readonly [minute: number, Conduct])[],
  told: readonly string[],
])[] = [
  [[], ['healthy']],
  [[[5, 'failing']], ['healthy', 'unhealthy']],
  [
    [
      [5, 'closed'],
      [20, 'up'],
    ],
    ['healthy', 'unhealthy', 'healthy'],
  ],
  [
    [
      [10, 'failing'],
      [12, 'up'],
    ],
    ['healthy'],
  ],
  [
    [
      [10, 'failing'],
      [13, 'up'],
    ],
    ['healthy', 'unhealthy', 'healthy'],
  ],
  [[[0, 'failing']], ['unhealthy']],
  [
    [
      [0, 'closed'],
      [30, 'up'],
    ],
    ['unhealthy', 'healthy'],
  ],
  [
    [
      [8, 'failing'],
      [15, 'up'],
      [16, 'failing'],
      [40, 'up'],
    ],
    ['healthy', 'unhealthy', 'healthy'],
  ],
  [
    [
      [6, 'closed'],
      [11, 'up'],
      [21, 'failing'],
      [31, 'up'],
      [41, 'closed'],
      [51, 'up'],
    ],
    ['healthy', 'unhealthy', 'healthy', 'unhealthy', 'healthy', 'unhealthy', 'healthy'],
  ],
  [[[57, 'failing']], ['healthy', 'unhealthy']],
];

test('an hour of ten checks, each minute once, tells exactly the changes of the table and leaves nothing behind', async () => {
  for (const [index, [conduct]] of story.entries()) {
    for (const [minute, next] of conduct) if (minute === 0) await targets[index]?.become(next);
  }
  const ids: string[] = [];
  for (const [index, target] of targets.entries()) {
    // A retry waits half a second of real time.
    const check = { name: `c${index}`, target: target.url, interval: '1m', retries: 0 };
    ids.push(await makeCheck(stack, check));
  }
  // The hour begins half-way between two slots, so that each of its minutes holds one.
  await stack.advance('2m');
  const [first = ''] = ids;
  const lastSlot = (await resultsOf(stack, first)).at(-1)?.at ?? '';
  await stack.host.runUntil(Date.parse(lastSlot) + 90_000);
  const startedAt = stack.host.now();

  const minutes = [...new Set(story.flatMap(([conduct]) => conduct.map(([minute]) => minute)))].sort(
    (a, b) => a - b,
  );
  for (const minute of minutes) {
    await stack.host.runUntil(startedAt + minute * 60_000);
    for (const [index, [conduct]] of story.entries()) {
      for (const [at, next] of conduct) if (at === minute) await targets[index]?.become(next);
    }
  }
  await stack.host.runUntil(startedAt + 3_600_000);

  for (const [index, [, told]] of story.entries()) {
    const id = ids[index] ?? '';
    expect
      .soft(
        changes(stack, id).map(({ to }) => to),
        `check ${index}`,
      )
      .toEqual(told);
    expect.soft(await statusOf(stack, id), `check ${index}`).toBe(told.at(-1));
    const slots = (await resultsOf(stack, id)).filter(({ at }) => Date.parse(at) > startedAt);
    expect.soft(slots, `check ${index}`).toHaveLength(60);
  }
  expect((await stack.api('GET', '/api/v1/monitoring/overview')).body.checks).toEqual({
    total: 10,
    healthy: 7,
    degraded: 0,
    unhealthy: 3,
    unknown: 0,
  });
  expect(await deadLetters(stack)).toEqual({});
  expect(stack.lines.filter(({ level }) => level === 'error')).toEqual([]);
});
