import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { conditionParser } from '../../../shared/health/conditions/parse.ts';
import { type CheckState, freshCounters } from '../../../shared/health/head.ts';
import { heartbeat } from '../../../shared/health/kinds/heartbeat.ts';
import { notePing, pingExpiresAt, readPings } from '../../../shared/health/pings.ts';
import type { Ping } from '../../../shared/health/probing/ports.ts';
import { noon } from './builders.ts';
import { look, portsWith } from './look.ts';
import { memoryTable } from './memory-table.ts';

const second = 1000;
const minute = 60 * second;

const ping = (at: number, given: Partial<Ping> = {}): Ping => ({
  at,
  isFailure: false,
  message: null,
  ...given,
});
const seed = (status: CheckState['status'], reason: string | null): CheckState => ({
  at: noon - minute,
  rev: 1,
  status,
  known: status === 'unknown' ? null : status,
  ...freshCounters,
  isFlapping: false,
  isBlind: false,
  looks: 0,
  failedLooks: 0,
  held: null,
  since: null,
  responseTimeMs: null,
  reason,
});

describe('a heartbeat every 5 minutes with a grace of 1 minute, placed at noon', () => {
  const config = { every: 300, grace: 60 };
  const none = 'no ping since 2027-01-15T08:00:00Z, one is expected every 5 min';

  test.each([
    { after: 5 * minute, last: ping(noon), status: 'healthy', reason: null },
    { after: 6 * minute - 1, last: ping(noon), status: 'healthy', reason: null },
    { after: 6 * minute, last: ping(noon), status: 'unhealthy', reason: none },
    { after: 10 * minute, last: ping(noon + 5 * minute), status: 'healthy', reason: null },
    // Clocks a little apart: a ping from the future is young.
    { after: 0, last: ping(noon + 2 * second), status: 'healthy', reason: null },
    {
      after: minute,
      last: ping(noon + 30 * second, { isFailure: true, message: 'disk full' }),
      status: 'unhealthy',
      reason: 'the ping at 2027-01-15T08:00:30Z told of a failure: disk full',
    },
    {
      after: minute,
      last: ping(noon + 30 * second, { isFailure: true }),
      status: 'unhealthy',
      reason: 'the ping at 2027-01-15T08:00:30Z told of a failure',
    },
    {
      after: 20 * minute,
      last: ping(noon, { isFailure: true, message: 'disk full' }),
      status: 'unhealthy',
      reason: none,
    },
    { after: minute, last: undefined, status: 'unknown', reason: 'waiting for the first ping' },
    { after: 6 * minute - 1, last: undefined, status: 'unknown', reason: 'waiting for the first ping' },
    { after: 6 * minute, last: undefined, status: 'unhealthy', reason: none },
  ])('$after ms later, last ping $last: $status', async ({ after, last, status, reason }) => {
    const seen = await look(
      { type: 'heartbeat', target: 'heartbeat', config, placedAt: noon },
      { clock: () => noon + after, ports: portsWith({ lastPing: async () => last }) },
    );
    expect(seen).toMatchObject({ status, reason, phases: {} });
  });

  test.each([
    { from: seed('healthy', null), after: minute, status: 'healthy', reason: null },
    { from: seed('unhealthy', 'disk full'), after: minute, status: 'unhealthy', reason: 'disk full' },
    { from: seed('unknown', null), after: minute, status: 'unknown', reason: 'waiting for the first ping' },
    { from: seed('healthy', null), after: 6 * minute, status: 'unhealthy', reason: none },
  ])(
    'moved from another shard as $from.status: $status until the next ping is due',
    async ({ from, after, status, reason }) => {
      const seen = await look(
        { type: 'heartbeat', target: 'heartbeat', config, placedAt: noon, seed: from },
        { clock: () => noon + after, ports: portsWith({ lastPing: async () => undefined }) },
      );
      expect(seen).toMatchObject({ status, reason });
    },
  );

  test('pings that cannot be read are our own trouble: unknown (fault 16)', async () => {
    const seen = await look({ type: 'heartbeat', target: 'heartbeat', config });
    expect(seen).toMatchObject({ status: 'unknown', reason: 'pings cannot be asked in this test' });
  });
});

describe('the definition of a heartbeat', () => {
  const definition = heartbeat.definition(z, conditionParser);

  test('needs no target, and takes durations', () => {
    expect(definition.target.parse(undefined)).toBe('heartbeat');
    expect(definition.config.parse({ every: '1d', grace: '30m' })).toEqual({ every: 86_400, grace: 1800 });
    expect(definition.config.parse({ every: 90 })).toEqual({ every: 90 });
    expect(heartbeat.defaults).toEqual({ failureThreshold: 1, successThreshold: 1, retries: 0 });
  });

  test.each([
    { every: 60, late: 119, status: 'healthy' },
    { every: 60, late: 120, status: 'unhealthy' },
    { every: 6000, late: 6599, status: 'healthy' },
    { every: 6000, late: 6600, status: 'unhealthy' },
    { every: 864_000, late: 867_599, status: 'healthy' },
    { every: 864_000, late: 867_600, status: 'unhealthy' },
  ])(
    'without a grace waits a tenth, at least a minute and at most an hour: $every s, $late s ago',
    async ({ every, late, status }) => {
      const seen = await look(
        { type: 'heartbeat', target: 'heartbeat', config: { every } },
        { clock: () => noon + late * second, ports: portsWith({ lastPing: async () => ping(noon) }) },
      );
      expect(seen).toMatchObject({ status });
    },
  );

  test.each([
    {},
    { every: 0 },
    { every: '500d' },
    { every: 'often' },
    { every: 60, grace: -1 },
    { every: Number.NaN },
  ])('refuses %j', (config) => {
    expect(definition.config.safeParse(config).success).toBe(false);
  });

  test('refuses a target', () => {
    expect(definition.target.safeParse('https://shop.test').error?.issues[0]?.message).toBe(
      'Leave the target out: a heartbeat comes to us.',
    );
  });
});

describe('pings', () => {
  const place = { shard: 'home.heartbeat.60.0' };

  test('the newest wins, in whatever order and however often they come (faults 1 and 2)', async () => {
    const given = fc.array(
      fc.record({
        at: fc.integer({ min: 1, max: 20 }),
        isFailure: fc.boolean(),
        message: fc.constantFrom(null, 'x'),
      }),
      { minLength: 1, maxLength: 12 },
    );
    await fc.assert(
      fc.asyncProperty(given, async (pings) => {
        const table = memoryTable();
        for (const one of [...pings, ...pings]) await notePing(table, place, 'check-a', one, 2_000_000_000);
        const newest = Math.max(...pings.map(({ at }) => at));
        // Of several with one instant, the first that came.
        const kept = pings.find(({ at }) => at === newest);
        expect(await readPings(table, place.shard)).toEqual(new Map([['check-a', kept]]));
      }),
    );
  });

  test('those of a shard are read together, and no others', async () => {
    const table = memoryTable();
    await notePing(table, place, 'a', ping(noon), 2_000_000_000);
    await notePing(table, place, 'b', ping(noon + 1, { isFailure: true, message: 'no' }), 2_000_000_000);
    await notePing(table, { shard: 'home.heartbeat.60.1' }, 'c', ping(noon), 2_000_000_000);
    expect(await readPings(table, place.shard)).toEqual(
      new Map([
        ['a', ping(noon)],
        ['b', ping(noon + 1, { isFailure: true, message: 'no' })],
      ]),
    );
  });

  test('a long message is cut to what evidence may weigh (fault 7)', async () => {
    const table = memoryTable();
    await notePing(table, place, 'a', ping(noon, { message: 'ö'.repeat(5000) }), 2_000_000_000);
    const kept = (await readPings(table, place.shard)).get('a')?.message ?? '';
    expect(Buffer.byteLength(kept)).toBeLessThanOrEqual(512);
    expect(kept).toMatch(/^ö+… \(cut\)$/);
  });

  test('one is kept for a month beyond the instant at which the next is missed', () => {
    expect(pingExpiresAt({ at: noon }, { every: 86_400, grace: 3600 })).toBe(
      noon / 1000 + 86_400 + 3600 + 30 * 86_400,
    );
  });
});
