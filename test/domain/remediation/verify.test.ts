import { describe, expect, it } from 'vitest';
import type { CheckRecord } from '../../../shared/health/index.ts';
import { applyPlan } from '../../../shared/remediation/apply.ts';
import {
  decideVerification,
  nextActions,
  type Seen,
} from '../../../shared/remediation/decide-verification.ts';
import { readLog } from '../../../shared/remediation/log.ts';
import type { Plan } from '../../../shared/remediation/plan.ts';
import { propose } from '../../../shared/remediation/propose.ts';
import type { Remediation } from '../../../shared/remediation/remediation.ts';
import { verifyPlan } from '../../../shared/remediation/verify.ts';
import { type ReleaseSeen, watchRelease } from '../../../shared/remediation/watch-release.ts';
import { manual, noon, openSmallWorld, planOf, second } from './small-world.ts';
import { openWatch } from './watched-check.ts';

const stepOf = (plan: Plan, attempt = 1) => ({ planHash: plan.hash, attempt, execution: 'arn' });

/** A service whose check was unhealthy, applied at noon. */
const applied = async (
  given: Partial<Plan> = {},
  check: Parameters<ReturnType<typeof openWatch>['define']>[1] = {},
) => {
  const small = openSmallWorld();
  const watch = openWatch(small);
  const record = await watch.define(1, check);
  await watch.see(1, 'unhealthy', noon - 10 * second, 'connection refused');
  const verification = { checkIds: [record.id], afterSeconds: 30, deadlineSeconds: 300 };
  const plan = planOf({ verification, ...given });
  const looks: { readonly names: readonly string[]; readonly occasion: string }[] = [];
  const world = {
    ...small.world,
    state: small.state,
    telemetry: small.telemetry,
    openPorts: () => ({}) as never,
    look: async (checks: readonly CheckRecord[], occasion: string) => {
      looks.push({ names: checks.map(({ definition }) => definition.name), occasion });
    },
  };
  await propose(small.world, plan);
  await small.open(plan);
  await applyPlan(small.world, stepOf(plan));
  return { small, watch, plan, world, looks };
};

describe('an attempt is seen to have helped', () => {
  it('when its checks are healthy by results that are newer than the action', async () => {
    const { small, watch, plan, world, looks } = await applied();
    small.pass(30 * second);
    await watch.see(1, 'healthy', noon + 20 * second);
    expect(await verifyPlan(world, stepOf(plan))).toMatchObject({ next: 'close' });
    expect(await small.read(plan.hash)).toMatchObject({
      status: 'succeeded',
      reason: 'web has 2 tasks; healthy since: check-1',
      after: [{ desired: 2 }],
      endedAt: noon + 30 * second,
    });
    expect(looks).toEqual([]);
    const { entries } = await readLog(small.state, plan.hash, { limit: 50 });
    expect(entries.filter(({ kind }) => kind === 'verified')).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ text: 'web has 2 tasks', before: { desired: 1 }, after: { desired: 2 } }),
        expect.objectContaining({ text: 'web has 2 tasks; healthy since: check-1' }),
      ]),
    );
  });

  it('never by a result from before it, however well that was: the check is asked to look now', async () => {
    const { small, watch, plan, world, looks } = await applied();
    await watch.see(1, 'healthy', noon);
    small.pass(30 * second);
    expect(await verifyPlan(world, stepOf(plan))).toEqual({
      next: 'again',
      waitSeconds: 5,
      nextAttempt: 1,
      reason: 'check-1 was not looked at since',
    });
    expect(looks).toEqual([{ names: ['check-1'], occasion: `${plan.hash}:1:${noon + 30 * second}` }]);
    expect((await small.read(plan.hash)).status).toBe('running');
  });

  it.each(['unhealthy', 'degraded', 'unknown'] as const)('never while its check is %s', async (status) => {
    const { small, watch, plan, world } = await applied();
    small.pass(60 * second);
    await watch.see(1, status, noon + 50 * second, 'not well');
    expect(await verifyPlan(world, stepOf(plan))).toMatchObject({
      next: 'again',
      reason: `check-1 is ${status} (not well)`,
    });
  });

  it('without a check that is paused meanwhile: nobody waits for it, and the reason says so', async () => {
    const { small, plan, world } = await applied({}, { pausedAt: noon });
    small.pass(30 * second);
    expect(await verifyPlan(world, stepOf(plan))).toMatchObject({ next: 'close' });
    expect((await small.read(plan.hash)).reason).toBe(
      'web has 2 tasks; 1 checks could not tell: they are paused or gone',
    );
  });

  it('never of an unhealthy service when all of its checks are paused by then: nobody saw whether it helped', async () => {
    const occasion = { ...planOf().occasion, kind: 'unhealthy' } as const;
    const attempts = { max: 3, backoff: 'exponential' } as const;
    const { small, plan, world } = await applied({ occasion, attempts }, { pausedAt: noon });
    small.pass(30 * second);
    expect(await verifyPlan(world, stepOf(plan))).toMatchObject({ next: 'close' });
    expect(await small.read(plan.hash)).toMatchObject({
      status: 'failed',
      reason: 'its checks are paused or gone: nobody saw whether it helped',
    });
  });

  it('delivered again, the answer is the same and nothing is written twice (fault 1)', async () => {
    const { small, watch, plan, world } = await applied();
    small.pass(30 * second);
    await watch.see(1, 'healthy', noon + 20 * second);
    await verifyPlan(world, stepOf(plan));
    const { revision } = await small.read(plan.hash);
    expect(await verifyPlan(world, stepOf(plan))).toMatchObject({ next: 'close' });
    expect((await small.read(plan.hash)).revision).toBe(revision);
  });
});

describe('an attempt that did not help', () => {
  const attempts = { max: 3, backoff: 'exponential' } as const;

  it('is waited for until its deadline, then tried again, each time later, then it failed (fault 12)', async () => {
    const { small, plan, world } = await applied({ attempts });
    const waits: unknown[] = [];
    for (let attempt = 1; attempt <= 3; attempt++) {
      if (attempt > 1) {
        await small.open(plan, attempt);
        await applyPlan(small.world, stepOf(plan, attempt));
      }
      small.pass(299 * second);
      expect(await verifyPlan(world, stepOf(plan, attempt))).toMatchObject({ next: 'again', waitSeconds: 1 });
      small.pass(second);
      const answer = await verifyPlan(world, stepOf(plan, attempt));
      waits.push([answer.next, answer.waitSeconds, answer.nextAttempt]);
      small.pass(answer.waitSeconds * second);
    }
    expect(waits).toEqual([
      ['retry', 30, 2],
      ['retry', 60, 3],
      ['close', 0, 3],
    ]);
    expect(small.asked).toEqual(['1 main/web', '2 main/web', '3 main/web']);
    expect(await small.read(plan.hash)).toMatchObject({
      status: 'failed',
      reason: 'not well within 300 s: check-1 was not looked at since',
    });
  });

  it('whose retry was decided is answered so again, and decided once (fault 1)', async () => {
    const { small, plan, world } = await applied({ attempts });
    small.pass(300 * second);
    const first = await verifyPlan(world, stepOf(plan));
    expect(first.next).toBe('retry');
    expect(await verifyPlan(world, stepOf(plan))).toEqual(first);
    expect((await small.read(plan.hash)).attempt).toBe(2);
  });

  it('because the service showed something else is not waited for', async () => {
    const { small, plan, world } = await applied({ attempts });
    small.sizes.set('main/web', 7);
    expect(await verifyPlan(world, stepOf(plan))).toMatchObject({
      next: 'retry',
      reason: 'attempt 1 did not help: web has 7 tasks',
    });
    expect(await small.read(plan.hash)).toMatchObject({
      attempt: 2,
      actions: [{ state: 'pending', attempt: 2, appliedAt: noon }],
      after: [{ desired: 7 }],
    });
  });

  it('of an unknown outcome is never looked at: a person does', async () => {
    const small = openSmallWorld();
    const plan = planOf({ attempts });
    await propose(small.world, plan);
    await small.open(plan);
    small.moods.set('main/web', ['hangs up']);
    await applyPlan(small.world, stepOf(plan));
    const world = {
      ...small.world,
      state: small.state,
      telemetry: small.telemetry,
      openPorts: () => ({}) as never,
      look: async () => undefined,
    };
    expect(await verifyPlan(world, stepOf(plan))).toMatchObject({ next: 'close' });
    expect((await small.read(plan.hash)).attempt).toBe(1);
  });

  it('what cannot be read is no verdict until the deadline', async () => {
    const { small, watch, plan, world } = await applied();
    small.pass(60 * second);
    await watch.see(1, 'healthy', noon + 50 * second);
    const verify = () => Promise.reject(new Error('throttled'));
    const blind = { ...world, actions: { 'ecs-scale': { ...small.scale, verify } } };
    expect(await verifyPlan(blind, stepOf(plan))).toMatchObject({ next: 'again', reason: 'web: throttled' });
    small.pass(240 * second);
    await watch.see(1, 'healthy', noon + 290 * second);
    await verifyPlan(blind, stepOf(plan));
    expect((await small.read(plan.hash)).reason).toBe('not well within 300 s: web: throttled');
  });
});

describe('the decision', () => {
  const remediation = (given: Partial<Remediation> = {}): Remediation => ({
    plan: planOf({ services: ['web', 'api'], attempts: { max: 2, backoff: 'constant' } }),
    status: 'running',
    reason: '',
    approvals: [],
    attempt: 1,
    actions: [
      { state: 'applied', attempt: 1, appliedAt: noon },
      { state: 'applied', attempt: 1, appliedAt: noon },
    ],
    holds: [],
    appliedAt: noon,
    startedAt: noon,
    updatedAt: noon,
    revision: 1,
    outbox: [],
    ...given,
  });
  const verdict = (state: 'pending' | 'verified' | 'failed') => ({ state, reason: state, after: null });
  const seenOf = (...states: readonly ('pending' | 'verified' | 'failed')[]): Seen => ({
    verdicts: states.map(verdict),
    checks: [],
  });

  it.each([
    [30, 5],
    [60, 10],
    [200, 33],
    [299, 1],
  ])('%d s after the action the next look is %d s away', (seconds, waitSeconds) => {
    const now = noon + seconds * second;
    expect(decideVerification(remediation(), seenOf('pending', 'verified'), now)).toMatchObject({
      kind: 'again',
      waitSeconds,
    });
  });

  it('a slow action is looked at each minute, not each second', () => {
    const slow = planOf({ verification: { checkIds: [], afterSeconds: 30, deadlineSeconds: 3600 } });
    const now = noon + 1800 * second;
    expect(decideVerification(remediation({ plan: slow }), seenOf('pending'), now)).toMatchObject({
      waitSeconds: 60,
    });
  });

  it.each<[string, Seen | undefined, readonly ('applied' | 'failed' | 'pending')[], readonly string[]]>([
    ['what was refused and what was not begun', undefined, ['failed', 'pending'], ['pending', 'pending']],
    ['only what was not applied', undefined, ['applied', 'failed'], ['applied', 'pending']],
    ['only what does not show', seenOf('verified', 'failed'), ['applied', 'applied'], ['applied', 'pending']],
    [
      'everything, when all of it shows and the checks are not well',
      seenOf('verified', 'verified'),
      ['applied', 'applied'],
      ['pending', 'pending'],
    ],
  ])('the next attempt does again %s', (_, seen, states, next) => {
    const actions = states.map((state) => ({ state, attempt: 1 }));
    expect(nextActions(remediation({ actions }), seen).map(({ state }) => state)).toEqual(next);
  });
});

describe('a release that is watched', () => {
  const watched = async (approval = planOf().approval, windowSeconds = 600) => {
    const small = openSmallWorld();
    const watch = { windowSeconds, maxBurnRate: 14.4, releaseId: 'r1' };
    const plan = planOf({ workflow: 'rollback', watch, approval });
    await propose(small.world, plan);
    let seen: ReleaseSeen = { verdict: 'watching', reason: 'nothing speaks against it' };
    const world = { ...small.world, seeRelease: async () => seen };
    const look = () => watchRelease(world, { ...stepOf(plan), phase: 'release' });
    return {
      small,
      plan,
      look,
      sees: (verdict: ReleaseSeen['verdict'], reason: string) => {
        seen = { verdict, reason };
      },
    };
  };

  it('is looked at again while its window lasts', async () => {
    const { look } = await watched();
    expect(await look()).toEqual({ next: 'again', waitSeconds: 15, reason: 'nothing speaks against it' });
  });

  it('for a day fits into the history of one execution: nine events a look, 25,000 in all', async () => {
    const { small, look } = await watched(planOf().approval, 86_400);
    let looks = 0;
    for (let waited = 0; waited < 86_400; looks++) {
      const { waitSeconds } = await look();
      small.pass(waitSeconds * second);
      waited += waitSeconds;
    }
    // What follows a release that failed needs room, too.
    expect(looks * 9).toBeLessThan(12_500);
    expect(looks).toBeGreaterThan(500);
  });

  it('and confirmed leaves the plan to roll it back unused', async () => {
    const { small, plan, look, sees } = await watched();
    sees('confirmed', '2 checks were well for 600 s');
    expect(await look()).toMatchObject({ next: 'close' });
    expect(await small.read(plan.hash)).toMatchObject({ status: 'confirmed', endedAt: noon });
    expect(await look()).toMatchObject({ next: 'close' });
  });

  it('and failed goes on to the gate, once', async () => {
    const { small, plan, look, sees } = await watched();
    sees('failed', 'the check front is unhealthy since the release');
    expect(await look()).toMatchObject({ next: 'apply' });
    sees('confirmed', 'well again');
    expect(await look()).toMatchObject({ next: 'apply' });
    expect(await small.read(plan.hash)).toMatchObject({ status: 'running', watchedAt: noon });
  });

  it('and failed begins the time that people have to approve the rollback', async () => {
    const { small, plan, look, sees } = await watched(manual);
    small.pass(500 * second);
    sees('failed', 'the check front is unhealthy since the release');
    await look();
    expect(await small.read(plan.hash)).toMatchObject({
      status: 'waiting',
      approveBy: noon + (500 + 3600) * second,
    });
  });

  it.each(['unknown', 'superseded'] as const)('and %s ends without a change', async (verdict) => {
    const { small, plan, look, sees } = await watched();
    sees(verdict, 'because');
    expect(await look()).toMatchObject({ next: 'close', reason: 'because' });
    expect((await small.read(plan.hash)).status).toBe(verdict);
  });
});
