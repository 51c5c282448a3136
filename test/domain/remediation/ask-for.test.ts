import { describe, expect, it } from 'vitest';
import type { DeploymentDefinition } from '../../../shared/catalog/index.ts';
import type { Finding } from '../../../shared/findings/index.ts';
import type { PolicyDefinition, Remedy } from '../../../shared/policies/index.ts';
import { type Wish, type WishFacts, wishToRequest } from '../../../shared/remediation/ask-for.ts';
import { requestFor, workflowFor } from '../../../shared/remediation/request-for.ts';
import { healing, noon, recordOf, unhealthyRemedy } from './plans.ts';

const deployment: DeploymentDefinition = {
  deploymentId: 'shop',
  blueprintId: null,
  environment: 'production',
  monitoringConfig: {
    driftDetection: true,
    healthChecks: true,
    costMonitoring: true,
    complianceMonitoring: true,
  },
  resources: [
    { name: 'web', type: 'ecs-service', id: 'main/web' },
    { name: 'worker', type: 'ec2-instance', id: 'i-0a1b' },
  ],
};
const finding = (given: Partial<Finding> = {}): Finding => ({
  id: 'f'.repeat(32),
  kind: 'drift',
  state: 'open',
  severity: 'error',
  deploymentId: 'shop',
  resource: 'web',
  title: 'web differs',
  reason: 'somebody changed it',
  tags: {},
  source: 'scan',
  details: {},
  occurrence: 7,
  openedAt: noon,
  updatedAt: noon,
  revision: 1,
  ...given,
});
const wish = (given: Partial<Wish> = {}): Wish => ({
  id: 'wish-1',
  action: 'restart',
  resource: 'web',
  by: 'token:ann',
  ...given,
});
const facts = (given: Partial<WishFacts> = {}): WishFacts => ({
  deployment,
  policies: [],
  openFindings: [],
  now: noon,
  ...given,
});
const policies = (definition: PolicyDefinition) => [recordOf(definition, 4)];
const refusalOf = (work: () => unknown): unknown => {
  try {
    work();
    return 'nothing was refused';
  } catch (error) {
    const { code, message, fields } = error as { code: string; message: string; fields: readonly object[] };
    return { code, message, fields };
  }
};

describe("a person's wish", () => {
  it.each([
    ['restart', 'heal', 'restart'],
    ['scale', 'scale', 'scale_up'],
    // Not the workflow that watches a release first: the person has looked.
    ['rollback', 'heal', 'rollback'],
  ] as const)(
    '%s goes to the workflow %s, about the one resource that is named',
    (action, workflow, verb) => {
      const request = wishToRequest(wish({ action }), facts());
      expect([request.workflow, request.action, request.resources]).toEqual([
        workflow,
        verb,
        [{ resource: 'web' }],
      ]);
      expect([request.occasion.kind, request.madeBy]).toEqual(['asked', 'token:ann']);
    },
  );

  it('may name the kind of action; what was found says itself what is to be done', () => {
    const { resources, occasion } = wishToRequest(wish({ kind: 'ecs-scale' }), facts());
    expect([resources, occasion.title]).toEqual([
      [{ resource: 'web', kind: 'ecs-scale' }],
      'ecs-scale web of shop',
    ]);
    expect(
      refusalOf(() => wishToRequest(wish({ action: 'fix-drift', kind: 'ecs-scale' }), facts())),
    ).toMatchObject({ code: 'VALIDATION_ERROR', fields: [{ path: 'kind' }] });
  });

  it('that no policy speaks of waits for one person, and is tried once', () => {
    const { policy, remedy } = wishToRequest(wish(), facts());
    expect(policy).toBeNull();
    expect([remedy.approval, remedy.maxAttempts]).toEqual([
      { mode: 'manual', people: 1, by: [], anotherPerson: false, expiresSeconds: 3600 },
      1,
    ]);
  });

  it('that a policy speaks of has its limits and brakes, and never runs without somebody who approves', () => {
    const request = wishToRequest(
      wish(),
      facts({ policies: policies({ ...healing, limits: { maxCount: 1 } }) }),
    );
    expect([request.policy?.name, request.policy?.revision, request.policy?.limits]).toEqual([
      'healing',
      4,
      { maxCount: 1 },
    ]);
    expect([request.remedy.approval.mode, request.remedy.maxAttempts]).toEqual(['manual', 3]);
  });

  it('has the people that the policy wants', () => {
    const approval = {
      mode: 'manual',
      people: 2,
      by: ['ops'],
      anotherPerson: true,
      expiresSeconds: 60,
    } as const;
    const strict = {
      ...healing,
      healthRemediation: { enabled: true, unhealthyService: { ...unhealthyRemedy, approval } },
    };
    expect(wishToRequest(wish(), facts({ policies: policies(strict) })).remedy.approval).toEqual(approval);
  });

  it('keeps the people, limits and brakes of a policy that would do nothing here by itself', () => {
    const approval = { ...unhealthyRemedy.approval, mode: 'manual', people: 2, anotherPerson: true } as const;
    const untilAt = noon + 60_000;
    for (const given of [
      { exceptions: [{ resource: 'web', reason: 'hands off', untilAt }] },
      {
        healthRemediation: {
          enabled: true,
          unhealthyService: { ...unhealthyRemedy, action: 'notify', approval },
        },
      },
    ] as const) {
      const strict: PolicyDefinition = {
        ...healing,
        healthRemediation: { enabled: true, unhealthyService: { ...unhealthyRemedy, approval } },
        limits: { maxCount: 1 },
        ...given,
      };
      const { policy, remedy } = wishToRequest(wish(), facts({ policies: policies(strict) }));
      expect([policy?.limits, policy?.brakes, remedy.approval]).toEqual([
        { maxCount: 1 },
        healing.brakes,
        approval,
      ]);
    }
  });

  it('that two policies speak of is refused: whose people count is not known', () => {
    const twin = { ...recordOf({ ...healing, name: 'other' }), id: 'p2' };
    expect(
      refusalOf(() => wishToRequest(wish(), facts({ policies: [recordOf(healing), twin] }))),
    ).toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('healing and other both speak of it'),
    });
  });

  it('twice makes two plans, with the same id one', () => {
    const occurrence = (id: string) => wishToRequest(wish({ id }), facts()).occasion.occurrence;
    expect(occurrence('a')).not.toBe(occurrence('b'));
    expect(occurrence('a')).toBe(occurrence('a'));
  });

  it('that names no resource, or one that is not there, is told which there are', () => {
    for (const resource of [undefined, 'nosuch'])
      expect(refusalOf(() => wishToRequest(wish({ resource }), facts()))).toMatchObject({
        code: 'VALIDATION_ERROR',
        fields: [{ path: 'resource', message: 'Name one of its resources: web, worker.' }],
      });
  });
});

describe('a wish about what was found', () => {
  const fix = wish({ action: 'fix-drift', resource: undefined });

  it('is of the finding: its plan is overtaken with it', () => {
    const request = wishToRequest(fix, facts({ openFindings: [finding()] }));
    expect([request.workflow, request.action, request.occasion.kind]).toEqual(['drift', 'fix', 'drift']);
    expect([request.occasion.id, request.occasion.occurrence]).toEqual(['f'.repeat(32), '7.wish-1']);
  });

  it('patches by Cloud Control what the deployment does not list', () => {
    const patch = [{ op: 'replace', path: '/MemorySize', value: 512 }] as const;
    const details = { typeName: 'AWS::Lambda::Function', identifier: 'checkout', patch };
    const found = finding({ resource: 'arn:aws:lambda:eu-central-1:1:function:checkout', details });
    const request = wishToRequest(fix, facts({ openFindings: [found] }));
    expect(request.resources).toEqual([
      {
        resource: {
          name: 'arn:aws:lambda:eu-central-1:1:function:checkout',
          type: 'cloudcontrol-resource',
          id: 'checkout',
          settings: { typeName: 'AWS::Lambda::Function' },
        },
      },
    ]);
    expect(request.params).toEqual({ patch });
  });

  it('says so when nothing, or too much, is open', () => {
    expect(refusalOf(() => wishToRequest(fix, facts()))).toMatchObject({
      code: 'CONFLICT',
      message: 'No drift of shop is open: there is nothing to put right.',
    });
    const openFindings = [finding(), finding({ id: 'e'.repeat(32), resource: 'worker' })];
    expect(refusalOf(() => wishToRequest(fix, facts({ openFindings })))).toMatchObject({
      code: 'VALIDATION_ERROR',
      fields: [{ path: 'resource', message: 'Name one of: web, worker.' }],
    });
    const named = wishToRequest({ ...fix, resource: 'i-0a1b' }, facts({ openFindings }));
    expect(named.occasion.id).toBe('e'.repeat(32));
  });

  it('stops what is idle, and with a policy does as the policy says', () => {
    const idle = finding({ kind: 'idle', details: { idleSeconds: 900_000 } });
    const save = wish({ action: 'optimize-cost', resource: 'web' });
    expect(wishToRequest(save, facts({ openFindings: [idle] })).action).toBe('stop');
    const smaller: Remedy = { ...unhealthyRemedy, action: 'scale_down', params: { desired: 1 } };
    const savings = {
      ...healing,
      healthRemediation: undefined,
      costOptimization: { enabled: true, idleResources: smaller },
    };
    const request = wishToRequest(save, facts({ openFindings: [idle], policies: policies(savings) }));
    expect([request.action, request.params, request.workflow]).toEqual([
      'scale_down',
      { desired: 1 },
      'cost',
    ]);
  });
});

describe('a wish about what a policy leaves alone', () => {
  const approval = { ...unhealthyRemedy.approval, mode: 'manual', people: 2 } as const;
  const ofDrift = (given: Partial<Remedy>, exceptions: PolicyDefinition['exceptions'] = []) =>
    policies({
      ...healing,
      healthRemediation: undefined,
      driftRemediation: {
        enabled: true,
        autoFix: [{ ...unhealthyRemedy, action: 'fix', approval, severity: 'error', ...given }],
      },
      exceptions,
    });
  const fix = wish({ action: 'fix-drift', resource: undefined });
  const open = { openFindings: [finding()] };

  it('needs the people of that policy all the same', () => {
    const excepted = ofDrift({}, [{ resource: 'web', reason: 'hands off', untilAt: noon + 60_000 }]);
    for (const given of [excepted, ofDrift({ action: 'notify' })])
      expect(wishToRequest(fix, facts({ ...open, policies: given })).remedy.approval).toEqual(approval);
  });

  it('is refused where it allows no resource at all (max_resources: 0)', () => {
    expect(
      refusalOf(() => wishToRequest(fix, facts({ ...open, policies: ofDrift({ maxResources: 0 }) }))),
    ).toMatchObject({ code: 'CONFLICT', message: expect.stringContaining('max_resources: 0') });
  });
});

describe('what a policy wants of a finding', () => {
  it.each([
    ['unhealthy', 'restart', 'heal'],
    ['unhealthy', 'rollback', 'heal'],
    ['exhausted', 'scale_up', 'scale'],
    ['exhausted', 'restart', 'heal'],
    ['drift', 'fix', 'drift'],
    ['violation', 'stop', 'drift'],
    ['idle', 'stop', 'cost'],
    ['oversized', 'scale_down', 'cost'],
  ] as const)('%s, %s: the workflow %s', (kind, action, workflow) => {
    expect(workflowFor(kind, action)).toBe(workflow);
  });

  const decision = (remedy: Partial<Remedy>) =>
    ({
      kind: 'remedy',
      policy: { id: 'p1', name: 'healing', revision: 1 },
      section: 'health_remediation.unhealthy_service',
      remedy: { ...unhealthyRemedy, ...remedy },
      limits: {},
      brakes: healing.brakes,
      reason: '',
    }) as const;

  it('of a resource that nobody lists, or that stands for several, is nothing: what to change is not known', () => {
    const request = requestFor(finding({ kind: 'unhealthy', resource: 'cart' }), decision({}), deployment);
    expect(request).toEqual({ refused: expect.stringContaining('cart is none of the resources of shop') });
  });

  it('as a webhook goes to the orchestrator, whatever was found', () => {
    const request = requestFor(finding({ resource: 'cart' }), decision({ action: 'webhook' }), deployment);
    expect(request).toMatchObject({ resources: [{ resource: { type: 'orchestrator' } }] });
  });
});
