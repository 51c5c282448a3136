import { describe, expect, test } from 'vitest';
import { ActionRefused } from '../../../shared/remediation/actions/action.ts';
import { approve, reject } from '../../../shared/remediation/approve.ts';
import { readHeal } from '../../../shared/remediation/lease.ts';
import { readChanged } from '../../../shared/remediation/limits.ts';
import { readLog } from '../../../shared/remediation/log.ts';
import type { PlannedAction } from '../../../shared/remediation/plan.ts';
import { healKey } from '../../../shared/remediation/resource-key.ts';
import { setStop } from '../../../shared/remediation/stop-switch.ts';
import { healPlan, openGate } from './gate-world.ts';
import { hour, minute, noon, planOf, restart, second, unhealthyRemedy } from './plans.ts';

const patch = (name = 'queue', given: Partial<PlannedAction> = {}): PlannedAction => ({
  kind: 'cloudcontrol-patch',
  resource: { name, type: 'cloudcontrol-resource', id: name },
  params: {},
  summary: `Puts ${name} right.`,
  before: { retention: 1 },
  expected: { retention: 14 },
  risk: 'low',
  permissions: [],
  ...given,
});
const driftPlan = (given: Parameters<typeof planOf>[0] = {}) =>
  planOf({
    workflow: 'drift',
    policy: null,
    occasion: { ...planOf().occasion, kind: 'drift', id: 'drift-1', occurrence: '2', checkIds: [] },
    actions: [patch()],
    verification: { checkIds: [], afterSeconds: 0, deadlineSeconds: 600 },
    ...given,
  });

/** `web` is unhealthy, its plan is kept, and runs by itself. */
const openUnwell = async (given: Parameters<typeof healPlan>[1] = {}) => {
  const open = await openGate();
  await open.stands('web', 'unhealthy');
  const plan = healPlan('web', given);
  await open.propose(plan);
  return { ...open, plan };
};

describe('an unhealthy service', () => {
  test('goes on to be healed: its lease is had, the attempt counted, and it runs', async () => {
    const { gate, run, state, plan } = await openUnwell();
    expect(await gate(plan)).toMatchObject({ next: 'apply' });
    expect(await run(plan)).toMatchObject({ status: 'running', attempt: 1, holds: [] });
    const heal = await readHeal(state, restart().resource);
    expect(heal.lease).toMatchObject({ planHash: plan.hash, attempt: 1 });
    expect(heal.attempts).toEqual([{ planHash: plan.hash, attempt: 1, at: noon }]);
  });

  test('is left alone when it answers again before anything was done', async () => {
    const { gate, run, stands, state, plan } = await openUnwell();
    await stands('web', 'healthy');
    expect(await gate(plan)).toMatchObject({ next: 'close' });
    expect(await run(plan)).toMatchObject({ status: 'not_needed', endedAt: noon });
    expect((await readHeal(state, restart().resource)).revision).toBe(0);
  });

  test('is not healed while it is unknown: nobody would know whether it helped', async () => {
    const { gate, run, stands, plan } = await openUnwell();
    await stands('web', 'unknown');
    expect(await gate(plan)).toMatchObject({ next: 'close' });
    expect(await run(plan)).toMatchObject({ status: 'held', holds: [{ brake: 'unknown_status' }] });
  });

  test('is healed though it was found in another state: its checks alone say whether it is well', async () => {
    const { gate, images, plan } = await openUnwell();
    images.set('web', { isRunning: true });
    expect(await gate(plan)).toMatchObject({ next: 'apply' });
  });

  test('is not healed when half of its deployment fails with it, and nothing is reserved (fault 15)', async () => {
    const { gate, run, stands, state, plan } = await openUnwell();
    await stands('api', { failures: 1 });
    await stands('mail', 'unhealthy');
    expect(await gate(plan)).toMatchObject({ next: 'close' });
    expect(await run(plan)).toMatchObject({ status: 'held', holds: [{ brake: 'mass_failure' }] });
    expect((await readHeal(state, restart().resource)).revision).toBe(0);
  });

  test('is held by the stop switch, and healed where it is off again in time', async () => {
    const { gate, run, state, plan } = await openUnwell();
    await setStop(state, { isOn: true, by: 'admin', reason: 'we look', at: noon });
    expect(await gate(plan)).toMatchObject({
      next: 'close',
      reason: 'All healing is stopped by admin: we look',
    });
    expect(await run(plan)).toMatchObject({ status: 'held' });
    const other = await openUnwell();
    await setStop(other.state, { isOn: true, by: 'admin', reason: '', at: noon - minute });
    await setStop(other.state, { isOn: false, by: 'admin', reason: '', at: noon });
    expect(await other.gate(other.plan)).toMatchObject({ next: 'apply' });
  });

  test('is held when nobody can read who has the stop switch in hand', async () => {
    const { gate, run, world, plan } = await openUnwell();
    const { get } = world.state;
    world.state.get = (key, options) =>
      key.sk === 'STOP' ? Promise.reject(new Error('throttled')) : get(key, options);
    expect(await gate(plan)).toMatchObject({ next: 'wait', waitSeconds: 60 });
    world.state.get = get;
    expect(await run(plan)).toMatchObject({ holds: [{ brake: 'stop_switch' }], heldSince: noon });
    expect(await gate(plan)).toMatchObject({ next: 'apply' });
    expect((await run(plan)).heldSince).toBeUndefined();
  });

  test('whose policy was switched off since, or says something else, is not healed', async () => {
    for (const change of [
      { isActive: false },
      { healthRemediation: { enabled: false } },
      {
        healthRemediation: {
          enabled: true,
          unhealthyService: { ...unhealthyRemedy, action: 'notify' as const },
        },
      },
      { selector: { deployments: ['other'], environments: [], tags: {} } },
    ]) {
      const { gate, run, setPolicy, plan } = await openUnwell();
      await setPolicy(change, 2);
      expect(await gate(plan)).toMatchObject({ next: 'close' });
      expect(await run(plan)).toMatchObject({ status: 'held', holds: [{ brake: 'policy_disabled' }] });
    }
  });

  test('whose policy was written anew and would do the same is healed', async () => {
    const { gate, setPolicy, plan } = await openUnwell();
    await setPolicy({ limits: { maxCount: 5 } }, 2);
    expect(await gate(plan)).toMatchObject({ next: 'apply' });
  });
});

describe('what ends by itself is waited for, an hour in all', () => {
  const leased = async (untilAt: number) => {
    const open = await openUnwell();
    const { pk, sk } = healKey(restart().resource);
    const lease = { planHash: 'a'.repeat(64), attempt: 1, untilAt };
    const heal = { resource: { type: 'process', id: 'web' }, attempts: [], verdicts: [], lease };
    await open.state.put({ pk, sk, v: 1, heal, revision: 1, expiresAt: noon / 1000 + 86_400 });
    return open;
  };

  test('a lease of another plan: the gate is asked again when it ends, and then it goes on', async () => {
    const { gate, run, jump, lookAgain, plan } = await leased(noon + 400.5 * second);
    expect(await gate(plan)).toMatchObject({ next: 'wait', waitSeconds: 401 });
    expect(await run(plan)).toMatchObject({
      status: 'running',
      holds: [{ brake: 'lease_held' }],
      heldSince: noon,
    });
    jump(noon + 401 * second);
    await lookAgain();
    expect(await gate(plan)).toMatchObject({ next: 'apply' });
  });

  test('what lasts longer than an hour is held for good, and so is what was waited for an hour', async () => {
    const long = await leased(noon + hour + second);
    expect(await long.gate(long.plan)).toMatchObject({ next: 'close' });
    expect(await long.run(long.plan)).toMatchObject({ status: 'held', holds: [{ brake: 'lease_held' }] });
    const { gate, run, change, plan } = await leased(noon + minute);
    await change(plan, { heldSince: noon - hour + 30 * second });
    expect(await gate(plan)).toMatchObject({ next: 'close' });
    expect(await run(plan)).toMatchObject({ status: 'held' });
  });

  test('of several holds the longest counts; one without an end holds for good', async () => {
    const { gate, run, state, plan } = await leased(noon + minute);
    await setStop(state, { isOn: true, by: 'admin', reason: '', at: noon });
    expect(await gate(plan)).toMatchObject({ next: 'close' });
    expect((await run(plan)).holds.map(({ brake }) => brake)).toEqual(['stop_switch', 'lease_held']);
  });

  test('waiting is told once in the record, however often it is asked', async () => {
    const { gate, state, plan } = await leased(noon + minute);
    await gate(plan);
    await gate(plan);
    const { entries } = await readLog(state, plan.hash, { limit: 100 });
    expect(entries.map(({ kind }) => kind)).toEqual(['planned', 'held']);
  });
});

describe('the world as the plan found it (fault 19)', () => {
  const open = async (given: Parameters<typeof planOf>[0] = {}) => {
    const opened = await openGate();
    await opened.setFinding({ id: 'drift-1', occurrence: 2, resource: 'queue' });
    const plan = driftPlan(given);
    await opened.propose(plan);
    return { ...opened, plan };
  };
  test.each([
    { rule: 'as found', image: { retention: 1 }, next: 'apply', status: 'running' },
    { rule: 'as wanted already', image: { retention: 14 }, next: 'close', status: 'not_needed' },
    { rule: 'otherwise', image: { retention: 3 }, next: 'close', status: 'superseded' },
    { rule: 'gone', image: new ActionRefused('there is no queue'), next: 'close', status: 'superseded' },
    { rule: 'unreadable', image: new Error('timeout'), next: 'wait', status: 'running' },
  ])('$rule: $status', async ({ image, next, status }) => {
    const { gate, run, images, plan } = await open();
    images.set('queue', image);
    expect(await gate(plan)).toMatchObject({ next });
    expect(await run(plan)).toMatchObject({ status });
  });

  test.each([
    { rule: 'resolved', finding: { state: 'resolved' as const, occurrence: 2 }, status: 'not_needed' },
    { rule: 'opened anew since', finding: { occurrence: 3 }, status: 'superseded' },
  ])('a finding that was $rule ends its plan as $status', async ({ finding, status }) => {
    const { gate, run, setFinding, plan } = await open();
    await setFinding({ id: 'drift-1', resource: 'queue', ...finding });
    expect(await gate(plan)).toMatchObject({ next: 'close' });
    expect(await run(plan)).toMatchObject({ status });
  });

  test('a second attempt may find what the first one left; anything else is for people', async () => {
    for (const [image, next, status] of [
      [{ retention: 14 }, 'apply', 'running'],
      [{ retention: 1 }, 'apply', 'running'],
      [{ retention: 3 }, 'close', 'failed'],
    ] as const) {
      const { gate, run, change, images, plan } = await open();
      await change(plan, { attempt: 2, actions: [{ state: 'pending', attempt: 2, appliedAt: noon }] });
      images.set('queue', image);
      expect(await gate(plan, 2)).toMatchObject({ next });
      expect(await run(plan)).toMatchObject({ status });
    }
  });
});

test('what is used up is relieved though its checks still answer, until its finding is resolved', async () => {
  const open = await openGate();
  const relief = { ...unhealthyRemedy, action: 'scale_up' as const, thresholdPercent: 80 };
  await open.setPolicy({ healthRemediation: { enabled: true, resourceExhaustion: relief } });
  const plan = healPlan('web', {
    workflow: 'scale',
    occasion: { ...healPlan().occasion, kind: 'exhausted', id: 'full' },
    policy: { id: 'p1', name: 'healing', revision: 1, section: 'health_remediation.resource_exhaustion' },
  });
  const finding = { id: 'full', kind: 'exhausted' as const, resource: 'web', details: { usagePercent: 91 } };
  await open.setFinding(finding);
  await open.propose(plan);
  expect(await open.gate(plan)).toMatchObject({ next: 'apply' });
  await open.setFinding({ ...finding, state: 'resolved' });
  expect(await open.gate(plan)).toMatchObject({ next: 'close' });
  expect(await open.run(plan)).toMatchObject({ status: 'not_needed' });
});

describe('later attempts', () => {
  test('what became healthy after all, though late, has succeeded', async () => {
    const { gate, run, change, stands, plan } = await openUnwell();
    await change(plan, { attempt: 2, actions: [{ state: 'pending', attempt: 2, appliedAt: noon }] });
    await stands('web', 'healthy');
    expect(await gate(plan, 2)).toMatchObject({ next: 'close' });
    expect(await run(plan)).toMatchObject({ status: 'succeeded' });
  });

  test('what a brake keeps from being tried again has failed, for something was changed', async () => {
    const { gate, run, change, stands, plan } = await openUnwell();
    await change(plan, { attempt: 2, actions: [{ state: 'pending', attempt: 2, appliedAt: noon }] });
    await stands('web', 'unknown');
    expect(await gate(plan, 2)).toMatchObject({ next: 'close' });
    expect(await run(plan)).toMatchObject({ status: 'failed', holds: [{ brake: 'unknown_status' }] });
  });

  test.each([
    { rule: 'an attempt that is over', attempt: 1, changes: { attempt: 2 } },
    {
      rule: 'an attempt that was begun',
      attempt: 1,
      changes: { actions: [{ state: 'applied' as const, attempt: 1 }] },
    },
    {
      rule: 'an outcome that nobody knows',
      attempt: 2,
      changes: { attempt: 2, actions: [{ state: 'unknown' as const, attempt: 1 }] },
    },
    { rule: 'more attempts than there are', attempt: 4, changes: { attempt: 4 } },
  ])('$rule goes to the end and changes nothing', async ({ attempt, changes }) => {
    const { gate, run, change, plan } = await openUnwell();
    await change(plan, changes);
    const before = await run(plan);
    expect(await gate(plan, attempt)).toMatchObject({ next: 'close' });
    expect(await run(plan)).toEqual(before);
  });
});

describe('approval', () => {
  const manual = { ...unhealthyRemedy.approval, mode: 'manual' } as const;
  const policyBy = {
    healthRemediation: { enabled: true, unhealthyService: { ...unhealthyRemedy, approval: manual } },
  };
  const open = async () => {
    const opened = await openGate();
    await opened.setPolicy(policyBy);
    await opened.stands('web', 'unhealthy');
    const plan = healPlan('web', { approval: manual });
    await opened.propose(plan);
    return { ...opened, plan };
  };

  test('people are asked, and a minute longer than they have; nothing is reserved meanwhile', async () => {
    const { gate, run, state, jump, plan } = await open();
    jump(noon + 10 * minute);
    expect(await gate(plan)).toMatchObject({ next: 'ask', approvalSeconds: 50 * 60 + 60 });
    expect(await run(plan)).toMatchObject({ status: 'waiting', approveBy: noon + hour });
    expect((await readHeal(state, restart().resource)).revision).toBe(0);
  });

  test('approved, it goes on; rejected, it ends', async () => {
    const { gate, world, plan } = await open();
    await approve(world, plan.hash, { by: 'token:ann' });
    expect(await gate(plan)).toMatchObject({ next: 'apply' });
    const other = await open();
    await reject(other.world, other.plan.hash, { by: 'token:bob' });
    expect(await other.gate(other.plan)).toMatchObject({ next: 'close' });
  });

  test('nobody in time means no (fault 18)', async () => {
    const { gate, run, jump, lookAgain, plan } = await open();
    jump(noon + hour);
    await lookAgain();
    expect(await gate(plan)).toMatchObject({ next: 'close' });
    expect(await run(plan)).toMatchObject({ status: 'expired', endedAt: noon + hour });
  });

  test('of what was watched first, the time to approve begins with the question', async () => {
    const { gate, run, change, jump, lookAgain, plan } = await open();
    await change(plan, { status: 'running', approveBy: undefined });
    jump(noon + 2 * hour);
    await lookAgain();
    expect(await gate(plan)).toMatchObject({ next: 'ask', approvalSeconds: 3660 });
    expect(await run(plan)).toMatchObject({ status: 'waiting', approveBy: noon + 3 * hour });
  });

  test('nobody is asked about what is well again', async () => {
    const { gate, run, stands, plan } = await open();
    await stands('web', 'healthy');
    expect(await gate(plan)).toMatchObject({ next: 'close' });
    expect(await run(plan)).toMatchObject({ status: 'not_needed' });
  });
});

describe('limits', () => {
  const limited = async (maxCount: number, unwell: readonly string[]) => {
    const names = ['web', 'api', 'jobs', 'mail', 'docs', 'feed', 'chat'];
    const open = await openGate(names);
    await open.setPolicy({ limits: { maxCount } });
    for (const name of unwell) await open.stands(name, 'unhealthy');
    const plans = unwell.map((name) => healPlan(name, { limits: { maxCount } }));
    for (const plan of plans) await open.propose(plan);
    return { ...open, plans };
  };

  test('more are in need than allowed: nothing runs, not the first', async () => {
    const { gate, run, plans } = await limited(1, ['web', 'api']);
    for (const plan of plans) {
      expect(await gate(plan)).toMatchObject({ next: 'close' });
      expect(await run(plan)).toMatchObject({ status: 'held', holds: [{ brake: 'blast_radius' }] });
    }
  });

  test('as many as allowed run, and one that comes later within the hour does not', async () => {
    const { gate, stands, propose, state, plans } = await limited(2, ['web', 'api']);
    for (const plan of plans) expect(await gate(plan)).toMatchObject({ next: 'apply' });
    await stands('web', 'healthy');
    await stands('api', 'healthy');
    await stands('jobs', 'unhealthy');
    const late = healPlan('jobs', { limits: { maxCount: 2 } });
    await propose(late);
    expect(await gate(late)).toMatchObject({ next: 'close' });
    expect((await readChanged(state, late, noon)).map(({ key }) => key)).toEqual([
      'process/web',
      'process/api',
    ]);
  });

  test('what is in need in another environment, or by another remedy, does not count', async () => {
    const { gate, addDeployment, addCheck, stands, setFinding, plans } = await limited(1, ['web']);
    await addDeployment('lab', [{ name: 'web', type: 'process', id: 'lab-web' }], 'test');
    await addCheck('page', { definition: { deploymentId: 'lab' } });
    await stands('page', 'unhealthy', 'lab');
    await setFinding({ id: 'd1', kind: 'drift', resource: 'mail' });
    const [plan] = plans;
    if (!plan) throw new Error('there is a plan');
    expect(await gate(plan)).toMatchObject({ next: 'apply' });
  });

  test('what another deployment of the environment needs does count', async () => {
    const { gate, addDeployment, addCheck, stands, plans } = await limited(1, ['web']);
    await addDeployment('blog', [{ name: 'web', type: 'process', id: 'blog-web' }]);
    await addCheck('page', { definition: { deploymentId: 'blog' } });
    await stands('page', 'unhealthy', 'blog');
    const [plan] = plans;
    if (!plan) throw new Error('there is a plan');
    expect(await gate(plan)).toMatchObject({ next: 'close' });
  });

  test('what was reserved is given back when a resource is not free', async () => {
    const { gate, state, plans } = await limited(5, ['web']);
    const [plan] = plans;
    if (!plan) throw new Error('there is a plan');
    const { pk, sk } = healKey(restart().resource);
    const attempts = [1, 2, 3].map((n) => ({ planHash: `p${n}`, attempt: 1, at: noon - n * minute }));
    const heal = { resource: { type: 'process', id: 'web' }, attempts: attempts.slice(0, 2), verdicts: [] };
    await state.put({ pk, sk, v: 1, heal, revision: 1 });
    // Between the brakes and the lease another plan tries it, too.
    let isMet = false;
    const meeting: typeof state.put = async (item, condition) => {
      await put(item, condition);
      if (item.pk.startsWith('LIMIT#') && !isMet) {
        isMet = true;
        await put({ pk, sk, v: 1, heal: { ...heal, attempts }, revision: 2 });
      }
    };
    const { put } = state;
    state.put = meeting;
    expect(await gate(plan)).toMatchObject({ next: 'close' });
    expect(isMet).toBe(true);
    expect(await readChanged(state, driftPlan(), noon)).toEqual([]);
  });
});

describe('a finding that says something else by now', () => {
  const [replace] = [{ op: 'replace', path: '/retention', value: 14 }] as const;
  const found = (value: number) => ({
    id: 'drift-1',
    occurrence: 2,
    details: { typeName: 'AWS::SQS::Queue', identifier: 'queue', patch: [{ ...replace, value }] },
  });
  const openDrift = async () => {
    const open = await openGate();
    const plan = driftPlan({ actions: [patch('queue', { params: { patch: [replace] } })] });
    await open.propose(plan);
    return { ...open, plan };
  };

  test('is not put right by the patch of before: the plan is overtaken (fault 19)', async () => {
    const { gate, run, setFinding, plan } = await openDrift();
    await setFinding(found(30));
    expect(await gate(plan)).toMatchObject({ next: 'close' });
    expect(await run(plan)).toMatchObject({
      status: 'superseded',
      reason: 'It was found anew, and another patch would put it right by now.',
    });
  });

  test('is put right by it where it still says the same', async () => {
    const { gate, setFinding, plan } = await openDrift();
    await setFinding(found(14));
    expect(await gate(plan)).toMatchObject({ next: 'apply' });
  });
});

test('what a scaling rule wanted is never done later: it does not wait, for the next minute decides anew', async () => {
  const { gate, run, propose, world } = await openGate();
  const scaling = (given: Parameters<typeof planOf>[0]) =>
    planOf({
      workflow: 'scale',
      policy: null,
      actions: [patch('queue')],
      verification: { checkIds: [], afterSeconds: 30, deadlineSeconds: 900 },
      ...given,
    });
  const occasion = (occurrence: string) =>
    ({ ...planOf().occasion, kind: 'scaling', id: 'rule-1', occurrence, checkIds: [] }) as const;
  const [first, second_] = ['12:00', '12:01'].map((minuteOf) => scaling({ occasion: occasion(minuteOf) }));
  if (!first || !second_) throw new Error('there are two');
  await propose(first);
  await propose(second_);
  expect(await gate(first)).toMatchObject({ next: 'apply' });
  expect(await gate(second_)).toMatchObject({ next: 'close' });
  expect(await run(second_)).toMatchObject({
    status: 'superseded',
    reason: `It does not wait, for the next minute decides anew. queue is being changed by the plan ${first.hash.slice(0, 12)}.`,
  });
  // What ends only by people is told to people.
  await setStop(world.state, { isOn: true, by: 'admin', reason: 'we look', at: noon });
  const third = scaling({ occasion: occasion('12:02'), actions: [patch('other')] });
  await propose(third);
  await gate(third);
  expect(await run(third)).toMatchObject({ status: 'held' });
});

test('flapping: people are told who writes it', async () => {
  const { gate, run, state, writers, plan } = await openUnwell();
  const verdicts = [9, 6, 3].map((hours) => ({
    planHash: `p${hours}`,
    workflow: 'heal',
    occasion: 'unhealthy',
    status: 'succeeded',
    at: noon - hours * hour,
  }));
  const { pk, sk } = healKey(restart().resource);
  await state.put({
    pk,
    sk,
    v: 1,
    heal: { resource: { type: 'process', id: 'web' }, attempts: [], verdicts },
    revision: 1,
  });
  writers.set('web', 'arn:aws:iam::123456789012:user/bob (StopInstances)');
  expect(await gate(plan)).toMatchObject({ next: 'close' });
  expect((await run(plan)).reason).toContain('user/bob (StopInstances)');
});

test('what was cancelled while an invocation of ours reserved for it is given back', async () => {
  const { gate, change, setPolicy, state, plan } = await openUnwell({ limits: { maxCount: 3 } });
  await setPolicy({ limits: { maxCount: 3 } });
  expect(await gate(plan)).toMatchObject({ next: 'apply' });
  await change(plan, { status: 'cancelled', endedAt: noon });
  expect(await gate(plan)).toMatchObject({ next: 'close' });
  expect((await readHeal(state, restart().resource)).lease).toBeUndefined();
  expect(await readChanged(state, driftPlan({ policy: plan.policy }), noon)).toEqual([]);
});

test('a plan that nobody kept is an error, not an answer', async () => {
  const { gate } = await openGate();
  await expect(gate(healPlan('nobody'))).rejects.toThrow('There is no such remediation');
});
