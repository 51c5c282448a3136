import { describe, expect, it } from 'vitest';
import { checkIdOf } from '../../../shared/health/index.ts';
import { makePlan } from '../../../shared/remediation/make-plan.ts';
import type { Plan } from '../../../shared/remediation/plan.ts';
import { hashOfPlan, isPlanHash, isSound } from '../../../shared/remediation/plan-hash.ts';
import { defaultRemedy, isRefused, type PlanRequest } from '../../../shared/remediation/plan-request.ts';
import { invokePlanner, parsePlannerMessage } from '../../../shared/remediation/planner-message.ts';
import { auto, noon, openSmallWorld, planOf, type SmallWorld } from './small-world.ts';

const service = (name: string, checks?: readonly string[]) => ({
  name,
  type: 'ecs-service' as const,
  id: `main/${name}`,
  ...(checks && { checks }),
});

const requestOf = (given: Partial<PlanRequest> = {}): PlanRequest => ({
  occasion: {
    kind: 'drift',
    id: 'finding-1',
    occurrence: '1',
    title: 'web drifted',
    severity: 'error',
    checkIds: [],
  },
  deploymentId: 'shop',
  workflow: 'drift',
  action: 'scale_up',
  resources: [{ resource: 'web' }],
  params: { desired: 2 },
  policy: {
    id: 'policy-1',
    name: 'shop',
    revision: 4,
    section: 'drift_remediation',
    limits: { maxCount: 5, maxPercent: 50 },
    brakes: { attemptsPerHour: 3, cooldownSeconds: 300, flapsPerDay: 3 },
  },
  remedy: { ...defaultRemedy, approval: auto },
  madeBy: 'policy:shop',
  ...given,
});

const registered = async (): Promise<SmallWorld> => {
  const small = openSmallWorld();
  await small.register([service('web', ['front']), service('api', ['back']), service('jobs')]);
  return small;
};

const planned = (small: SmallWorld, request: PlanRequest, optedIn = small.optedIn) =>
  makePlan(
    {
      state: small.state,
      clock: small.world.clock,
      actions: small.actions,
      optedIn,
      openPorts: () => ({}) as never,
    },
    request,
  );

const planFor = async (small: SmallWorld, request: PlanRequest): Promise<Plan> => {
  const plan = await planned(small, request);
  if (isRefused(plan)) throw new Error(plan.refused);
  return plan;
};

describe('a plan', () => {
  it('says exactly what would be changed, from what to what, and how it is taken back', async () => {
    const plan = await planFor(await registered(), requestOf());
    expect(plan).toMatchObject({
      deploymentId: 'shop',
      environment: 'production',
      policy: { id: 'policy-1', revision: 4, section: 'drift_remediation' },
      actions: [
        {
          kind: 'ecs-scale',
          resource: { name: 'web', type: 'ecs-service', id: 'main/web' },
          params: { desired: 2 },
          before: { desired: 1 },
          expected: { desired: 2 },
          undo: { kind: 'ecs-scale', params: { desired: 1 } },
          permissions: [
            {
              actions: ['ecs:UpdateService'],
              resources: ['arn:aws:ecs:eu-central-1:123456789012:service/main/web'],
            },
          ],
        },
      ],
      limits: { maxCount: 5, maxPercent: 50 },
      verification: { checkIds: [], afterSeconds: 30, deadlineSeconds: 630 },
      madeAt: noon,
      madeBy: 'policy:shop',
    });
    expect(isPlanHash(plan.hash)).toBe(true);
    expect(isSound(plan)).toBe(true);
  });

  it('is the same for two triggers that see the same world, whenever and by whomever it is made', async () => {
    const small = await registered();
    const first = await planFor(small, requestOf());
    small.pass(60_000);
    const second = await planFor(small, requestOf({ madeBy: 'token:bob' }));
    expect(second.hash).toBe(first.hash);
    expect(second.madeAt).not.toBe(first.madeAt);
  });

  it.each<[string, (small: SmallWorld) => PlanRequest]>([
    [
      'the finding occurred again',
      () => requestOf({ occasion: { ...requestOf().occasion, occurrence: '2' } }),
    ],
    [
      'the world is another',
      (small) => {
        small.sizes.set('main/web', 5);
        return requestOf();
      },
    ],
    ['something else is wanted', () => requestOf({ params: { desired: 3 } })],
    ['the policy was changed', () => requestOf({ policy: { ...policyOf(), revision: 5 } })],
  ])('is another when %s', async (_, change) => {
    const small = await registered();
    const first = await planFor(small, requestOf());
    expect((await planFor(small, change(small))).hash).not.toBe(first.hash);
  });

  it('keeps its hash on its way as JSON, and loses it when anything is changed', () => {
    const plan = planOf({ undoOf: undefined });
    expect(isSound(JSON.parse(JSON.stringify(plan)) as Plan)).toBe(true);
    expect(isSound({ ...plan, deploymentId: 'other' })).toBe(false);
    expect(hashOfPlan({ ...plan, madeBy: 'somebody', madeAt: 0 })).toBe(plan.hash);
  });
});

const policyOf = () => {
  const { policy } = requestOf();
  if (!policy) throw new Error('the request has a policy');
  return policy;
};

describe('there is no plan, and a sentence why', () => {
  const many = Array.from({ length: 51 }, (_, at) => service(`s${at}`));
  it.each<[string, Partial<PlanRequest>, string]>([
    ['for an unknown deployment', { deploymentId: 'other' }, 'There is no deployment other'],
    [
      'for a resource that is not listed',
      { resources: [{ resource: 'db' }] },
      'db is not one of the resources',
    ],
    [
      'for a resource given whole that is not listed',
      { resources: [{ resource: service('db') }] },
      'db is not one of the resources',
    ],
    [
      'for a verb that nothing means',
      { action: 'rollback' },
      'There is no action for rollback of ecs-service',
    ],
    [
      'for a kind of action that another verb means: another section would decide who approves',
      { action: 'rollback', resources: [{ resource: 'web', kind: 'ecs-scale' }] },
      'The action ecs-scale is no rollback',
    ],
    ['for parameters that are not valid', { params: { desired: -1 } }, 'the parameters are not valid'],
    ['for parameters that nobody knows', { params: { desired: 2, size: 3 } }, 'the parameters are not valid'],
    ['when the service refuses', { params: { desired: 99 } }, 'web: 99 is more than it may have'],
    [
      'when one of several refuses',
      { resources: [{ resource: 'web' }, { resource: 'api', params: { desired: 99 } }] },
      'api: 99 is more than it may have',
    ],
    [
      'when an image is too large',
      { params: { desired: 2, padding: 'x'.repeat(9000) } },
      'a plan keeps at most 8192',
    ],
    [
      'when one resource is named twice, differently',
      { resources: [{ resource: 'web' }, { resource: 'main/web', params: { desired: 3 } }] },
      'web is named twice with different params',
    ],
  ])('%s', async (_, given, said) => {
    const answer = await planned(await registered(), requestOf(given));
    expect(answer).toMatchObject({ refused: expect.stringContaining(said) });
  });

  it('for more than fifty actions', async () => {
    const small = openSmallWorld();
    await small.register(many);
    for (const { id } of many) small.sizes.set(id, 1);
    expect(await planned(small, requestOf({ resources: [] }))).toMatchObject({
      refused: expect.stringContaining('51 resources; a plan holds at most 50'),
    });
    const fifty = requestOf({ resources: many.slice(0, 50).map(({ name }) => ({ resource: name })) });
    expect((await planFor(small, fifty)).actions).toHaveLength(50);
  });

  it('when all its images together are too large for the item that keeps it (fault 7)', async () => {
    const small = openSmallWorld();
    await small.register(many);
    for (const { id } of many) small.sizes.set(id, 1);
    const resources = many.slice(0, 50).map(({ name }) => ({ resource: name }));
    const params = { desired: 2, padding: 'x'.repeat(4000) };
    expect(await planned(small, requestOf({ resources, params }))).toMatchObject({
      refused: expect.stringMatching(/^The plan would have \d+ bytes; at most 153600 are kept/),
    });
  });

  it('for a kind that was not opted in at deploy', async () => {
    expect(await planned(await registered(), requestOf(), [])).toMatchObject({
      refused: expect.stringContaining('ecs-scale (for web) was not opted in'),
    });
  });

  it('for fields that are wrong their paths', async () => {
    expect(await planned(await registered(), requestOf({ params: { desired: -1 } }))).toMatchObject({
      fields: [{ path: 'params.desired' }],
    });
  });

  it('when the world is as wanted already; what of it is not is planned', async () => {
    const small = await registered();
    small.sizes.set('main/web', 2);
    expect(await planned(small, requestOf())).toEqual({
      refused: 'Nothing is to be changed: web: it has 2 already',
      isUnchanged: true,
    });
    const both = requestOf({ resources: [{ resource: 'web' }, { resource: 'api' }] });
    expect((await planFor(small, both)).actions.map(({ resource }) => resource.name)).toEqual(['api']);
  });
});

describe('what a policy says reaches the plan', () => {
  it('the smaller of two limits counts, and none means none', async () => {
    const small = await registered();
    const limited = { ...requestOf().remedy, maxResources: 0 };
    expect((await planFor(small, requestOf({ remedy: limited }))).limits).toEqual({
      maxCount: 0,
      maxPercent: 50,
    });
  });

  it('what is manual only waits for people, whatever the policy says', async () => {
    const small = await registered();
    const actions = { 'ecs-scale': { ...small.scale, manualOnly: true as const } };
    const plan = await makePlan(
      {
        state: small.state,
        clock: small.world.clock,
        actions,
        optedIn: small.optedIn,
        openPorts: () => ({}) as never,
      },
      requestOf(),
    );
    expect(plan).toMatchObject({ approval: { mode: 'manual', people: 1 } });
  });
});

describe('nobody named a resource', () => {
  const occasion = { ...requestOf().occasion, kind: 'unhealthy' as const };
  it('those are changed whose checks are in trouble', async () => {
    const failing = { ...occasion, checkIds: [checkIdOf('shop', 'back')] };
    const plan = await planFor(
      await registered(),
      requestOf({ resources: [], occasion: failing, workflow: 'heal' }),
    );
    expect(plan.actions.map(({ resource }) => resource.name)).toEqual(['api']);
    expect(plan.verification.checkIds).toEqual([checkIdOf('shop', 'back')]);
  });

  it('checks that no resource names change nothing', async () => {
    const failing = { ...occasion, checkIds: [checkIdOf('shop', 'other')] };
    expect(await planned(await registered(), requestOf({ resources: [], occasion: failing }))).toMatchObject({
      refused: expect.stringContaining('names the failing checks'),
    });
  });

  it('a wish without checks is for all that the verb can change, verified by the checks they name', async () => {
    const wish = requestOf({
      resources: [],
      workflow: 'heal',
      action: 'restart',
      policy: null,
      occasion: { ...occasion, kind: 'asked' },
    });
    const plan = await planFor(await registered(), wish);
    expect(plan.actions.map(({ resource }) => resource.name)).toEqual(['web', 'api', 'jobs']);
    expect(plan.verification.checkIds).toEqual(
      [checkIdOf('shop', 'front'), checkIdOf('shop', 'back')].sort(),
    );
    expect(plan.policy).toBeNull();
    expect(plan.brakes).toEqual({ attemptsPerHour: 3, cooldownSeconds: 300, flapsPerDay: 3 });
  });
});

describe('the planner', () => {
  it.each([
    [undefined],
    [{ kind: 'other' }],
    [{ kind: 'plan' }],
    [{ kind: 'plan', request: { ...requestOf(), deploymentId: 7 } }],
    [{ kind: 'plan', request: { ...requestOf(), resources: 'web' } }],
    [{ kind: 'plan', request: { ...requestOf(), remedy: undefined } }],
  ])('takes no message that is none: %j', (payload) => {
    expect(() => parsePlannerMessage(payload)).toThrow();
  });

  it('takes a request as it was sent', () => {
    const message = { kind: 'plan', request: requestOf() };
    expect(parsePlannerMessage(JSON.parse(JSON.stringify(message)))).toEqual(message);
  });

  it('is not believed when its plan does not have the hash it names', async () => {
    const plan = planOf();
    const answering = (answer: unknown) => ({ invoke: async () => answer });
    expect(await invokePlanner(answering(plan), requestOf())).toEqual(plan);
    expect(await invokePlanner(answering({ refused: 'no' }), requestOf())).toEqual({ refused: 'no' });
    await expect(invokePlanner(answering({ ...plan, environment: 'test' }), requestOf())).rejects.toThrow(
      'wrong hash',
    );
    await expect(invokePlanner(answering(undefined), requestOf())).rejects.toThrow('no answer');
  });
});
