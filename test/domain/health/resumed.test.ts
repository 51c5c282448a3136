import { describe, expect, test } from 'vitest';
import { emptyHead } from '../../../shared/health/head.ts';
import { settleIn } from '../../../shared/health/place.ts';
import { readStandings } from '../../../shared/health/standings.ts';
import { writeHead } from '../../../shared/health/telemetry.ts';
import { checkRecord, noon, planOf, stateOf } from './builders.ts';
import { look, portsWith } from './look.ts';
import { memoryTable } from './memory-table.ts';
import { minute } from './run-world.ts';

const shard = 'home.public.60.0';
const hour = 60 * minute;

describe('a check that runs again after a pause', () => {
  const record = (revision: number, updatedAt: number, pausedAt?: number) => ({
    ...checkRecord({ shard, revision, ...(pausedAt !== undefined && { pausedAt }) }),
    updatedAt,
  });
  const keep = (plan: ReturnType<typeof planOf>, one: ReturnType<typeof record>) =>
    settleIn(plan, [{ want: 'keep', record: one }]);

  test('says in its plan since when, until it is paused again', () => {
    const paused = keep(planOf(shard, [1]), record(2, noon + hour, noon + hour));
    expect(paused.entries[0]).toMatchObject({ paused: true });
    const resumed = keep(paused, record(3, noon + 5 * hour));
    expect(resumed.entries[0]).toMatchObject({ resumedAt: noon + 5 * hour, placedAt: noon });
    expect(resumed.entries[0]).not.toHaveProperty('paused');
    const changed = keep(resumed, record(4, noon + 6 * hour));
    expect(changed.entries[0]).toMatchObject({ resumedAt: noon + 5 * hour });
    const again = keep(changed, record(5, noon + 7 * hour, noon + 7 * hour));
    expect(again.entries[0]).not.toHaveProperty('resumedAt');
  });

  test('says nothing of a pause that never was', () => {
    expect(keep(planOf(shard, [1]), record(2, noon + hour)).entries[0]).not.toHaveProperty('resumedAt');
  });

  test.each([
    { after: 0, last: -3 * hour, status: 'unknown', reason: 'waiting for the first ping after the pause' },
    {
      after: 6 * minute - 1,
      last: undefined,
      status: 'unknown',
      reason: 'waiting for the first ping after the pause',
    },
    { after: minute, last: 0, status: 'healthy', reason: null },
    {
      after: 6 * minute,
      last: -3 * hour,
      status: 'unhealthy',
      reason: 'no ping since 2027-01-15T05:00:00Z, one is expected every 5 min',
    },
  ] as const)(
    'as a heartbeat has its whole time again: $after ms after it, last pinged $last, it is $status',
    async ({ after, last, status, reason }) => {
      const config = { every: 300, grace: 60 };
      const check = { type: 'heartbeat', config, placedAt: noon - 24 * hour, resumedAt: noon };
      const ping = last === undefined ? undefined : { at: noon + last, isFailure: false, message: null };
      const ports = portsWith({ lastPing: async () => ping });
      expect(await look(check, { clock: () => noon + after, ports })).toMatchObject({ status, reason });
    },
  );
});

test('a new interval says nothing of looks made by the old one: a daily check set to each minute is not silent', async () => {
  const telemetry = memoryTable();
  const daily = 'home.public.86400.0';
  const checks = new Map([[1, stateOf({ at: noon })]]);
  await writeHead(telemetry, { ...emptyHead(daily), version: 1, slotAt: noon, checks }, 'run');
  const record = checkRecord({ shard: daily, definition: { intervalSeconds: 60 } });
  const standings = await readStandings(telemetry, [record], noon + 5 * hour);
  expect(standings.get(record.id)?.status).toBe('healthy');
});
