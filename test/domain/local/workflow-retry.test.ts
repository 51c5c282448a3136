import { expect, test } from 'vitest';
import { type Retrier, retryOf } from '../../../infra/local/workflows/retry.ts';

/** Which retrier of a state takes an error, and when its task is begun again. */

const all = ['States.ALL'];
type Row = readonly [
  rule: string,
  retriers: readonly Retrier[],
  error: string,
  attempts: readonly number[],
  retry: readonly [retrier: number, waitMs: number] | undefined,
];
test.each<Row>([
  ['after a second by default', [{ ErrorEquals: ['E'] }], 'E', [], [0, 1_000]],
  ['twice as late each time by default', [{ ErrorEquals: ['E'] }], 'E', [2], [0, 4_000]],
  ['three times by default', [{ ErrorEquals: ['E'] }], 'E', [3], undefined],
  ['never with no attempts', [{ ErrorEquals: ['E'], MaxAttempts: 0 }], 'E', [], undefined],
  ['not for another error', [{ ErrorEquals: ['E'] }], 'F', [], undefined],
  ['not without retriers', [], 'E', [], undefined],
  [
    'by its own interval and rate',
    [{ ErrorEquals: ['E'], IntervalSeconds: 10, BackoffRate: 1.5 }],
    'E',
    [1],
    [0, 15_000],
  ],
  [
    'no later than it may be',
    [{ ErrorEquals: ['E'], IntervalSeconds: 10, MaxDelaySeconds: 15, MaxAttempts: 9 }],
    'E',
    [5],
    [0, 15_000],
  ],
  [
    'within its interval by chance',
    [{ ErrorEquals: ['E'], IntervalSeconds: 8, JitterStrategy: 'FULL' }],
    'E',
    [],
    [0, 2_000],
  ],
  [
    'by the first that names the error',
    [{ ErrorEquals: ['F'] }, { ErrorEquals: ['E'], IntervalSeconds: 5 }, { ErrorEquals: all }],
    'E',
    [],
    [1, 5_000],
  ],
  [
    'not by a later one when the first is used up',
    [{ ErrorEquals: ['E'], MaxAttempts: 1 }, { ErrorEquals: all }],
    'E',
    [1, 0],
    undefined,
  ],
  ['each with a count of its own', [{ ErrorEquals: ['E'] }, { ErrorEquals: ['F'] }], 'F', [3, 1], [1, 2_000]],
  ['States.ALL means a timeout', [{ ErrorEquals: all }], 'States.Timeout', [], [0, 1_000]],
  [
    'States.TaskFailed means any error of a function',
    [{ ErrorEquals: ['States.TaskFailed'] }],
    'RangeError',
    [],
    [0, 1_000],
  ],
  [
    'States.TaskFailed means no timeout',
    [{ ErrorEquals: ['States.TaskFailed'] }],
    'States.Timeout',
    [],
    undefined,
  ],
  ['nothing means an error of the definition', [{ ErrorEquals: all }], 'States.Runtime', [], undefined],
])('a task is begun again: %s', (_, retriers, error, attempts, retry) => {
  const found = retryOf(retriers, error, attempts, () => 0.25);
  expect(found && [found.retrier, found.waitMs]).toEqual(retry);
});
