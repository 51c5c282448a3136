import { describe, expect, test } from 'vitest';
import { fold } from '../../../shared/health/fold.ts';
import { emptyHead, fromHeadItem, type Head, toHeadItem } from '../../../shared/health/head.ts';
import type { PlanEntry } from '../../../shared/health/plan.ts';
import type { Results, Seen } from '../../../shared/health/slot-results.ts';
import { noon, planOf, seen, stateOf, statusChanges } from './builders.ts';
import { letters, minute, place, slotIn, timeline } from './timeline.ts';

const shard = 'home.public.60.0';
const slot = (number: number, one: Partial<Seen>, given: Partial<Results> = {}) =>
  slotIn(shard, number, one, given);

describe('a check that fails three times in a row is unhealthy, and healthy again after two successes', () => {
  test.each([
    { rule: 'the first success is healthy at once', line: 'U', statuses: 'up', changes: ['?>up'] },
    {
      rule: 'a check that never answered stays unknown until the third failure',
      line: 'D D D',
      statuses: '? ? down',
      changes: ['?>down'],
    },
    {
      rule: 'two failures change nothing',
      line: 'U D D U D D',
      statuses: 'up up up up up up',
      changes: ['?>up'],
    },
    {
      rule: 'three failures make it unhealthy, once',
      line: 'U D D D D D',
      statuses: 'up up up down down down',
      changes: ['?>up', 'up>down'],
    },
    {
      rule: 'one success is not enough to recover',
      line: 'D D D U D U',
      statuses: '? ? down down down down',
      changes: ['?>down'],
    },
    {
      rule: 'two successes in a row recover, once',
      line: 'D D D U U U',
      statuses: '? ? down down up up',
      changes: ['?>down', 'down>up'],
    },
    {
      rule: 'a gap counts neither way',
      line: 'U D . D . D',
      statuses: 'up up up up up down',
      changes: ['?>up', 'up>down'],
    },
    {
      rule: 'an unknown result is unknown at once and counts neither way',
      line: 'U D ? D ? D',
      statuses: 'up up ? ? ? down',
      changes: ['?>up', 'up>?', '?>down'],
    },
    {
      rule: 'known healthy before, one success ends unknown',
      line: 'U ? U',
      statuses: 'up ? up',
      changes: ['?>up', 'up>?', '?>up'],
    },
    {
      rule: 'known unhealthy before, unknown never heals: two successes are needed',
      line: 'D D D ? U U',
      statuses: '? ? down ? ? up',
      changes: ['?>down', 'down>?', '?>up'],
    },
    {
      rule: 'known unhealthy before, one failure is unhealthy again',
      line: 'D D D ? D',
      statuses: '? ? down ? down',
      changes: ['?>down', 'down>?', '?>down'],
    },
    {
      rule: 'known unhealthy before, it stays so after one success and a failure',
      line: 'D D D U ? D',
      statuses: '? ? down down ? down',
      changes: ['?>down', 'down>?', '?>down'],
    },
  ])('$rule: $line', ({ line, statuses, changes }) => {
    expect(timeline(line)).toMatchObject({ statuses, changes });
  });

  test('thresholds of one change at once', () => {
    expect(timeline('U D U D', { entry: { failureThreshold: 1, successThreshold: 1 } }).statuses).toBe(
      'up down up down',
    );
  });
});

describe('a change carries what people and machines need', () => {
  test('its id is check and slot; it tells from, to, why and where', () => {
    const { head } = timeline('U D D D', { entry: { tags: { team: 'web' } } });
    expect(head.outbox[1]).toEqual({
      type: 'check.status_changed',
      detail: {
        id: `${planOf(shard, [1]).entries[0]?.id}@${noon + 4 * minute}`,
        at: '2027-01-15T08:04:00.000Z',
        accountId: '123456789012',
        region: 'eu-central-1',
        checkId: planOf(shard, [1]).entries[0]?.id,
        deploymentId: 'shop',
        name: 'check-1',
        type: 'http',
        target: 'https://service-1.shop.example.com/health',
        from: 'healthy',
        to: 'unhealthy',
        reason: 'connect ECONNREFUSED 192.0.2.1:443',
        responseTimeMs: null,
        tags: { team: 'web' },
      },
    });
  });

  test('a recovery tells by what it recovered', () => {
    const { head } = timeline('D D D U U');
    expect(statusChanges(head.outbox).at(-1)?.reason).toBe('2 successes in a row');
    expect(head.checks.get(1)).toMatchObject({ reason: null, since: noon + 5 * minute, failures: 0 });
  });

  test('a reason longer than 512 bytes is cut with a mark (fault 7)', () => {
    const reason = 'ü'.repeat(400);
    const { head } = fold(
      emptyHead(shard),
      planOf(shard, [1]),
      [slot(1, { status: 'unknown', reason })],
      place,
    );
    const kept = head.checks.get(1)?.reason ?? '';
    expect(Buffer.byteLength(kept)).toBeLessThanOrEqual(512);
    expect(kept).toMatch(/^ü{240,}… \(cut\)$/);
  });
});

describe('what is late, repeated or of another definition', () => {
  const folding = (log: readonly Results[], head = timeline('U').head, entry: Partial<PlanEntry> = {}) =>
    fold({ ...head, outbox: [] }, planOf(shard, [1], { 1: entry }), log, place);
  const down = letters.D as Partial<Seen>;

  test('the same results again change nothing (fault 1)', () => {
    const once = folding([slot(2, down)]);
    expect(fold(once.head, planOf(shard, [1]), [slot(2, down)], place)).toEqual({
      head: once.head,
      isChanged: false,
      isComplete: true,
    });
  });

  test('an older result is history only (fault 2)', () => {
    const { head } = folding([slot(5, {}), slot(3, down), slot(4, down), slot(2, down)]);
    expect(head.checks.get(1)).toMatchObject({ at: noon + 5 * minute, status: 'healthy', failures: 0 });
    expect(head.slotAt).toBe(noon + 5 * minute);
  });

  test('a result of an older definition is history only', () => {
    const changed = { ...timeline('U').head, checks: new Map([[1, stateOf({ at: noon, rev: 4 })]]) };
    const { head } = folding([slot(2, { ...down, rev: 3 })], changed);
    expect(head.checks.get(1)).toEqual(stateOf({ at: noon, rev: 4 }));
  });

  test('a changed definition counts anew and keeps the status', () => {
    const { head } = timeline('U D D');
    const next = fold(head, planOf(shard, [1]), [slot(4, { ...down, rev: 2 })], place).head;
    expect(next.checks.get(1)).toMatchObject({ status: 'healthy', failures: 1, rev: 2 });
  });

  test('a run-now counts, and the slots before it are still to be folded', () => {
    const now = slot(0, down, { at: noon + 90_000, runId: 'x' });
    const { head } = folding([now]);
    expect(head.checks.get(1)).toMatchObject({ at: noon + 90_000, failures: 1 });
    expect(head.slotAt).toBe(noon + minute);
  });

  test('a result at the instant that was folded is not folded again', () => {
    expect(folding([slot(0, down, { at: noon + minute, runId: 'x' })]).isChanged).toBe(false);
  });

  test.each([{ paused: true }, { leaving: true }] as const)('a check that is %o keeps its state', (entry) => {
    const start = timeline('U').head;
    const { head } = folding([slot(2, down)], start, entry);
    expect(head.checks.get(1)).toEqual(start.checks.get(1));
    expect(head.slotAt).toBe(noon + 2 * minute);
  });

  test('a check that left the plan leaves the head', () => {
    const { head } = fold(
      timeline('U').head,
      planOf(shard, [2]),
      [{ ...slot(2, {}), seen: [seen(2)] }],
      place,
    );
    expect([...head.checks.keys()]).toEqual([2]);
  });

  test('a check that moved here goes on from the state it brought', () => {
    const seed = stateOf({ at: noon, failures: 2, since: noon - 9 * minute });
    const { head } = fold(emptyHead(shard), planOf(shard, [1], { 1: { seed } }), [slot(1, down)], place);
    expect(head.checks.get(1)).toMatchObject({ status: 'unhealthy', failures: 3 });
    expect(statusChanges(head.outbox).map(({ from }) => from)).toEqual(['healthy']);
  });
});

describe('a full outbox', () => {
  const nos = Array.from({ length: 100 }, (_, at) => at + 1);
  const fast = Object.fromEntries(nos.map((no) => [no, { failureThreshold: 1, successThreshold: 1 }]));
  const flapping = Array.from(
    { length: 6 },
    (_, at): Results => ({
      ...slot(at + 1, {}),
      seen: nos.map((no) => seen(no, at % 2 === 0 ? {} : letters.D)),
    }),
  );

  test('stops folding until changes were told; then the rest follows and none is lost', () => {
    const plan = planOf(shard, nos, fast);
    let head = emptyHead(shard);
    const told: string[] = [];
    let rounds = 0;
    for (let isComplete = false; !isComplete; rounds++) {
      const folded = fold(
        head,
        plan,
        flapping.filter((results) => results.at > head.slotAt),
        place,
      );
      isComplete = folded.isComplete;
      expect(folded.head.outbox.length).toBeLessThanOrEqual(300);
      told.push(...folded.head.outbox.map(({ detail }) => detail.id));
      head = { ...folded.head, outbox: [] };
    }
    expect(rounds).toBeGreaterThan(1);
    expect(new Set(told).size).toBe(600);
    expect(told).toHaveLength(600);
  });

  test('keeps the head far below 400 KB even when nothing compresses (fault 7)', () => {
    const wild = Array.from({ length: 25 }, (_, at) => String.fromCharCode(0x4e00 + at * 131)).join('');
    const tags = Object.fromEntries(nos.slice(0, 10).map((no) => [`tag-${no}`, `${wild}${no}`]));
    const plan = planOf(shard, nos, Object.fromEntries(nos.map((no) => [no, { ...fast[no], tags }])));
    const { head } = fold(emptyHead(shard), plan, flapping, place);
    expect(Buffer.byteLength(JSON.stringify(head.outbox))).toBeLessThan(350_000);
  });
});

test('a head survives being stored', () => {
  const head: Head = { ...timeline('U D ? D D').head, version: 3, planVersion: 2 };
  expect(fromHeadItem(shard, toHeadItem(head, 'a'))).toEqual(head);
});
