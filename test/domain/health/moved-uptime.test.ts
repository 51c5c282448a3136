import { describe, expect, test } from 'vitest';
import { placeOf, putPlace } from '../../../shared/health/place-item.ts';
import { rollUp } from '../../../shared/health/rollup/index.ts';
import { listShard } from '../../../shared/health/shard-list.ts';
import { slotsBetween } from '../../../shared/health/slots.ts';
import { keepResults, writePlan } from '../../../shared/health/telemetry.ts';
import { readUptime } from '../../../shared/health/uptime-history.ts';
import type { CheckStatus } from '../../../shared/platform/events.ts';
import { checkRecord, entry, planOf, seen, slotResults } from './builders.ts';
import { memoryTable } from './memory-table.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const midnight = Date.parse('2027-01-15T00:00:00Z');
const daily = 'home.public.86400.0';
const often = 'home.public.60.0';
const [lookedAt = 0] = slotsBetween(daily, midnight, midnight + dayMs);
const movedAt = lookedAt + hourMs;

/** Looked at once, well, by a daily check; an hour later set to each minute, and down for five hours from then on. */
const openWorld = async () => {
  const telemetry = memoryTable();
  const look = (shard: string, at: number, status: CheckStatus) => {
    const one = seen(1, { status, reason: status === 'healthy' ? null : 'so' });
    return keepResults(telemetry, { ...slotResults(shard, at, []), seen: [one] }, 2_000_000_000);
  };
  const planned = async (shard: string, nos: readonly number[]) => {
    const plan = planOf(shard, nos);
    await writePlan(telemetry, { ...plan, planVersion: shard === daily && nos.length === 0 ? 2 : 1 }, 'a');
    await listShard(telemetry, plan);
  };
  await planned(daily, [1]);
  await look(daily, lookedAt, 'healthy');
  const roll = (now: number) => rollUp({ telemetry, clock: () => now, until: Number.POSITIVE_INFINITY });
  return { telemetry, look, planned, roll };
};

describe('a daily check that is set to each minute and goes down then', () => {
  test.each([
    ['before anything is summed up', []],
    ['when its hours are made', [lookedAt + 6 * hourMs]],
    ['when its days are made', [lookedAt + 30 * hourMs]],
    ['when all that was made twice', [lookedAt + 6 * hourMs, lookedAt + 30 * hourMs, lookedAt + 31 * hourMs]],
  ] as const)('was up for the hour until then, not for the day: %s', async (_title, rolledAt) => {
    const { telemetry, look, planned, roll } = await openWorld();
    // The hour of the look is made before the move, and knows nothing of it.
    await roll(lookedAt + hourMs + 15 * 60_000);
    await planned(daily, []);
    await planned(often, [1]);
    await putPlace(telemetry, entry(1).id, placeOf(often, entry(1, { placedAt: movedAt })), 1);
    for (const slot of slotsBetween(often, movedAt, movedAt + 5 * hourMs))
      await look(often, slot, 'unhealthy');
    for (const at of rolledAt) await roll(at);
    const now = rolledAt.at(-1) ?? movedAt + 5 * hourMs;
    const check = {
      ...checkRecord({
        placements: [
          { shard: often, no: 1, revision: 2, placedAt: movedAt },
          { shard: daily, no: 1, revision: 1, placedAt: midnight },
        ],
      }),
      createdAt: midnight,
    };
    const [week] = await readUptime(telemetry, check, now, ['7d']);
    // One hour of six.
    expect(week?.uptimePercent).toBeCloseTo(16.6, 0);
  });
});
