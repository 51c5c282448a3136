import { describe, expect, test } from 'vitest';
import { latencyOf } from '../../../shared/health/rollup/latency.ts';
import { noSeconds, type Tallied, type Tally, tallyOf } from '../../../shared/health/rollup/tally.ts';
import { uptimeOf } from '../../../shared/health/uptime.ts';
import { checkRecord, seen } from './builders.ts';

const iso = (at: number) => new Date(at).toISOString();
const hour = 3600;
const day = 86_400;
/** Its slots are on whole minutes plus an offset; one was due at the very begin of every period below. */
const shard = 'home.public.10.6';
const now = Date.parse('2027-01-15T12:30:00Z');
const since = (text: string) => ({
  createdAt: Date.parse(text),
  placements: checkRecord({ shard, placedAt: Date.parse(text) }).placements,
});
const old = since('2025-01-01T00:00:00Z');
const tally = (seconds: Partial<Record<Tallied, number>>, milliseconds: number[] = []): Tally => ({
  seconds: { ...noSeconds, ...seconds },
  latency: latencyOf(milliseconds),
});

describe('the periods of uptime', () => {
  test.each([
    ['24h', '2027-01-14T12:00:00.000Z'],
    ['7d', '2027-01-08T00:00:00.000Z'],
    ['30d', '2026-12-16T00:00:00.000Z'],
    ['90d', '2026-10-17T00:00:00.000Z'],
    ['365d', '2026-01-15T00:00:00.000Z'],
  ] as const)('%s reach back to %s, a full hour or day', (period, from) => {
    const told = uptimeOf(period, old, now, []);
    expect([iso(told.from), told.to]).toEqual([from, now]);
  });

  test('none reaches back before the check was made', () => {
    expect(iso(uptimeOf('365d', since('2027-01-15T09:10:00Z'), now, []).from)).toBe(
      '2027-01-15T09:10:00.000Z',
    );
  });
});

describe('uptime', () => {
  test.each([
    // 24.5 hours, of which half an hour down: 24 / 24.5 = 97.959183… %
    ['half an hour down', { healthy: 24 * hour, unhealthy: hour / 2 }, 97.9591, 1800],
    ['degraded is up', { healthy: 12 * hour, degraded: 12 * hour }, 100, 0],
    // A gap is in no number: what was seen was up.
    ['a gap is neither up nor down', { healthy: 6 * hour }, 100, 0],
    ['unknown is neither up nor down', { healthy: 6 * hour, unknown: 6 * hour }, 100, 0],
    ['maintenance is neither up nor down', { healthy: 18 * hour, maintenance: 6 * hour }, 100, 0],
    ['all of it down', { unhealthy: 3 * hour }, 0, 10_800],
    // Ten seconds of 88,200 are 0.01133 %: cut, never 100.
    ['ten seconds down', { healthy: 88_190, unhealthy: 10 }, 99.9886, 10],
  ] as const)('%s', (_title, seconds, uptimePercent, downtimeSeconds) => {
    expect(uptimeOf('24h', old, now, [tally(seconds)])).toMatchObject({ uptimePercent, downtimeSeconds });
  });

  test('the least downtime in a year is no 100 %', () => {
    const told = uptimeOf('365d', old, now, [tally({ healthy: 365 * day - 10, unhealthy: 10 })]);
    expect(told.uptimePercent).toBe(99.9999);
  });

  test('of nothing known is null, and nothing is covered', () => {
    expect(uptimeOf('24h', old, now, [tally({ unknown: hour })])).toMatchObject({
      uptimePercent: null,
      coveragePercent: 0,
      downtimeSeconds: 0,
      responseTimeMs: null,
    });
  });
});

describe('coverage', () => {
  test.each([
    // 24.5 h less the two minutes in which results may be on their way are 88,080 s.
    ['all was seen', { healthy: 88_200 }, 100],
    ['a quarter is a gap', { healthy: 66_060 }, 75],
    ['a quarter is unknown', { healthy: 66_060, unknown: 22_020 }, 75],
    ['a quarter was maintenance', { healthy: 66_060, maintenance: 22_020 }, 100],
    // (88,080 − 44,040 of maintenance) = 44,040, of which half is known.
    ['half was maintenance, a quarter a gap', { unhealthy: 22_020, maintenance: 44_040 }, 50],
  ] as const)('%s', (_title, seconds, coveragePercent) => {
    expect(uptimeOf('24h', old, now, [tally(seconds)]).coveragePercent).toBe(coveragePercent);
  });

  test('is of the time since the check was made', () => {
    // Made 62 minutes ago; one hour of results is due, half of it is there.
    const told = uptimeOf('30d', since('2027-01-15T11:28:00Z'), now, [tally({ healthy: hour / 2 })]);
    expect(told.coveragePercent).toBe(50);
  });

  test('is null for a check of a moment ago: no look was due', () => {
    expect(uptimeOf('24h', since('2027-01-15T12:29:30Z'), now, []).coveragePercent).toBeNull();
  });

  test('is null until the first slot of a check that is looked at once a day', () => {
    const daily = {
      createdAt: now - 600_000,
      placements: checkRecord({ shard: 'home.public.86400.0', placedAt: now - 600_000 }).placements,
    };
    expect(uptimeOf('24h', daily, now, [])).toMatchObject({ uptimePercent: null, coveragePercent: null });
  });
});

describe('response times', () => {
  test('average and percentiles are of all parts together', () => {
    const { responseTimeMs } = uptimeOf('24h', old, now, [
      tally({ healthy: hour }, [10, 20, 30]),
      tally({ healthy: hour }, [40]),
    ]);
    // Of 10, 20, 30, 40: ranks 0.5 × 3 → the 2nd, 0.95 × 3 and 0.99 × 3 → the 3rd.
    expect(responseTimeMs).toEqual({ average: 25, p50: 20, p95: 30, p99: 30 });
  });

  test('are told in tenths of a millisecond, as nobody measures more', () => {
    const { responseTimeMs } = uptimeOf('24h', old, now, [tally({ healthy: hour }, [201, 333, 1234, 4321])]);
    const figures = Object.values(responseTimeMs ?? {});
    expect(figures).toHaveLength(4);
    expect(figures.map((figure) => Number(figure.toFixed(1)))).toEqual(figures);
    expect(responseTimeMs?.average).toBe(1522.3);
  });

  test('are of what was answered outside maintenance: failures with an answer too, timeouts not', () => {
    const looks = [
      seen(1, { phases: { total: 10 } }),
      seen(1, { status: 'unhealthy', reason: 'got 503', phases: { total: 20 } }),
      seen(1, { status: 'unhealthy', reason: 'no answer', phases: {} }),
      seen(1, { status: 'unknown', reason: 'refused', phases: { total: 500 } }),
      seen(1, { phases: { total: 900 }, inMaintenance: true }),
    ].map((one) => ({ seen: one, seconds: 60 }));
    expect(tallyOf(looks)).toMatchObject({
      seconds: { healthy: 60, degraded: 0, unhealthy: 120, unknown: 60, maintenance: 60 },
      latency: { count: 2, sumMs: 30, minMs: 10, maxMs: 20 },
    });
  });
});
