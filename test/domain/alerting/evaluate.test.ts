import { describe, expect, it } from 'vitest';
import { builtinRules } from '../../../shared/alerting/builtin.ts';
import { loadRule } from '../../../shared/alerting/registry.ts';
import { ruleKey } from '../../../shared/alerting/rule.ts';
import { checkIdOf } from '../../../shared/health/check.ts';
import { checkChanged, eventOf, openEvaluator, ruleChangedEvent, transition } from './evaluate-world.ts';
import { at, recordOf } from './rules.ts';

const homeKey = `check:${checkIdOf('shop', 'home')}`;
const serviceDown = builtinRules()[0] ?? recordOf({});

describe('a transition of a check', () => {
  it('to unhealthy fires the built-in rule: one alert, one episode, one incident, and all that tells of it', async () => {
    const world = openEvaluator();
    await world.stand({ home: ['unhealthy', 10] });
    world.at(12);
    expect(await world.take(transition('home', 'unhealthy', 10))).toEqual([]);
    const alert = world.alertOf(serviceDown, homeKey);
    expect(alert).toMatchObject({
      state: 'firing',
      severity: 'critical',
      firedAt: at(12),
      groupKey: 'deployment:shop',
    });
    expect(world.members()).toMatchObject([
      { alertId: alert?.id, state: 'firing', reason: 'unhealthy: unhealthy at 10', ruleName: 'Service Down' },
    ]);
    expect(world.episodes()).toMatchObject([
      { alertId: alert?.id, state: 'firing', incidentId: alert?.incidentId, deploymentId: 'shop' },
    ]);
    expect(world.changes()).toEqual(['Service Down inactive→firing']);
    expect(world.published[0]?.detail).toMatchObject({
      incidentId: alert?.incidentId,
      labels: { check: 'home' },
    });
    expect(world.woken).toEqual([{ incidentId: alert?.incidentId, groupKey: 'deployment:shop' }]);
    expect(await loadRule(world.state, serviceDown.id)).toMatchObject({ lastTriggeredAt: at(12) });
    expect(await world.due()).toEqual([]);
  });

  it('back to healthy resolves it in the same incident, in the same episode', async () => {
    const world = openEvaluator();
    await world.stand({ home: ['unhealthy', 10] });
    await world.take(transition('home', 'unhealthy', 10));
    const { incidentId } = world.alertOf(serviceDown, homeKey) ?? {};
    world.at(900);
    await world.take(transition('home', 'healthy', 890));
    expect(world.alertOf(serviceDown, homeKey)).toMatchObject({ state: 'resolved', incidentId });
    expect(world.members()).toMatchObject([{ state: 'resolved', resolvedAt: at(900) }]);
    expect(world.episodes()).toMatchObject([{ state: 'resolved', incidentId }]);
    expect(world.changes()).toEqual(['Service Down inactive→firing', 'Service Down firing→resolved']);
    expect(world.woken.map((wake) => wake.incidentId)).toEqual([incidentId, incidentId]);
  });

  it('of 200 checks of one deployment joins them in one incident, which is woken once a batch', async () => {
    const world = openEvaluator();
    const names = Array.from({ length: 100 }, (_, no) => `check-${no}`);
    await world.stand(Object.fromEntries(names.map((name) => [name, ['unhealthy', 10] as const])));
    await world.take(...names.map((name) => transition(name, 'unhealthy', 10)));
    expect(world.members()).toHaveLength(100);
    expect(new Set(world.members().map(({ state }) => state))).toEqual(new Set(['firing']));
    expect(world.woken).toHaveLength(1);
  });

  it.each([
    ['twice', [10, 10, 20, 20]],
    ['with the recovery first', [20, 10]],
    ['with old ones again at the end', [10, 20, 10, 20, 10]],
  ])('told %s ends as told once, in order (faults 1 and 2)', async (_, seconds) => {
    const world = openEvaluator();
    await world.stand({ home: ['healthy', 20] });
    for (const second of seconds) {
      await world.take(transition('home', second === 10 ? 'unhealthy' : 'healthy', second));
    }
    expect(world.alertOf(serviceDown, homeKey)?.state).toBe('resolved');
    const changes = world.changes();
    expect(changes.filter((change) => change.endsWith('firing')).length).toBeLessThanOrEqual(1);
    expect(changes.length % 2).toBe(0);
  });

  it('both in one batch in the wrong order are judged in the order in which they happened', async () => {
    const world = openEvaluator();
    await world.stand({ home: ['healthy', 20] });
    await world.take(transition('home', 'healthy', 20), transition('home', 'unhealthy', 10));
    expect(world.changes()).toEqual(['Service Down inactive→firing', 'Service Down firing→resolved']);
    expect(world.members()).toMatchObject([{ state: 'resolved' }]);
  });

  it('knows the parent, whose group its alert joins while the parent is down', async () => {
    const world = openEvaluator();
    await world.stand({ gateway: ['unhealthy', 5] }, { definition: { deploymentId: 'net' } });
    await world.take(transition('gateway', 'unhealthy', 5, 'net'));
    const parent = { deploymentId: 'net', name: 'gateway' };
    await world.stand({ home: ['unhealthy', 10] }, { definition: { parent } });
    await world.take(transition('home', 'unhealthy', 10));
    const child = world.alertOf(serviceDown, homeKey);
    expect(child?.subject.parentCheckId).toBe(checkIdOf('net', 'gateway'));
    expect(child?.groupKey).toBe('deployment:net');
    expect(
      world
        .members()
        .map(({ subject }) => subject.name)
        .sort(),
    ).toEqual(['gateway', 'home']);
  });

  it('also counts for the rules of its own deployment, and not for those of others', async () => {
    const world = openEvaluator();
    const mine = await world.saveRule({ name: 'mine', type: 'downtime', condition: {} });
    const theirs = await world.saveRule({
      name: 'theirs',
      deploymentId: 'bank',
      type: 'downtime',
      condition: {},
    });
    const off = await world.saveRule({ name: 'off', type: 'downtime', condition: {}, isActive: false });
    await world.stand({ home: ['unhealthy', 10] });
    await world.take(transition('home', 'unhealthy', 10));
    expect(world.alertOf(mine, homeKey)?.state).toBe('firing');
    expect([world.alertOf(theirs, homeKey), world.alertOf(off, homeKey)]).toEqual([undefined, undefined]);
  });
});

describe('time', () => {
  const waiting = async () => {
    const world = openEvaluator();
    const rule = await world.saveRule({ name: 'long', type: 'downtime', condition: { longerThan: '5m' } });
    await world.stand({ home: ['unhealthy', 10] });
    world.at(11);
    await world.take(transition('home', 'unhealthy', 10));
    return { world, rule };
  };

  it('makes a pending alert fire at its instant, by the wake that its item asks for', async () => {
    const { world, rule } = await waiting();
    expect(world.alertOf(rule, homeKey)?.state).toBe('pending');
    world.at(309);
    expect(await world.due()).toEqual([]);
    world.at(310);
    expect(await world.take(...(await world.due()))).toEqual([]);
    expect(world.alertOf(rule, homeKey)).toMatchObject({ state: 'firing', firedAt: at(310) });
    expect(world.changes().filter((change) => change.startsWith('long'))).toEqual([
      'long inactive→pending',
      'long pending→firing',
    ]);
    expect(await world.due()).toEqual([]);
  });

  it('does nothing more when the wake comes again, early or after the recovery', async () => {
    const { world, rule } = await waiting();
    world.at(310);
    const wakes = await world.due();
    world.at(200);
    await world.take(...wakes);
    expect(world.alertOf(rule, homeKey)?.state).toBe('pending');
    await world.take(transition('home', 'healthy', 190));
    world.at(310);
    await world.take(...wakes, ...wakes);
    expect(world.changes().filter((change) => change.startsWith('long'))).toEqual(['long inactive→pending']);
    expect(world.members().filter(({ ruleId }) => ruleId === rule.id)).toEqual([]);
  });

  it('ends an alert whose rule is gone when it is woken', async () => {
    const { world, rule } = await waiting();
    await world.state.put({ ...ruleKey(rule.id), v: 1, ...rule, deletedAt: at(20) } as never);
    world.at(310);
    await world.take(...(await world.due()));
    expect(world.alertOf(rule, homeKey)).toBeUndefined();
    expect(await world.due()).toEqual([]);
  });
});

describe('a check that is written', () => {
  const firing = async () => {
    const world = openEvaluator();
    await world.stand({ home: ['unhealthy', 10] });
    await world.take(transition('home', 'unhealthy', 10));
    return world;
  };

  it.each([
    ['paused', { pausedAt: at(60) }, 'the check is paused'],
    ['removed', { deletedAt: at(60) }, 'the check was removed'],
  ])('and %s ends its alerts with that reason', async (_, given, reason) => {
    const world = await firing();
    await world.stand({ home: ['unhealthy', 10] }, given);
    world.at(61);
    await world.take(checkChanged('home'));
    expect(world.alertOf(serviceDown, homeKey)).toMatchObject({ state: 'resolved', reason });
    expect(world.members()).toMatchObject([{ state: 'resolved', reason }]);
  });

  it('and resumed fires again as it stands, though no transition tells of it', async () => {
    const world = await firing();
    await world.stand({ home: ['unhealthy', 10] }, { pausedAt: at(60) });
    await world.take(checkChanged('home'));
    await world.stand({ home: ['unhealthy', 10] });
    world.at(120);
    await world.take(checkChanged('home'));
    expect(world.alertOf(serviceDown, homeKey)).toMatchObject({ state: 'firing', firedAt: at(120) });
  });

  it('so that a rule does not select it any more ends that alert', async () => {
    const world = openEvaluator();
    const written = { name: 'web', type: 'downtime', condition: { tags: { tier: 'web' } } };
    const rule = await world.saveRule(written);
    await world.stand({ home: ['unhealthy', 10] }, { definition: { tags: { tier: 'web' } } });
    await world.take(transition('home', 'unhealthy', 10));
    await world.stand({ home: ['unhealthy', 10] }, { definition: { tags: { tier: 'batch' } } });
    await world.take(checkChanged('home'));
    expect(world.alertOf(rule, homeKey)).toMatchObject({
      state: 'resolved',
      reason: 'the rule does not apply to it any more',
    });
    expect(world.alertOf(serviceDown, homeKey)?.state).toBe('firing');
  });
});

describe('a rule that is written', () => {
  it('is judged by how the checks stand, for no transition may come for long', async () => {
    const world = openEvaluator();
    await world.stand({ home: ['unhealthy', -600], shop: ['healthy', -600] });
    const rule = await world.saveRule({ name: 'new', type: 'downtime', condition: { longerThan: '5m' } });
    await world.take(ruleChangedEvent(rule));
    expect(world.alertOf(rule, homeKey)).toMatchObject({ state: 'firing', since: at(-600) });
    expect(world.members().filter(({ ruleId }) => ruleId === rule.id)).toHaveLength(1);
  });

  it.each([
    ['removed', { deletedAt: at(30) }, {}, 'the rule was removed'],
    ['switched off', {}, { isActive: false }, 'the rule was switched off'],
    [
      'made to look at something else',
      {},
      { type: 'finding', condition: {} },
      'the rule looks at something else now',
    ],
    [
      'made to select others',
      {},
      { condition: { checks: ['other'] } },
      'the rule does not apply to it any more',
    ],
  ])('and %s ends its alerts with that reason', async (_, given, written, reason) => {
    const world = openEvaluator();
    const before = { name: 'mine', type: 'downtime', condition: {} };
    const rule = await world.saveRule(before);
    await world.stand({ home: ['unhealthy', 10] });
    await world.take(transition('home', 'unhealthy', 10));
    await world.saveRule({ ...before, ...written }, { revision: 2, ...given });
    await world.take(ruleChangedEvent(rule));
    expect(world.alertOf(rule, homeKey)).toMatchObject({ state: 'resolved', reason });
    expect(world.members().find(({ ruleId }) => ruleId === rule.id)).toMatchObject({
      state: 'resolved',
      reason,
    });
  });
});

describe('findings', () => {
  const drift = (state: 'open' | 'resolved', second: number) =>
    eventOf('finding.changed', {
      id: `drift-1@${second}`,
      at: new Date(at(second)).toISOString(),
      findingId: 'drift-1',
      kind: 'drift',
      state,
      severity: 'critical',
      deploymentId: 'shop',
      resource: 'bucket',
      title: 'Public bucket',
      reason: 'anybody may read it',
      tags: {},
    });

  it('fire by the built-in rules, and end when the detector says so', async () => {
    const world = openEvaluator();
    await world.take(drift('open', 1), drift('open', 1));
    expect(world.members()).toMatchObject([
      { state: 'firing', ruleName: 'Critical Drift', subject: { name: 'bucket' } },
    ]);
    await world.take(drift('resolved', 60));
    expect(world.members()).toMatchObject([{ state: 'resolved' }]);
    await world.take(drift('open', 1));
    expect(world.changes()).toEqual(['Critical Drift inactive→firing', 'Critical Drift firing→resolved']);
  });

  it('of the kind blind come from our own blindness, however many shards tell of it (fault 14)', async () => {
    const world = openEvaluator();
    const blind = (state: 'started' | 'ended', second: number) =>
      eventOf('monitor.blind', {
        id: `blind:home.public@${state}`,
        at: new Date(at(second)).toISOString(),
        location: 'home',
        network: 'public',
        state,
        since: new Date(at(1)).toISOString(),
        reason: 'no canary answers',
      });
    await world.take(blind('started', 1), blind('started', 1));
    await world.take(blind('started', 1));
    expect(world.members()).toMatchObject([
      { ruleName: 'Monitor Blind', state: 'firing', severity: 'critical' },
    ]);
    await world.take(blind('ended', 300));
    expect(world.changes()).toEqual(['Monitor Blind inactive→firing', 'Monitor Blind firing→resolved']);
  });
});

describe('a composite', () => {
  const open = async () => {
    const world = openEvaluator();
    const condition = (check: string) => ({ type: 'downtime', condition: { checks: [check] } });
    await world.saveRule({ name: 'web', ...condition('home') });
    await world.saveRule({ name: 'queue', ...condition('queue') });
    const both = await world.saveRule({
      name: 'both',
      type: 'composite',
      condition: { all: ['web', 'queue'] },
    });
    await world.stand({ home: ['healthy', 0], queue: ['healthy', 0] });
    /** What the bus brings back of what was published since. */
    let taken = 0;
    const echo = async () => {
      const events = world.published.slice(taken);
      taken = world.published.length;
      for (const { type, detail } of events) {
        await world.take({ source: 'homeostat', 'detail-type': type, detail });
      }
    };
    return { world, both, echo };
  };

  it('fires when all it names fire, and ends when one of them does', async () => {
    const { world, both, echo } = await open();
    world.at(1);
    await world.take(transition('home', 'unhealthy', 1));
    await echo();
    expect(world.alertOf(both, 'rule')?.state ?? 'inactive').toBe('inactive');
    world.at(2);
    await world.take(transition('queue', 'unhealthy', 2));
    await echo();
    expect(world.alertOf(both, 'rule')).toMatchObject({ state: 'firing', reason: 'firing: web, queue' });
    world.at(3);
    await world.take(transition('home', 'healthy', 3));
    await echo();
    expect(world.alertOf(both, 'rule')?.state).toBe('resolved');
  });

  it('that is new is judged by what fires already', async () => {
    const { world, both } = await open();
    await world.take(transition('home', 'unhealthy', 1), transition('queue', 'unhealthy', 1));
    world.at(5);
    await world.take(ruleChangedEvent(both));
    expect(world.alertOf(both, 'rule')?.state).toBe('firing');
  });
});

describe('a batch', () => {
  it('refreshes each deployment once, keeps what was written, and returns only what failed', async () => {
    const refused = 'bank';
    const world = openEvaluator({
      tools: {
        refreshStatus: async (deploymentId) => {
          if (deploymentId === refused) throw new Error('throttled');
        },
      },
    });
    const audit = eventOf('audit.recorded', { id: 'audit:check:1@1', action: 'created' });
    const again = await world.take(
      transition('home', 'healthy', 1),
      transition('home', 'healthy', 1, refused),
      audit,
      checkChanged('home', refused),
    );
    expect(again.sort()).toEqual([1, 3]);
    expect(world.audited).toEqual(['audit:check:1@1']);
  });

  it('begins nothing after its time, and asks for it again', async () => {
    const world = openEvaluator({ tools: { endsAt: 0 } });
    expect(await world.take(transition('home', 'unhealthy', 1))).toEqual([0]);
    expect(world.alerts()).toEqual([]);
  });

  it('leaves events alone of which nothing is made here', async () => {
    const world = openEvaluator();
    expect(await world.take(eventOf('deployment.registered', { deploymentId: 'shop' }))).toEqual([]);
  });
});
