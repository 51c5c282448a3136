import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { noteBlind, noteSight } from '../../../shared/health/blind-note.ts';
import type { Matcher, Mute } from '../../../shared/incidents/index.ts';
import { writeMute } from '../../../shared/incidents/mutes-store.ts';
import { loadBrakeWorld } from '../../../shared/remediation/brake-world.ts';
import { decideBrakes } from '../../../shared/remediation/brakes.ts';
import type { Plan } from '../../../shared/remediation/plan.ts';
import { type GateFixture, healPlan, openGate, shard } from './gate-world.ts';
import { byHand, hour, minute, noon, planOf, restart, unhealthyRemedy } from './plans.ts';

const holdsOf = async ({ world, at }: GateFixture, plan: Plan) =>
  decideBrakes(await loadBrakeWorld(world, plan, { now: at() }));
const brakesOf = async (open: GateFixture, plan: Plan) =>
  (await holdsOf(open, plan)).map(({ brake }) => brake);

const openUnwell = async () => {
  const open = await openGate();
  await open.stands('web', 'unhealthy');
  return open;
};

const mute = (state: GateFixture['state'], given: Partial<Mute> = {}) => {
  const whole: Mute = {
    id: 'm'.repeat(24),
    kind: 'maintenance',
    name: 'new rack',
    matchers: [{ label: 'deployment', operator: '=', value: 'shop' }],
    author: 'admin',
    reason: 'planned',
    startsAt: noon - minute,
    managedBy: 'api',
    revision: 1,
    createdAt: noon,
    updatedAt: noon,
    ...given,
  };
  return writeMute(state, whole, { expected: undefined, attempt: 'a', now: noon });
};

test('of an unhealthy service nothing holds the plan', async () => {
  expect(await holdsOf(await openUnwell(), healPlan())).toEqual([]);
});

describe('maintenance', () => {
  test('that is planned for the deployment holds until its end', async () => {
    const open = await openUnwell();
    await mute(open.state, { endsAt: noon + 20 * minute });
    expect(await holdsOf(open, healPlan())).toEqual([
      {
        brake: 'maintenance',
        reason: 'Maintenance «new rack»: what happens now is expected.',
        untilAt: noon + 20 * minute,
      },
    ]);
  });

  const by = (label: string, value: string, operator: Matcher['operator'] = '='): Matcher => ({
    label,
    operator,
    value,
  });
  test.each<{ rule: string; given: Partial<Mute>; isHeld: boolean }>([
    { rule: 'without an end', given: {}, isHeld: true },
    { rule: 'of its check', given: { matchers: [by('check', 'web')] }, isHeld: true },
    { rule: 'of another check', given: { matchers: [by('check', 'api')] }, isHeld: false },
    { rule: 'of another deployment', given: { matchers: [by('deployment', 'blog')] }, isHeld: false },
    {
      rule: 'that asks for an alert’s rule or severity',
      given: { matchers: [by('deployment', 'shop'), by('rule', 'Service Down'), by('severity', 'critical')] },
      isHeld: true,
    },
    { rule: 'whose pattern nobody can read', given: { matchers: [by('check', '(', '=~')] }, isHeld: true },
    { rule: 'that is over', given: { endsAt: noon }, isHeld: false },
    { rule: 'that is still to come', given: { startsAt: noon + minute }, isHeld: false },
    {
      rule: 'that is no maintenance but a silence',
      given: { kind: 'silence', endsAt: noon + hour },
      isHeld: false,
    },
    {
      rule: 'whose window is open',
      given: { windows: [{ at: new Date(noon - minute).toISOString(), durationSeconds: 600 }] },
      isHeld: true,
    },
  ])('$rule: $isHeld', async ({ given, isHeld }) => {
    const open = await openUnwell();
    await mute(open.state, given);
    expect(await brakesOf(open, healPlan())).toEqual(isHeld ? ['maintenance'] : []);
  });

  test('of the check itself holds, and of what is about no check, that of its deployment', async () => {
    const open = await openGate();
    const maintenance = [{ at: new Date(noon - minute).toISOString(), durationSeconds: 600 }];
    await open.addCheck('shown', { definition: { maintenance } });
    await open.stands('shown', 'unhealthy');
    expect(await holdsOf(open, healPlan('shown'))).toMatchObject([
      {
        brake: 'maintenance',
        reason: 'Maintenance of shown: what happens now is expected.',
        untilAt: noon + 9 * minute,
      },
    ]);
    const cost = planOf({
      workflow: 'cost',
      policy: null,
      occasion: { ...planOf().occasion, kind: 'idle', checkIds: [] },
    });
    const other = await openGate();
    expect(await brakesOf(other, cost)).toEqual([]);
    await mute(other.state);
    expect(await brakesOf(other, cost)).toEqual(['maintenance']);
  });
});

describe('what the monitor sees', () => {
  test('blind: since when, in the network that the check is looked at from; and no more when it sees again', async () => {
    const open = await openUnwell();
    await noteBlind(open.telemetry, shard, noon - minute);
    expect(await brakesOf(open, healPlan())).toEqual(['monitor_blind']);
    expect(
      await brakesOf(
        open,
        planOf({
          policy: null,
          occasion: { ...planOf().occasion, kind: 'idle', checkIds: [] },
          verification: { checkIds: [], afterSeconds: 0, deadlineSeconds: 60 },
        }),
      ),
    ).toEqual([]);
    await noteSight(open.telemetry, shard, noon - minute);
    expect(await brakesOf(open, healPlan())).toEqual([]);
  });

  test('blind, a scaling rule is held too: the series that it goes by are those of these checks', async () => {
    const open = await openUnwell();
    const scaling = planOf({
      policy: null,
      workflow: 'scale',
      occasion: { ...planOf().occasion, kind: 'scaling', checkIds: [] },
      verification: { checkIds: [], afterSeconds: 0, deadlineSeconds: 60 },
    });
    expect(await brakesOf(open, scaling)).toEqual([]);
    await noteBlind(open.telemetry, shard, noon - minute);
    expect(await brakesOf(open, scaling)).toEqual(['monitor_blind']);
  });

  test('what was said of blindness too long ago says nothing of now', async () => {
    const open = await openUnwell();
    await noteBlind(open.telemetry, shard, noon - hour);
    expect(await brakesOf(open, healPlan())).toEqual([]);
  });

  test.each([
    {
      rule: 'a parent of another deployment that is down',
      parent: 'unhealthy' as const,
      held: ['parent_down'],
    },
    { rule: 'one that just begins to fail', parent: { failures: 1 }, held: ['parent_down'] },
    { rule: 'one that is well', parent: 'healthy' as const, held: [] },
    { rule: 'one of which nothing is known', parent: 'unknown' as const, held: [] },
  ])('$rule: $held', async ({ parent, held }) => {
    const open = await openGate();
    await open.addDeployment('net', []);
    await open.addCheck('router', { definition: { deploymentId: 'net' } });
    await open.stands('router', parent, 'net');
    await open.addCheck('page', { definition: { parent: { deploymentId: 'net', name: 'router' } } });
    await open.stands('page', 'unhealthy');
    const plan = healPlan('page');
    expect(await brakesOf(open, plan)).toEqual(held);
  });

  test('a check that is paused, or was removed, heals nothing', async () => {
    const open = await openGate();
    await open.addCheck('paused', { pausedAt: noon });
    expect(await brakesOf(open, healPlan('paused'))).toEqual(['unknown_status']);
    expect(await brakesOf(open, healPlan('never there'))).toEqual(['unknown_status']);
  });

  test('paused checks count neither among all nor among those that fail', async () => {
    const open = await openGate(['web', 'a', 'b']);
    for (const name of ['c', 'd', 'e', 'f']) await open.addCheck(name, { pausedAt: noon });
    for (const name of ['web', 'a', 'b']) await open.stands(name, 'unhealthy');
    expect(await brakesOf(open, healPlan())).toEqual(['mass_failure']);
  });
});

describe('the policy', () => {
  test('that lets nothing run now says until when', async () => {
    const open = await openUnwell();
    const allDay = {
      kind: 'deny',
      weekdays: [0, 1, 2, 3, 4, 5, 6],
      fromMinute: 7 * 60,
      toMinute: 9 * 60,
      timeZone: 'UTC',
    } as const;
    await open.setPolicy({ windows: [allDay] });
    // Noon of the tests is 08:00 UTC.
    expect(await holdsOf(open, healPlan())).toMatchObject([
      { brake: 'outside_window', untilAt: noon + hour },
    ]);
    expect(await brakesOf(open, byHand({ actions: [restart()] }))).toEqual([]);
  });

  test('that excepts the resource says so once', async () => {
    const open = await openUnwell();
    await open.setPolicy({ exceptions: [{ resource: 'web', reason: 'we look', untilAt: noon + hour }] });
    expect(await brakesOf(open, healPlan())).toEqual(['policy_exception']);
  });

  test('that was removed is not there', async () => {
    const open = await openUnwell();
    open.state.items.delete('POLICIES\np1');
    expect(await brakesOf(open, healPlan())).toEqual(['policy_disabled']);
  });

  test('is asked again about a finding as it is kept', async () => {
    const open = await openGate();
    const drift = { ...unhealthyRemedy, action: 'fix' as const, severity: 'error' as const };
    await open.setPolicy({ driftRemediation: { enabled: true, autoFix: [drift] } });
    await open.setFinding({ id: 'drift-1', resource: 'web' });
    const plan = planOf({
      workflow: 'drift',
      occasion: { ...planOf().occasion, kind: 'drift', id: 'drift-1', checkIds: [] },
      policy: { id: 'p1', name: 'healing', revision: 1, section: 'drift_remediation' },
    });
    expect(await brakesOf(open, plan)).toEqual([]);
    const none = { ...drift, maxResources: 0 };
    await open.setPolicy({ driftRemediation: { enabled: true, autoFix: [none] } }, 2);
    expect(await brakesOf(open, plan)).toEqual(['policy_disabled']);
    await open.setPolicy(
      { driftRemediation: { enabled: true, autoFix: [{ ...drift, maxResources: 1 }] } },
      3,
    );
    expect(await brakesOf(open, plan)).toEqual([]);
    await open.setFinding({ id: 'drift-2', resource: 'api' });
    expect(await brakesOf(open, plan)).toEqual(['blast_radius']);
  });

  test('is asked again about a release: one that was switched off since rolls nothing back', async () => {
    const open = await openUnwell();
    const failedRelease = { ...unhealthyRemedy, action: 'rollback' as const };
    const plan = healPlan('web', {
      workflow: 'rollback',
      occasion: { ...healPlan().occasion, kind: 'release' },
      policy: { id: 'p1', name: 'healing', revision: 1, section: 'health_remediation.failed_release' },
    });
    await open.setPolicy({ healthRemediation: { enabled: true, failedRelease } });
    expect(await brakesOf(open, plan)).toEqual([]);
    await open.setPolicy({ healthRemediation: { enabled: false, failedRelease } }, 2);
    expect(await brakesOf(open, plan)).toEqual(['policy_disabled']);
  });

  test('percent limits count all resources that it matches in the environment', async () => {
    const open = await openUnwell();
    await open.setPolicy({ limits: { maxPercent: 25 } });
    expect(await brakesOf(open, healPlan())).toEqual([]);
    await open.setPolicy({ limits: { maxPercent: 24 } });
    expect(await brakesOf(open, healPlan())).toEqual(['blast_radius']);
  });
});

test('whichever read fails, the plan is held, and nothing throws', async () => {
  const open = await openUnwell();
  await open.setPolicy({ limits: { maxCount: 3 } });
  const plan = healPlan('web', { limits: { maxCount: 3 } });
  let reads = 0;
  open.mortal.interruptWith(() => void reads++);
  expect(await brakesOf(open, plan)).toEqual([]);
  expect(reads).toBeGreaterThan(20);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: reads - 1 }), async (failing) => {
      let read = 0;
      open.mortal.interruptWith(() => {
        if (read++ === failing) throw new Error('throttled');
      });
      expect((await holdsOf(open, plan)).length).toBeGreaterThan(0);
    }),
    { numRuns: 100 },
  );
});
