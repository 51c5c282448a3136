import { describe, expect, it } from 'vitest';
import { applyPlan } from '../../../shared/remediation/apply.ts';
import { cancel } from '../../../shared/remediation/cancel.ts';
import { decideApply } from '../../../shared/remediation/decide-apply.ts';
import { readLog } from '../../../shared/remediation/log.ts';
import type { Plan } from '../../../shared/remediation/plan.ts';
import { propose } from '../../../shared/remediation/propose.ts';
import type { ActionProgress, Remediation } from '../../../shared/remediation/remediation.ts';
import { setStop } from '../../../shared/remediation/stop-switch.ts';
import { manual, noon, openSmallWorld, planOf, second } from './small-world.ts';

const stepOf = (plan: Plan, attempt = 1) => ({ planHash: plan.hash, attempt, execution: 'arn' });

const begun = async (plan: Plan) => {
  const small = openSmallWorld();
  await propose(small.world, plan);
  await small.open(plan);
  return small;
};

const remediationOf = (
  given: Partial<Remediation> & { readonly states?: ActionProgress['state'][] },
): Remediation => {
  const { states = ['pending', 'pending'], ...fields } = given;
  return {
    plan: planOf({ services: ['web', 'api'] }),
    status: 'running',
    reason: 'the policy lets it run',
    approvals: [],
    attempt: 1,
    actions: states.map((state) => ({ state, attempt: 1 })),
    holds: [],
    startedAt: noon,
    updatedAt: noon,
    revision: 1,
    outbox: [],
    ...fields,
  };
};

describe('what an invocation may apply follows from the item alone', () => {
  it.each<[string, Parameters<typeof remediationOf>[0], number, ReturnType<typeof decideApply>['kind']]>([
    ['nothing was begun', {}, 1, 'apply'],
    ['the first was applied', { states: ['applied', 'pending'] }, 1, 'apply'],
    ['all was applied', { states: ['applied', 'applied'] }, 1, 'verify'],
    ['one was refused', { states: ['failed', 'pending'] }, 1, 'verify'],
    ['one was begun by somebody', { states: ['applied', 'applying'] }, 1, 'close'],
    ['one is unknown', { states: ['unknown', 'pending'] }, 1, 'close'],
    ['it waits for people', { status: 'waiting' }, 1, 'close'],
    ['it was approved, and the gate did not open', { status: 'approved' }, 1, 'close'],
    ['it was cancelled', { status: 'cancelled' }, 1, 'close'],
    ['it succeeded', { status: 'succeeded', states: ['applied', 'applied'] }, 1, 'close'],
    ['the next attempt is under way', { attempt: 2 }, 1, 'close'],
    ['the attempt was not decided on', {}, 2, 'close'],
    ['nobody approved it', { plan: planOf({ services: ['web', 'api'], approval: manual }) }, 1, 'close'],
  ])('%s', (_, given, attempt, kind) => {
    expect(decideApply(remediationOf(given), attempt).kind).toBe(kind);
  });

  it('the second attempt goes on with what the first one did not do', () => {
    const actions: ActionProgress[] = [
      { state: 'applied', attempt: 1 },
      { state: 'pending', attempt: 2 },
    ];
    expect(decideApply(remediationOf({ attempt: 2, actions }), 2)).toEqual({ kind: 'apply', no: 1 });
  });
});

describe('an attempt', () => {
  it('applies its actions in order, keeps what verification needs, and leaves a record', async () => {
    const plan = planOf({ services: ['web', 'api'] });
    const small = await begun(plan);
    expect(await applyPlan(small.world, stepOf(plan))).toEqual({
      next: 'verify',
      verifyAfterSeconds: 30,
      reason: 'all of it was applied',
    });
    expect(small.asked).toEqual(['1 main/web', '1 main/api']);
    expect((await small.read(plan.hash)).actions).toMatchObject([
      { state: 'applied', attempt: 1, receipt: 'receipt-main/web', appliedAt: noon },
      { state: 'applied', attempt: 1, receipt: 'receipt-main/api', appliedAt: noon },
    ]);
    const { entries } = await readLog(small.state, plan.hash, { limit: 50 });
    expect(entries.map(({ kind }) => kind)).toEqual([
      'planned',
      'started',
      'started',
      'call',
      'call',
      'applied',
      'applied',
    ]);
    expect(entries.find(({ kind }) => kind === 'call')).toMatchObject({
      by: 'homeostat',
      attempt: 1,
      call: { service: 'ecs', operation: 'UpdateService', outcome: 'ok', detail: 'request-1' },
      durationMs: 7,
    });
    expect(entries.find(({ kind }) => kind === 'started')).toMatchObject({
      by: 'token:ann',
      before: { desired: 1 },
    });
  });

  it('delivered again applies nothing again, and gives the same answer (fault 1)', async () => {
    const plan = planOf();
    const small = await begun(plan);
    const first = await applyPlan(small.world, stepOf(plan));
    expect(await applyPlan(small.world, stepOf(plan))).toEqual(first);
    expect(small.asked).toEqual(['1 main/web']);
  });

  it('that was refused for sure changed nothing, stops there, and may be tried again', async () => {
    const plan = planOf({ services: ['web', 'api'] });
    const small = await begun(plan);
    small.moods.set('main/web', ['refuses']);
    expect(await applyPlan(small.world, stepOf(plan))).toEqual({
      next: 'verify',
      verifyAfterSeconds: 0,
      reason: 'AccessDenied: not allowed',
    });
    expect(small.asked).toEqual(['1 main/web']);
    expect((await small.read(plan.hash)).actions.map(({ state }) => state)).toEqual(['failed', 'pending']);
  });

  it('of which nobody knows whether it was done goes to a person, and nothing after it is begun', async () => {
    const plan = planOf({ services: ['web', 'api'] });
    const small = await begun(plan);
    small.moods.set('main/web', ['hangs up']);
    expect(await applyPlan(small.world, stepOf(plan))).toMatchObject({ next: 'close' });
    expect(await applyPlan(small.world, stepOf(plan))).toMatchObject({ next: 'close' });
    expect(small.asked).toEqual(['1 main/web']);
    expect((await small.read(plan.hash)).actions.map(({ state }) => state)).toEqual(['unknown', 'pending']);
  });

  it('whose role cannot be taken changed nothing', async () => {
    const plan = planOf();
    const small = await begun(plan);
    const openPorts = () => Promise.reject(new Error('sts is down'));
    expect(await applyPlan({ ...small.world, openPorts }, stepOf(plan))).toMatchObject({ next: 'verify' });
    expect((await small.read(plan.hash)).actions).toMatchObject([
      { state: 'failed', reason: 'its role could not be taken: sts is down' },
    ]);
  });

  it('begins nothing when the time of the function is over', async () => {
    const plan = planOf();
    const small = await begun(plan);
    const answer = await applyPlan({ ...small.world, endsAt: noon }, stepOf(plan));
    expect(answer).toMatchObject({ next: 'verify', verifyAfterSeconds: 0 });
    expect(small.asked).toEqual([]);
  });
});

describe('right before each action', () => {
  it('the stop switch is read again: what was stopped is held', async () => {
    const plan = planOf();
    const small = await begun(plan);
    await setStop(small.state, { isOn: true, by: 'token:bob', reason: 'an incident', at: noon });
    expect(await applyPlan(small.world, stepOf(plan))).toMatchObject({ next: 'close' });
    expect(await small.read(plan.hash)).toMatchObject({
      status: 'held',
      reason: 'token:bob stopped all remediation: an incident',
      holds: [{ brake: 'stop_switch' }],
      endedAt: noon,
    });
    expect(small.asked).toEqual([]);
  });

  it('stopped between two actions, the second one is not begun', async () => {
    const plan = planOf({ services: ['web', 'api'] });
    const small = await begun(plan);
    const { openPorts } = small.world;
    const stopping: typeof openPorts = async (...given) => {
      await setStop(small.state, { isOn: true, by: 'token:bob', reason: '', at: noon });
      return openPorts(...given);
    };
    await applyPlan({ ...small.world, openPorts: stopping }, stepOf(plan));
    expect(small.asked).toEqual(['1 main/web']);
    expect((await small.read(plan.hash)).reason).toBe(
      'token:bob stopped all remediation; 1 of 2 actions were applied before',
    );
  });

  it('a kind that was not opted in is never applied', async () => {
    const plan = planOf();
    const small = await begun(plan);
    await applyPlan({ ...small.world, optedIn: [] }, stepOf(plan));
    expect(await small.read(plan.hash)).toMatchObject({ status: 'held', holds: [{ brake: 'not_opted_in' }] });
    expect(small.asked).toEqual([]);
  });

  it('the lease is looked at: who lost it applies nothing', async () => {
    const plan = planOf();
    const small = await begun(plan);
    small.pass(24 * 3600 * second);
    await applyPlan(small.world, stepOf(plan));
    expect(await small.read(plan.hash)).toMatchObject({ status: 'held', holds: [{ brake: 'lease_held' }] });
    expect(small.asked).toEqual([]);
  });

  it('what was cancelled a moment before is not begun', async () => {
    const plan = planOf();
    const small = await begun(plan);
    await cancel(small.world, plan.hash, { by: 'token:bob' });
    expect(await applyPlan(small.world, stepOf(plan))).toMatchObject({ next: 'close' });
    expect(small.asked).toEqual([]);
  });

  it('and what was begun cannot be cancelled', async () => {
    const plan = planOf();
    const small = await begun(plan);
    await applyPlan(small.world, stepOf(plan));
    await expect(cancel(small.world, plan.hash, { by: 'token:bob' })).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('cannot be called back'),
    });
  });
});
