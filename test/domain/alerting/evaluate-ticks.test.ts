import { describe, expect, it } from 'vitest';
import { projectRule } from '../../../shared/alerting/project-rules.ts';
import type { RuleRecord } from '../../../shared/alerting/rule.ts';
import { readRulePlace } from '../../../shared/alerting/rule-plan.ts';
import type { Series, SeriesQuery } from '../../../shared/alerting/series.ts';
import type { HealthSight } from '../../../shared/health/index.ts';
import type { TeamFunctions } from '../../../shared/platform/aws/function.aws.ts';
import { openEvaluator, ruleChangedEvent } from './evaluate-world.ts';
import { at, checkSubject, pointsAt, seriesOf } from './rules.ts';

const slow = {
  name: 'slow',
  type: 'performance',
  condition: { above: '500ms', aggregate: 'avg', window: '1m' },
};
const home = checkSubject('home');

/** A sight whose series are what the test says. */
const openTicks = async (
  written: Readonly<Record<string, unknown>> = slow,
  more: { teamFunctions?: TeamFunctions } = {},
) => {
  const seen: { series: readonly Series[]; asked: SeriesQuery[][]; error?: Error } = {
    series: [],
    asked: [],
  };
  const sight: HealthSight = {
    read: async (queries) => {
      if (seen.error) throw seen.error;
      seen.asked.push([...queries]);
      return queries.map(({ fromAt, toAt }) =>
        seen.series.map((one) => ({
          ...one,
          points: one.points.filter((point) => point.at > fromAt && point.at <= toAt),
        })),
      );
    },
    statuses: async () => [],
    checks: async () => new Map(),
  };
  const world = openEvaluator({ tools: { sight, ...more } });
  const rule = await world.saveRule(written);
  await world.take(ruleChangedEvent(rule));
  const place = await readRulePlace(world.telemetry, rule.id);
  const shard = place?.shard ?? 'none';
  /** The latency of `home`, by second; the shard is judged at that second. */
  const tick = async (second: number, latencies?: Readonly<Record<number, number>>) => {
    if (latencies) seen.series = [seriesOf(pointsAt(latencies), { subject: home, intervalSeconds: 30 })];
    world.at(second);
    return world.take({ kind: 'rules', shard, at: at(second) });
  };
  return { world, rule, shard, seen, tick };
};

const writes = (world: { state: { items: Map<string, unknown> } }) => JSON.stringify([...world.state.items]);

describe('a tick of a shard of rules', () => {
  it('fires and resolves by what the series say, and writes nothing between', async () => {
    const { world, rule, tick } = await openTicks();
    await tick(60, { 30: 100, 60: 120 });
    const quiet = writes(world);
    expect(world.alerts()).toEqual([]);
    await tick(90, { 60: 900, 90: 900 });
    expect(world.alertOf(rule, home.key)).toMatchObject({ state: 'firing', firedAt: at(90) });
    expect(world.members()).toMatchObject([{ state: 'firing', value: 900 }]);
    const firing = writes(world);
    await tick(120, { 90: 905, 120: 950 });
    expect(writes(world)).toBe(firing);
    await tick(150, { 120: 100, 150: 100 });
    expect(world.alertOf(rule, home.key)?.state).toBe('resolved');
    expect(world.members()).toMatchObject([{ state: 'resolved' }]);
    expect(world.changes()).toEqual(['slow inactive→firing', 'slow firing→resolved']);
    expect(quiet).not.toContain('ALERTS#');
  });

  it('that comes twice, or late, changes nothing (faults 1 and 2)', async () => {
    const { world, shard, tick } = await openTicks();
    await tick(90, { 60: 900, 90: 900, 120: 100, 150: 100 });
    await tick(150);
    const after = writes(world);
    await world.take({ kind: 'rules', shard, at: at(90) }, { kind: 'rules', shard, at: at(150) });
    await world.take({ kind: 'rules', shard, at: at(90) });
    expect(writes(world)).toBe(after);
    world.at(600);
    await world.take({ kind: 'rules', shard, at: at(90) });
    expect(writes(world)).toBe(after);
    expect(world.changes()).toHaveLength(2);
  });

  it('reads each series of all its rules in one go', async () => {
    const { world, seen, tick } = await openTicks();
    const second = await world.saveRule({
      ...slow,
      name: 'slower',
      condition: { above: '800ms', window: '5m' },
    });
    await world.take(ruleChangedEvent(second));
    await tick(60, { 60: 1 });
    expect(seen.asked.map((queries) => queries.length)).toEqual([2]);
  });

  it('leaves all as it is when nothing can be read, and comes again', async () => {
    const { world, rule, seen, tick } = await openTicks();
    await tick(90, { 60: 900, 90: 900 });
    seen.error = new Error('throttled');
    expect(await tick(120)).toEqual([0]);
    expect(world.alertOf(rule, home.key)?.state).toBe('firing');
  });

  it('ends an alert whose subject nobody looks at any more, and not one with too little data', async () => {
    const { world, rule, seen, tick } = await openTicks();
    await tick(90, { 60: 900, 90: 900 });
    await tick(120, {});
    expect(world.alertOf(rule, home.key)?.state).toBe('firing');
    seen.series = [];
    await tick(150);
    expect(world.alertOf(rule, home.key)).toMatchObject({
      state: 'resolved',
      reason: 'it is not looked at any more: paused, removed, or not selected by the rule',
    });
  });

  it('waits as long as the rule says, by readings alone', async () => {
    const { world, rule, tick } = await openTicks({ ...slow, for: '1m' });
    await tick(90, { 60: 900, 90: 900, 120: 900, 150: 900 });
    await tick(120);
    expect(world.alertOf(rule, home.key)?.state).toBe('pending');
    expect(await world.due()).toEqual([]);
    await tick(150);
    expect(world.alertOf(rule, home.key)?.state).toBe('firing');
  });
});

describe('a shard that is behind the registry', () => {
  const removedUnseen = async () => {
    const opened = await openTicks();
    await opened.world.saveRule(slow, { revision: 2, deletedAt: at(60) });
    return opened;
  };

  it('fires nothing for a rule that was removed, and lets go of it', async () => {
    const { world, rule, tick, shard } = await removedUnseen();
    await tick(90, { 60: 900, 90: 900 });
    expect(world.alertOf(rule, home.key)).toBeUndefined();
    expect(await readRulePlace(world.telemetry, rule.id)).toEqual({ shard, isLeft: true });
    expect(world.published).toEqual([]);
  });

  it('takes up a rule as it was changed before anything is written by the old one', async () => {
    const { world, rule, tick } = await openTicks();
    await world.saveRule({ ...slow, condition: { above: '1000ms', window: '1m' } }, { revision: 2 });
    await tick(90, { 60: 900, 90: 900, 120: 900 });
    await tick(120);
    expect(world.alertOf(rule, home.key)).toBeUndefined();
    await tick(150, { 120: 1200, 150: 1200 });
    expect(world.alertOf(rule, home.key)?.state).toBe('firing');
  });
});

describe("the verdict of a team's own function", () => {
  const arn = 'arn:aws:lambda:eu-central-1:123456789012:function:verdict';
  const asking = { name: 'own', type: 'custom', condition: { function: arn } };
  const answering = (answers: readonly (() => unknown)[]) => {
    const asked: unknown[] = [];
    const teamFunctions: TeamFunctions = {
      arns: [arn],
      invoke: async (name, payload) => {
        asked.push([name, payload]);
        return answers[asked.length - 1]?.();
      },
    };
    return { asked, teamFunctions };
  };

  it('fires and resolves the rule; a failure or nonsense leaves all as it is', async () => {
    const { asked, teamFunctions } = answering([
      () => ({ firing: true, value: 7, reason: 'seven orders hang', severity: 'error' }),
      () => {
        throw new Error('the function failed');
      },
      () => 'nonsense',
      () => ({ firing: false }),
    ]);
    const { world, rule, tick } = await openTicks({ ...asking, noData: 'keep' }, { teamFunctions });
    const states: (string | undefined)[] = [];
    for (const second of [30, 60, 90, 120]) {
      await tick(second);
      states.push(world.alertOf(rule, 'rule')?.state);
    }
    expect(states).toEqual(['firing', 'firing', 'firing', 'resolved']);
    expect(world.episodes()).toMatchObject([{ severity: 'error', state: 'resolved' }]);
    expect(asked[0]).toEqual([
      arn,
      { rule: { id: rule.id, name: 'own', deploymentId: 'shop' }, at: new Date(at(30)).toISOString() },
    ]);
    expect(world.failures).toEqual(['own: the function failed']);
  });
});

it('functions that hang keep the run from its end for seconds only, and whose own was not asked is not judged', async () => {
  const arn = 'arn:aws:lambda:eu-central-1:123456789012:function:verdict';
  const condition = { function: arn };
  let asked = 0;
  const hanging: TeamFunctions = {
    arns: [arn],
    invoke: async () => {
      asked += 1;
      // Eight are asked at once; each of the eight gives up after ten seconds.
      if (asked % 8 === 0) world.clock.now += 10_000;
      throw new Error('it hangs');
    },
  };
  const { world, shard } = await openTicks(
    { name: 'f0', type: 'custom', condition, noData: 'fire' },
    { teamFunctions: hanging },
  );
  for (let index = 1; index < 100; index++) {
    const rule = await world.saveRule({ name: `f${index}`, type: 'custom', condition, noData: 'fire' });
    await world.take(ruleChangedEvent(rule));
  }
  const begunAt = world.clock.now;
  await world.take({ kind: 'rules', shard, at: begunAt });
  expect(world.clock.now - begunAt).toBeLessThanOrEqual(20_000);
  expect(world.members().length).toBe(asked);
  expect(asked).toBeLessThan(20);
});

it('a rule is judged by one shard only, though two hold it: the second finds what the first wrote', async () => {
  const { world, rule, tick } = await openTicks();
  const twin = '0.9';
  const plan = world.telemetry.items.get(
    `RULES#${(await readRulePlace(world.telemetry, rule.id))?.shard}\nPLAN`,
  );
  await world.telemetry.put({ ...plan, pk: `RULES#${twin}`, sk: 'PLAN', v: 1 });
  await tick(90, { 60: 900, 90: 900 });
  await world.take({ kind: 'rules', shard: twin, at: at(90) });
  expect(world.changes()).toEqual(['slow inactive→firing']);
  await world.saveRule(slow, { revision: 2, deletedAt: at(100) } satisfies Partial<RuleRecord>);
  await projectRule(rule.id, world.freshTools());
  await world.take({ kind: 'rules', shard: twin, at: at(120) });
  expect(world.members()).toMatchObject([{ state: 'firing' }]);
  await world.take(ruleChangedEvent(rule));
  expect(world.members()).toMatchObject([{ state: 'resolved', reason: 'the rule was removed' }]);
});
