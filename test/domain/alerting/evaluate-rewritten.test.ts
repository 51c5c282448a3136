import { describe, expect, it } from 'vitest';
import { alertKey } from '../../../shared/alerting/alert.ts';
import { resolveAlert } from '../../../shared/alerting/resolve-alert.ts';
import { type RuleRecord, ruleKey } from '../../../shared/alerting/rule.ts';
import { checkIdOf } from '../../../shared/health/check.ts';
import {
  checkChanged,
  type Evaluator,
  eventOf,
  openEvaluator,
  ruleChangedEvent,
  transition,
} from './evaluate-world.ts';
import { at } from './rules.ts';

const homeKey = `check:${checkIdOf('shop', 'home')}`;
const dayMs = 86_400_000;

const finding = (state: 'open' | 'resolved', second: number) =>
  eventOf('finding.changed', {
    id: `idle-1@${second}`,
    at: new Date(at(second)).toISOString(),
    findingId: 'idle-1',
    kind: 'idle',
    state,
    severity: 'warning',
    deploymentId: 'shop',
    resource: 'bucket',
    title: 'Idle bucket',
    reason: 'nobody reads it',
    tags: {},
  });

const kinds = {
  downtime: {
    written: { type: 'downtime', condition: {} },
    subjectKey: homeKey,
    fire: (world: Evaluator) => world.take(transition('home', 'unhealthy', 10)),
  },
  finding: {
    written: { type: 'finding', condition: { kinds: ['idle'], severityFrom: 'rule' } },
    subjectKey: 'finding:idle-1',
    fire: (world: Evaluator) => world.take(finding('open', 10)),
  },
} as const;

const firing = async (kind: keyof typeof kinds) => {
  const world = openEvaluator();
  const { written, fire, subjectKey } = kinds[kind];
  const rule = await world.saveRule({ name: 'mine', channels: ['ops'], ...written });
  await world.stand({ home: ['unhealthy', 10] });
  await fire(world);
  return { world, rule, written, alert: () => world.alertOf(rule, subjectKey) };
};

describe.each(['downtime', 'finding'] as const)('a rule of the type %s that is written anew', (kind) => {
  it('has what fires told to the channels and with the severity that it names now', async () => {
    const { world, rule, written, alert } = await firing(kind);
    const before = alert();
    await world.saveRule(
      { name: 'mine', ...written, channels: ['pager'], severity: 'error' },
      { revision: 2 },
    );
    world.at(60);
    await world.take(ruleChangedEvent(rule));
    expect(alert()).toMatchObject({ state: 'firing', channels: ['pager'], severity: 'error' });
    expect(alert()?.incidentId).toBe(before?.incidentId);
    expect(world.members().find(({ ruleId }) => ruleId === rule.id)).toMatchObject({
      state: 'firing',
      channels: ['pager'],
      severity: 'error',
    });
    const seq = alert()?.seq;
    await world.take(ruleChangedEvent(rule));
    expect(alert()?.seq).toBe(seq);
  });
});

describe('an alert that a person resolved', () => {
  const resolved = async (kind: keyof typeof kinds) => {
    const found = await firing(kind);
    const { world, rule, alert } = found;
    const fired = alert();
    if (!fired) throw new Error('nothing fires');
    world.at(20);
    const by = { by: 'ann', at: at(20) };
    await resolveAlert(world.freshTools(), { ruleId: rule.id, alertId: fired.id }, by);
    const keptUntil = () =>
      world.alerts().find(({ key }) => key.sk === alertKey(rule.id, fired.id).sk)?.keptUntil;
    return { ...found, keptUntil };
  };
  const remove = (world: Evaluator, rule: RuleRecord) =>
    world.state.put({ ...ruleKey(rule.id), v: 1, ...rule, deletedAt: at(30) } as never);

  it('is kept until its condition was clear', async () => {
    expect((await resolved('downtime')).keptUntil()).toBeUndefined();
  });

  it.each(['downtime', 'finding'] as const)(
    'expires when its rule of the type %s is removed',
    async (kind) => {
      const { world, rule, keptUntil } = await resolved(kind);
      await remove(world, rule);
      world.at(60);
      await world.take(ruleChangedEvent(rule));
      expect(keptUntil()).toBe(at(60) + 15 * dayMs);
    },
  );

  it('expires when its check is removed', async () => {
    const { world, keptUntil } = await resolved('downtime');
    await world.stand({ home: ['unhealthy', 10] }, { deletedAt: at(30) });
    world.at(60);
    await world.take(checkChanged('home'));
    expect(keptUntil()).toBe(at(60) + 15 * dayMs);
  });

  it('of a finding whose end nobody may ever tell does not stay for ever', async () => {
    const { keptUntil } = await resolved('finding');
    expect(keptUntil()).toBe(at(20) + 120 * dayMs);
  });
});

describe('many alerts of one rule that begin together', () => {
  it('note once when it last fired: they would all write one item (fault 8)', async () => {
    const world = openEvaluator();
    const names = Array.from({ length: 50 }, (_, index) => `c${index}`);
    await world.stand(Object.fromEntries(names.map((name) => [name, ['unhealthy', 10] as const])));
    const noted: string[] = [];
    const { update, put } = world.state;
    const isOfRule = ({ pk }: { readonly pk: string }) => pk.startsWith('RULES#');
    world.state.update = (key, ...rest) => {
      if (isOfRule(key)) noted.push(key.sk);
      return update(key, ...rest);
    };
    world.state.put = (item, ...rest) => {
      if (isOfRule(item)) noted.push(item.sk);
      return put(item, ...rest);
    };
    await world.take(...names.map((name) => transition(name, 'unhealthy', 10)));
    expect(world.members()).toHaveLength(50);
    // One try to move the instant on and, of a built-in rule that nobody wrote, the note itself.
    expect(noted.length).toBeLessThanOrEqual(2);
  });
});

describe('a check of a deployment with thousands of rules', () => {
  it('that is removed ends its alerts without asking for each rule alone', async () => {
    const world = openEvaluator();
    const rules = await Promise.all(
      Array.from({ length: 1100 }, (_, index) =>
        world.saveRule({
          name: `r${index}`,
          type: 'downtime',
          condition: { longerThan: index < 2 ? 0 : '1h' },
        }),
      ),
    );
    const [first, second] = rules;
    if (!first || !second) throw new Error('there are no rules');
    await world.stand({ home: ['unhealthy', 10] });
    for (const rule of [first, second]) await world.take(ruleChangedEvent(rule));
    await world.stand({ home: ['unhealthy', 10] }, { deletedAt: at(30) });
    let asked = 0;
    const { batchGet } = world.state;
    world.state.batchGet = (keys, ...rest) => {
      asked += keys.length;
      return batchGet(keys, ...rest);
    };
    world.at(60);
    await world.take(checkChanged('home'));
    for (const rule of [first, second]) expect(world.alertOf(rule, homeKey)?.state).toBe('resolved');
    expect(asked).toBeLessThan(50);
  });
});
