import { describe, expect, it } from 'vitest';
import { loadFinding, noteFinding, openFindings } from '../../../shared/findings/index.ts';
import { applyPlan } from '../../../shared/remediation/apply.ts';
import { closeRemediation } from '../../../shared/remediation/close.ts';
import { remediationCounters } from '../../../shared/remediation/counters.ts';
import { decideClose } from '../../../shared/remediation/decide-close.ts';
import { resolveEscalation } from '../../../shared/remediation/escalate.ts';
import { holdsLeases } from '../../../shared/remediation/lease.ts';
import { readLog } from '../../../shared/remediation/log.ts';
import type { Plan } from '../../../shared/remediation/plan.ts';
import { propose } from '../../../shared/remediation/propose.ts';
import type { ActionProgress, Remediation } from '../../../shared/remediation/remediation.ts';
import { respondToEnd } from '../../../shared/remediation/respond-failure.ts';
import { verifyPlan } from '../../../shared/remediation/verify.ts';
import { dyingAt, Killed, through } from './mortal-world.ts';
import { noon, openSmallWorld, planOf, type SmallWorld, second } from './small-world.ts';

const stepOf = (plan: Plan, attempt = 1) => ({ planHash: plan.hash, attempt, execution: 'arn' });

const remediationOf = (
  states: readonly ActionProgress['state'][],
  given: Partial<Remediation> = {},
): Remediation => ({
  plan: planOf({ services: ['web', 'api'] }),
  status: 'running',
  reason: '',
  approvals: [],
  attempt: 1,
  actions: states.map((state) => ({ state, attempt: 1, ...(state === 'applied' && { appliedAt: noon }) })),
  holds: [],
  startedAt: noon,
  updatedAt: noon,
  revision: 1,
  outbox: [],
  ...given,
});
const error = { Error: 'Lambda.Unknown', Cause: 'killed' };
const hold = { brake: 'maintenance', reason: 'maintenance until six' } as const;

describe('how a remediation ends that no step ended', () => {
  it.each<[string, Remediation, Parameters<typeof decideClose>[1], Remediation['status']]>([
    ['an action was begun', remediationOf(['applying', 'pending']), undefined, 'unknown'],
    ['an action is unknown', remediationOf(['applied', 'unknown']), undefined, 'unknown'],
    ['an action was begun, and the machine failed', remediationOf(['applying', 'pending']), error, 'unknown'],
    [
      'an action was begun, and people stopped it',
      remediationOf(['applying']),
      { Error: 'ABORTED' },
      'unknown',
    ],
    ['the machine failed before anything', remediationOf(['pending']), error, 'failed'],
    ['the machine failed after a change', remediationOf(['applied']), error, 'failed'],
    ['people stopped it before anything', remediationOf(['pending']), { Error: 'ABORTED' }, 'cancelled'],
    ['people stopped it after a change', remediationOf(['applied']), { Error: 'ABORTED' }, 'failed'],
    ['the gate held it', remediationOf(['pending'], { holds: [hold] }), undefined, 'held'],
    ['it was refused', remediationOf(['failed', 'pending']), undefined, 'failed'],
    ['nothing happened', remediationOf(['pending']), undefined, 'failed'],
    ['it is over already', remediationOf(['applied'], { status: 'succeeded' }), error, 'succeeded'],
  ])('%s', (_, remediation, failure, status) => {
    expect(decideClose(remediation, failure, noon).status).toBe(status);
  });

  it('an unknown outcome names what a person has to look at', () => {
    const { reason, actions } = decideClose(remediationOf(['applied', 'applying']), undefined, noon);
    expect(reason).toBe(
      'whether this was done is not known, a person has to look: Set api from 1 to 2 tasks.',
    );
    expect(actions.map(({ state }) => state)).toEqual(['applied', 'unknown']);
  });
});

const running = async (
  given: Partial<Plan> & { readonly services?: readonly string[] } = {},
  small = openSmallWorld(),
) => {
  const plan = planOf(given);
  await propose(small.world, plan);
  await small.open(plan);
  await applyPlan(small.world, stepOf(plan));
  return { small, plan };
};

const verified = async (small: SmallWorld, plan: Plan) => {
  const world = {
    ...small.world,
    state: small.state,
    telemetry: small.telemetry,
    openPorts: () => ({}) as never,
    look: async () => undefined,
  };
  await verifyPlan(world, stepOf(plan));
  return closeRemediation(small.world, { planHash: plan.hash });
};

const findings = async (small: SmallWorld) =>
  (await openFindings(small.state)).map(({ resource, severity, title }) => ({ resource, severity, title }));

describe('the end of a remediation', () => {
  it('frees its leases, is told, counted and recorded', async () => {
    const { small, plan } = await running();
    expect(await holdsLeases(small.state, { plan, attempt: 1, now: noon })).toBe(true);
    expect(await verified(small, plan)).toEqual({ status: 'succeeded', reason: 'web has 2 tasks' });
    expect(await holdsLeases(small.state, { plan, attempt: 1, now: noon })).toBe(false);
    expect(small.published.at(-1)?.detail).toMatchObject({ status: 'succeeded', remediationId: plan.hash });
    const { entries } = await readLog(small.state, plan.hash, { limit: 50 });
    expect(entries.at(-1)).toEqual({
      at: noon,
      kind: 'ended',
      by: 'homeostat',
      attempt: 1,
      text: 'succeeded: web has 2 tasks',
      durationMs: 0,
      before: { desired: 1 },
      after: { desired: 2 },
    });
    expect(await findings(small)).toEqual([]);
  });

  it.each([
    ['drift', 'succeeded', 'resolved'],
    ['idle', 'succeeded', 'resolved'],
    ['drift', 'failed', 'open'],
    // Whether it is still exhausted only a new measurement tells.
    ['exhausted', 'succeeded', 'open'],
  ] as const)('of a finding of the kind %s that %s leaves it %s', async (kind, status, state) => {
    const small = openSmallWorld();
    const { finding } = await noteFinding(small.world, {
      source: 'guard',
      kind,
      deploymentId: 'shop',
      resource: 'web',
      state: 'open',
      severity: 'error',
      title: 'web is not as wanted',
      reason: 'seen so',
      tags: {},
      details: {},
      at: noon - second,
    });
    const occasion = { ...planOf().occasion, kind, id: finding.id, occurrence: `${finding.occurrence}.1` };
    const { plan } = await running({ occasion, savingsUsdPerMonth: 12.5 }, small);
    if (status === 'succeeded') await verified(small, plan);
    else await closeRemediation(small.world, { planHash: plan.hash, failure: error });
    const left = await loadFinding(small.state, finding.id);
    expect(left?.state).toBe(state);
    if (state === 'resolved')
      expect(left?.reason).toBe(
        `web has 2 tasks. It saves about 12.50 USD a month. (plan ${plan.hash.slice(0, 12)})`,
      );
  });

  it('that did not help calls people once for each resource, however often it fails (fault 12)', async () => {
    const { small, plan } = await running({ services: ['web', 'api'] });
    const failure = { Error: 'States.Timeout', Cause: '' };
    await closeRemediation(small.world, { planHash: plan.hash, failure });
    await closeRemediation(small.world, { planHash: plan.hash, failure });
    small.pass(60 * second);
    const second_ = await running({ occasion: { ...plan.occasion, occurrence: '2' } }, small);
    await closeRemediation(small.world, { planHash: second_.plan.hash, failure });
    expect((await findings(small)).sort((one, other) => one.resource.localeCompare(other.resource))).toEqual([
      { resource: 'api', severity: 'critical', title: 'The remediation of api did not help' },
      { resource: 'web', severity: 'critical', title: 'The remediation of web did not help' },
    ]);
  });

  it('that helps later resolves what people were called for', async () => {
    const first = await running();
    const { small } = first;
    await closeRemediation(small.world, { planHash: first.plan.hash, failure: { Error: 'x' } });
    small.pass(60 * second);
    const next = await running({ occasion: { ...first.plan.occasion, occurrence: '2' } }, small);
    await verified(small, next.plan);
    expect(await findings(small)).toEqual([]);
    const told = small.published.filter(({ type }) => type === 'finding.changed');
    expect(told.map(({ detail }) => 'state' in detail && detail.state)).toEqual(['open', 'resolved']);
  });

  it('is no trouble any more once the resource is well by itself', async () => {
    const { small, plan } = await running();
    await closeRemediation(small.world, { planHash: plan.hash, failure: { Error: 'x' } });
    const resource = { name: 'web' };
    await resolveEscalation(small.world, { deploymentId: 'shop', resource, reason: 'well', at: noon + 1 });
    expect(await findings(small)).toEqual([]);
  });

  it('of an unknown outcome says so to people', async () => {
    const small = openSmallWorld();
    small.moods.set('main/web', ['hangs up']);
    const { plan } = await running({}, small);
    expect(await closeRemediation(small.world, { planHash: plan.hash })).toMatchObject({ status: 'unknown' });
    expect(await findings(small)).toEqual([
      { resource: 'web', severity: 'critical', title: 'Nobody knows how the remediation of web ended' },
    ]);
  });

  it('killed at any access is finished by the next try, once (fault 3)', async () => {
    const whole = dyingAt(Number.POSITIVE_INFINITY);
    const ends = async (small: SmallWorld, plan: Plan, gate = whole) =>
      closeRemediation(through(small, gate), { planHash: plan.hash, failure: { Error: 'x' } });
    const first = await running();
    await ends(first.small, first.plan);
    const accesses = whole.accesses();
    expect(accesses).toBeGreaterThan(30);
    for (let n = 0; n < accesses; n++) {
      const { small, plan } = await running();
      await ends(small, plan, dyingAt(n)).catch((thrown: unknown) => {
        if (!(thrown instanceof Killed)) throw thrown;
      });
      await ends(small, plan);
      const { closedAt, status } = await small.read(plan.hash);
      expect({ n, closedAt, status }).toEqual({ n, closedAt: noon, status: 'failed' });
      expect(await findings(small)).toHaveLength(1);
      expect((await remediationCounters(small.state)).remediations).toEqual([
        { action: 'ecs-scale', outcome: 'failed', count: 1 },
      ]);
      const { entries } = await readLog(small.state, plan.hash, { limit: 50 });
      expect(entries.filter(({ kind }) => kind === 'ended')).toHaveLength(1);
    }
  });
});

describe('an execution that ended without its last step', () => {
  const ended = (plan: Plan, status: 'FAILED' | 'TIMED_OUT' | 'ABORTED') => ({
    type: 'execution.ended' as const,
    executionArn: `arn:${plan.hash}`,
    name: plan.hash,
    stateMachineArn: 'arn:heal',
    status,
    endedAt: noon,
  });

  it('is closed by its event: unknown where a change was begun', async () => {
    const small = openSmallWorld();
    const plan = planOf();
    await propose(small.world, plan);
    await small.open(plan);
    await applyPlan(
      through(small, (what) => {
        if (what === 'before apply') throw new Killed(what);
      }),
      stepOf(plan),
    ).catch(() => undefined);
    expect(await respondToEnd(small.world, ended(plan, 'TIMED_OUT'))).toMatchObject({ status: 'unknown' });
  });

  it('stopped by people before a change is cancelled, and calls nobody', async () => {
    const small = openSmallWorld();
    const plan = planOf();
    await propose(small.world, plan);
    expect(await respondToEnd(small.world, ended(plan, 'ABORTED'))).toMatchObject({ status: 'cancelled' });
    expect(await findings(small)).toEqual([]);
  });

  it('that was closed before stays as it was closed', async () => {
    const { small, plan } = await running();
    await verified(small, plan);
    expect(await respondToEnd(small.world, ended(plan, 'FAILED'))).toMatchObject({ status: 'succeeded' });
  });

  it('of no plan of ours is not there', async () => {
    const small = openSmallWorld();
    await expect(respondToEnd(small.world, ended(planOf(), 'FAILED'))).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });
});
