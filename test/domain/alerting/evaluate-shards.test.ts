import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ProjectTools, projectRule } from '../../../shared/alerting/project-rules.ts';
import { type RuleRecord, ruleKey } from '../../../shared/alerting/rule.ts';
import { readRulePlace, readRulePlan } from '../../../shared/alerting/rule-plan.ts';
import { ruleFamilies, ruleShardsIn } from '../../../shared/alerting/shard-list.ts';
import type { Item, Table } from '../../../shared/storage/index.ts';
import { memoryTable } from '../incidents/memory.ts';
import { noon, recordOf } from './rules.ts';

class Killed extends Error {}

const open = () => {
  let left = Number.POSITIVE_INFINITY;
  const step = () => {
    if (left-- <= 0) throw new Killed();
  };
  const state = memoryTable(() => noon, step);
  const telemetry = memoryTable(() => noon, step);
  let ids = 0;
  const tools: ProjectTools = { state, telemetry, clock: () => noon, newId: () => `id${ids++}` };
  const families = Array.from({ length: ruleFamilies }, (_, family) => family);
  return {
    state,
    telemetry,
    tools,
    save: (rule: RuleRecord) => state.put({ ...ruleKey(rule.id), v: 1, ...rule } as unknown as Item),
    project: (rule: RuleRecord, using = tools) => projectRule(rule.id, using),
    /** True when it was killed. */
    killed: async (rule: RuleRecord, killAt: number) => {
      left = killAt;
      try {
        await projectRule(rule.id, tools);
        return false;
      } catch (error) {
        if (!(error instanceof Killed)) throw error;
        return true;
      } finally {
        left = Number.POSITIVE_INFINITY;
      }
    },
    /** All shards with the names of their rules, and what the list says of them. */
    shards: async () => {
      const listed = (await Promise.all(families.map((family) => ruleShardsIn(telemetry, family)))).flat();
      return Promise.all(
        listed.map(async ({ shard, active, version }) => {
          const plan = await readRulePlan(telemetry, shard, { consistent: true });
          return { shard, active, isCurrent: version === plan.version, rules: plan.rules };
        }),
      );
    },
  };
};

const ruleNo = (no: number, deploymentId: string | null = 'shop', written = {}): RuleRecord =>
  recordOf({ deploymentId, name: `rule ${no}`, type: 'performance', condition: { above: 500 }, ...written });

const namesIn = (shards: readonly { readonly rules: readonly RuleRecord[] }[]) =>
  shards.flatMap(({ rules }) => rules.map(({ definition }) => definition.name)).sort();

describe('rules that are judged every 30 s', () => {
  it('are kept together by deployment, at most a hundred a shard', async () => {
    const opened = open();
    for (let no = 0; no < 230; no++) {
      const rule = ruleNo(no, no % 10 === 0 ? 'bank' : 'shop');
      await opened.save(rule);
      await opened.project(rule);
    }
    const shards = await opened.shards();
    expect(namesIn(shards)).toHaveLength(230);
    expect(new Set(namesIn(shards)).size).toBe(230);
    for (const { active, rules, isCurrent } of shards) {
      expect(rules.length).toBeLessThanOrEqual(100);
      expect([active, isCurrent]).toEqual([rules.length, true]);
    }
    const banks = shards.filter(({ rules }) =>
      rules.some(({ definition }) => definition.deploymentId === 'bank'),
    );
    expect(banks).toHaveLength(1);
    expect(shards.length).toBeLessThanOrEqual(4);
  });

  it('move to another shard when they do not fit any more', async () => {
    const opened = open();
    const large = (no: number, size: number) => ruleNo(no, 'shop', { description: 'x'.repeat(size) });
    for (let no = 0; no < 60; no++) {
      const rule = large(no, 900);
      await opened.save(rule);
      await opened.project(rule);
    }
    const [shard] = await opened.shards();
    const bytes = Buffer.byteLength(JSON.stringify(shard?.rules));
    expect(bytes).toBeGreaterThan(60_000);
    const grown = { ...large(0, 900), revision: 2 };
    const definition = { ...grown.definition, description: 'x'.repeat(202_000 - bytes) };
    await opened.save({ ...grown, definition });
    await opened.project(grown);
    const shards = await opened.shards();
    expect(shards).toHaveLength(2);
    expect(new Set(namesIn(shards)).size).toBe(60);
    expect(shards.flatMap(({ rules }) => rules).find(({ id }) => id === grown.id)?.revision).toBe(2);
  });

  it.each([
    ['removed', { deletedAt: noon }, {}],
    ['switched off', {}, { isActive: false }],
    ['made one that is judged at events', {}, { type: 'downtime', condition: {} }],
  ])(
    'are taken out when they are %s, and the shard without rules has no ticks',
    async (_, given, written) => {
      const opened = open();
      const rule = ruleNo(1);
      await opened.save(rule);
      await opened.project(rule);
      await opened.save({ ...ruleNo(1, 'shop', written), revision: 2, ...given });
      await opened.project(rule);
      await opened.project(rule);
      expect(await opened.shards()).toMatchObject([{ active: 0, rules: [] }]);
      await opened.save({ ...rule, revision: 3 });
      await opened.project(rule);
      expect(await opened.shards()).toMatchObject([{ active: 1, rules: [{ revision: 3 }] }]);
      expect((await readRulePlace(opened.telemetry, rule.id))?.isLeft).toBe(false);
    },
  );

  it('that are judged at events never take a place', async () => {
    const opened = open();
    const rule = recordOf({ name: 'down', type: 'downtime', condition: {} });
    await opened.save(rule);
    await opened.project(rule);
    expect(opened.telemetry.items.size).toBe(0);
  });

  it('are never projected backwards by an event that comes late (fault 2)', async () => {
    const opened = open();
    await opened.save({ ...ruleNo(1), revision: 5 });
    await opened.project(ruleNo(1));
    await opened.project(ruleNo(1));
    expect(await opened.shards()).toMatchObject([{ rules: [{ revision: 5 }] }]);
  });
});

describe('an evaluator killed at any of its accesses while it places a rule, and its event again (fault 3)', () => {
  it.each(['new', 'changed', 'removed'] as const)(
    'leaves a rule that is %s in one shard, or in none',
    async (what) => {
      for (let killAt = 0, wasKilled = true; wasKilled; killAt++) {
        const opened = open();
        const rule = ruleNo(1);
        await opened.save(rule);
        if (what !== 'new') await opened.project(rule);
        if (what === 'changed')
          await opened.save({ ...ruleNo(1, 'shop', { severity: 'critical' }), revision: 2 });
        if (what === 'removed') await opened.save({ ...rule, revision: 2, deletedAt: noon });
        wasKilled = await opened.killed(rule, killAt);
        await opened.project(rule);
        const shards = await opened.shards();
        expect(namesIn(shards), `killed at ${killAt}`).toEqual(what === 'removed' ? [] : ['rule 1']);
        for (const { active, rules, isCurrent } of shards)
          expect([active, isCurrent]).toEqual([rules.length, true]);
      }
    },
  );

  it('and a write whose acknowledgement was lost counts as written (fault 5)', async () => {
    const opened = open();
    const put: Table['put'] = opened.telemetry.put;
    opened.telemetry.put = async (...given) => {
      await put(...given);
      return put(...given);
    };
    await opened.save(ruleNo(1));
    await opened.project(ruleNo(1));
    expect(namesIn(await opened.shards())).toEqual(['rule 1']);
  });
});

it('two evaluators that place the same rules at once leave each in one shard, whatever the order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.integer({ min: 1, max: 3 }), async (scheduler, count) => {
      const opened = open();
      const rules = Array.from({ length: count }, (_, no) => ruleNo(no));
      for (const rule of rules) await opened.save(rule);
      const { state, telemetry } = opened;
      const slow = <A extends unknown[], T>(act: (...args: A) => Promise<T>) =>
        scheduler.scheduleFunction(((...args: A) => act(...args)) as typeof act);
      // Attempts of different work must not share an id: each takes its own for its writes.
      let ids = 0;
      const toolsOf = (name: string): ProjectTools => ({
        state: { get: slow(state.get) },
        telemetry: { get: slow(telemetry.get), query: slow(telemetry.query), put: slow(telemetry.put) },
        clock: () => noon,
        newId: () => `${name}${ids++}`,
      });
      const working = Promise.all(
        ['a', 'b'].flatMap((name) => rules.map((rule) => opened.project(rule, toolsOf(name)))),
      );
      await scheduler.waitFor(working);
      const shards = await opened.shards();
      expect(namesIn(shards)).toEqual(rules.map(({ definition }) => definition.name).sort());
      for (const { active, rules: held, isCurrent } of shards)
        expect([active, isCurrent]).toEqual([held.length, true]);
    }),
    { numRuns: 40 },
  );
});
