import { describe, expect, test } from 'vitest';
import {
  keptProbeConcurrency,
  readProbeConcurrency,
  setProbeConcurrency,
} from '../../../shared/health/probe-concurrency.ts';
import { memoryTable } from './memory-table.ts';

const minute = 60_000;

describe('how many checks a runner looks at side by side', () => {
  test('is 20 until somebody sets another number', async () => {
    const telemetry = memoryTable();
    expect(await readProbeConcurrency(telemetry)).toBe(20);
    await setProbeConcurrency(telemetry, 35, 0);
    expect(await readProbeConcurrency(telemetry)).toBe(35);
  });

  test.each([
    { afterMinutes: 4, sees: 20 },
    { afterMinutes: 5, sees: 35 },
  ])(
    'is kept for five minutes by a runner: after $afterMinutes it is $sees',
    async ({ afterMinutes, sees }) => {
      let now = 0;
      const telemetry = memoryTable();
      const concurrency = keptProbeConcurrency(() => now);
      expect(await concurrency(telemetry)).toBe(20);
      await setProbeConcurrency(telemetry, 35, now);
      now = afterMinutes * minute;
      expect(await concurrency(telemetry)).toBe(sees);
    },
  );

  test('stays as it was while it cannot be read', async () => {
    let now = 0;
    const telemetry = memoryTable();
    await setProbeConcurrency(telemetry, 35, now);
    const concurrency = keptProbeConcurrency(() => now);
    expect(await concurrency(telemetry)).toBe(35);
    now = 10 * minute;
    const broken = { get: () => Promise.reject(new Error('throttled')) };
    expect(await concurrency(broken)).toBe(35);
  });

  test.each([0, -1, 2.5, 'many', null])('is never %s', async (count) => {
    const telemetry = memoryTable();
    await telemetry.put({ pk: 'RUNNER', sk: 'CONCURRENCY', v: 1, count });
    expect(await readProbeConcurrency(telemetry)).toBe(20);
  });
});
