import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nextOutcomes, turnsIn } from '../../../shared/health/flapping.ts';
import { fold } from '../../../shared/health/fold.ts';
import { emptyHead, fromHeadItem, type Head, neverSeen, toHeadItem } from '../../../shared/health/head.ts';
import { pack, unpack } from '../../../shared/health/packing.ts';
import { fromPlanItem, toPlanItem } from '../../../shared/health/plan.ts';
import { fromResultsItem, toResultsItem } from '../../../shared/health/slot-results.ts';
import { standingOf } from '../../../shared/health/standing.ts';
import { noon, planOf, stateOf } from './builders.ts';
import { letters, minute, place, slotIn, timeline } from './timeline.ts';

describe('flapping (fault 13)', () => {
  test.each([
    { rule: 'seven turns are not flapping yet', line: 'U D U D U D U D', signals: [] },
    { rule: 'the eighth is, once', line: 'U D U D U D U D U D U', signals: ['9: started'] },
    {
      rule: 'a slow answer is a success, unknown no outcome',
      line: 'U D ? S D B S D U D U',
      signals: ['11: started'],
    },
    {
      rule: 'it has ended when at most three turns are left among the last twenty',
      line: `U D U D U D U D U ${'U '.repeat(20)}`.trim(),
      signals: ['9: started', '25: ended'],
    },
    { rule: 'what maintenance brings is expected', line: 'U d u d u d u d u d u d', signals: [] },
  ])('$rule', ({ line, signals }) => {
    expect(timeline(line, { entry: { failureThreshold: 9 } }).signals).toEqual(signals);
  });

  test('it says how often, and bears the id of check and slot', () => {
    const { head } = timeline('U D U D U D U D U', { entry: { failureThreshold: 9 } });
    const id = planOf('home.public.60.0', [1]).entries[0]?.id;
    expect(head.outbox.at(-1)).toEqual({
      type: 'check.flapping',
      detail: {
        id: `${id}@${noon + 9 * minute}:flapping`,
        at: '2027-01-15T08:09:00.000Z',
        ...place,
        checkId: id,
        deploymentId: 'shop',
        name: 'check-1',
        type: 'http',
        target: 'https://service-1.shop.example.com/health',
        tags: {},
        state: 'started',
        turns: 8,
        reason: '8 turns between success and failure in the last 9 results',
      },
    });
  });

  test('turns are counted among the last twenty outcomes, whatever came before', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 60 }), (failures) => {
        const outcomes = failures.reduce(nextOutcomes, neverSeen.outcomes);
        const last = failures.slice(-20);
        expect(turnsIn(outcomes)).toBe(last.filter((one, at) => at > 0 && one !== last[at - 1]).length);
      }),
    );
  });
});

describe('the pace', () => {
  test.each([
    {
      rule: 'three timeouts in a row ask for a slow shard',
      shard: 'public',
      line: 'U T T T',
      signals: ['4: slow'],
    },
    { rule: 'so inside the VPC', shard: 'vpc', line: 'T T T', signals: ['3: slow'] },
    { rule: 'a failure of another kind breaks the row', shard: 'public', line: 'T T D T T', signals: [] },
    { rule: 'unknown does not', shard: 'public', line: 'T ? T B T', signals: ['5: slow'] },
    {
      rule: 'asked again after three more, if nobody moved it',
      shard: 'public',
      line: 'T T T T T T',
      signals: ['3: slow', '6: slow'],
    },
    {
      rule: 'ten successes in a row bring it back',
      shard: 'slow',
      line: 'T T T U U S U U U U U U U',
      signals: ['13: usual'],
    },
    { rule: 'nine do not', shard: 'slow', line: 'U U U U U U U U U D', signals: [] },
    { rule: 'so inside the VPC', shard: 'vpc-slow', line: 'U U U U U U U U U U', signals: ['10: usual'] },
    { rule: 'a heartbeat hangs on no network', shard: 'heartbeat', line: 'T T T T', signals: [] },
    { rule: 'nor does a composite', shard: 'composite', line: 'T T T T', signals: [] },
  ])('$rule ($shard): $line', ({ shard, line, signals }) => {
    expect(timeline(line, { shard: `home.${shard}.60.0` }).signals).toEqual(signals);
  });

  test('bears the id of check and slot', () => {
    const { head } = timeline('T T T');
    expect(head.outbox.find(({ type }) => type === 'check.paced')?.detail).toMatchObject({
      id: `${planOf('home.public.60.0', [1]).entries[0]?.id}@${noon + 3 * minute}:paced`,
      pace: 'slow',
    });
  });
});

describe('while the monitor is blind (fault 14)', () => {
  test.each([
    { rule: 'no status changes', line: 'U B B B B U', statuses: 'up up up up up up', changes: ['?>up'] },
    { rule: 'failures count on where they were', line: 'U D D B D', statuses: 'up up up up down' },
    { rule: 'what is down stays so', line: 'D D D B B U U', statuses: '? ? down down down down up' },
  ])('$rule: $line', ({ line, statuses, changes }) => {
    const told = timeline(line);
    expect(told.statuses).toBe(statuses);
    if (changes) expect(told.changes).toEqual(changes);
  });

  test('a check reads as unknown, with the reason, and as before once we see again', () => {
    const check = { isPaused: false, intervalSeconds: 60, placedAt: noon };
    const blind = standingOf(check, timeline('U B').state, noon + 2 * minute);
    expect(blind).toMatchObject({
      status: 'unknown',
      reason: 'the monitor is blind: neither its targets nor its canaries answer',
      lastCheckedAt: noon + 2 * minute,
    });
    const after = standingOf(check, timeline('U B U').state, noon + 3 * minute);
    expect(after).toMatchObject({ status: 'healthy', since: noon + minute });
  });

  const shard = 'home.public.60.0';
  const since = noon + 2 * minute;
  const B = letters.B ?? {};
  const D = letters.D ?? {};
  const folding = (...log: ReturnType<typeof slotIn>[]) =>
    fold(timeline('U').head, planOf(shard, [1]), log, place).head;
  const blindness = (head: Head) =>
    head.outbox.flatMap((event) => (event.type === 'monitor.blind' ? [event.detail] : []));

  test('it is told once when it begins and once when it ends, with one `since`', () => {
    const head = folding(
      slotIn(shard, 2, B, { blindSince: since }),
      slotIn(shard, 3, B, { blindSince: since }),
      slotIn(shard, 4, D),
      slotIn(shard, 5, D),
    );
    expect(blindness(head)).toEqual([
      {
        id: `blind:home.public@${since}:started`,
        at: '2027-01-15T08:02:00.000Z',
        ...place,
        location: 'home',
        network: 'public',
        state: 'started',
        since: '2027-01-15T08:02:00.000Z',
        reason: 'targets do not answer and no canary does: what cannot be reached is unknown',
      },
      {
        id: `blind:home.public@${since}:ended`,
        at: '2027-01-15T08:04:00.000Z',
        ...place,
        location: 'home',
        network: 'public',
        state: 'ended',
        since: '2027-01-15T08:02:00.000Z',
        reason: 'targets or canaries answer again',
      },
    ]);
    expect(head.blindSince).toBeUndefined();
  });

  test('a slot that learned nothing does not end it, nor does a run-now of one check', () => {
    const head = folding(
      slotIn(shard, 2, B, { blindSince: since }),
      slotIn(shard, 3, letters['?'] ?? {}),
      slotIn(shard, 3, letters.U ?? {}, { at: noon + 3.5 * minute, runId: 'x' }),
    );
    expect(blindness(head)).toHaveLength(1);
    expect(head.blindSince).toBe(since);
  });
});

describe('what is stored', () => {
  const shard = 'home.public.60.0';

  test('a head survives it with all its counters, marks and held trouble', () => {
    const flapping = timeline('U D U D U D S D U D U T T', {
      entry: { failureWindow: 8, failureThreshold: 6 },
    });
    const held = { why: 'parent', from: 'healthy', at: noon, until: noon + 90_000 } as const;
    const head: Head = {
      ...flapping.head,
      version: 3,
      blindSince: noon + minute,
      checks: new Map([
        ...flapping.head.checks,
        [4, stateOf({ status: 'unhealthy', held, looks: 5, failedLooks: 3, isBlind: true })],
        [9, neverSeen],
      ]),
    };
    expect(fromHeadItem(shard, toHeadItem(head, 'a'))).toEqual(head);
  });

  test('results survive it with their flags', () => {
    const results = {
      ...slotIn(shard, 1, {}, { blindSince: noon }),
      seen: ['U', 'T', 'B', 'd'].map((letter, at) => {
        const [one] = slotIn(shard, 1, { ...letters[letter] }).seen;
        if (!one) throw new Error('nothing was seen');
        const { statusCode: _code, ...rest } = one;
        return { ...rest, no: at + 1 };
      }),
    };
    expect(fromResultsItem(shard, toResultsItem(results, 1))).toEqual(results);
  });

  test('an item written before there were such columns reads as if nothing had been counted', () => {
    const head = timeline('U D').head;
    const item = toHeadItem(head, 'a');
    const old = Object.fromEntries(
      Object.entries(unpack(item.packed) as Record<string, unknown>).filter(([name]) =>
        [
          'nos',
          'ats',
          'revs',
          'statuses',
          'knowns',
          'failures',
          'successes',
          'sinces',
          'reasons',
          'outbox',
        ].includes(name),
      ),
    );
    const read = fromHeadItem(shard, { ...item, packed: pack(old) }).checks.get(1);
    expect(read).toMatchObject({
      status: 'healthy',
      failures: 1,
      outcomes: 1,
      looks: 0,
      isFlapping: false,
      held: null,
    });
    const { at, rev, status, known, failures, successes, since, responseTimeMs, reason } = stateOf({});
    const seed = { at, rev, status, known, failures, successes, since, responseTimeMs, reason };
    const plan = toPlanItem(planOf(shard, [1], { 1: { seed: seed as never } }), 'a');
    expect(fromPlanItem(shard, plan).entries[0]?.seed).toEqual(stateOf({}));
  });

  test('an empty head stays one', () => {
    expect(fromHeadItem(shard, toHeadItem(emptyHead(shard), 'a'))).toEqual(emptyHead(shard));
  });
});
