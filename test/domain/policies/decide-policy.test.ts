import { describe, expect, it } from 'vitest';
import type { DeploymentResource } from '../../../shared/catalog/index.ts';
import type { WrittenPolicy } from '../../../shared/policies/api.ts';
import {
  considerPolicies,
  decidePolicy,
  type PolicyFacts,
  type Remediable,
} from '../../../shared/policies/index.ts';
import { policyOf, recordOf } from './policies.ts';

const now = Date.parse('2026-06-12T12:00:00Z');
const web: DeploymentResource = {
  name: 'web',
  type: 'ecs-service',
  id: 'cluster/web',
  tags: { tier: 'web' },
};
const facts: PolicyFacts = {
  deployment: { deploymentId: 'shop', environment: 'production' },
  resource: web,
  now,
};
const found = (over: Partial<Remediable>): Remediable => ({
  kind: 'unhealthy',
  severity: 'error',
  resource: 'web',
  tags: {},
  details: {},
  openedAt: now,
  ...over,
});

const decide = (
  written: Partial<WrittenPolicy>,
  over: Partial<Remediable> = {},
  other: Partial<PolicyFacts> = {},
) => decidePolicy([recordOf(policyOf(written), 7)], found(over), { ...facts, ...other });

const everything: Partial<WrittenPolicy> = {
  drift_remediation: {
    auto_fix: [
      { severity: 'info', action: 'notify' },
      { severity: 'error', action: 'fix', approval: 'auto', max_resources: 2 },
      { severity: 'critical', action: 'fix', max_resources: 0 },
    ],
  },
  health_remediation: {
    unhealthy_service: { action: 'restart' },
    resource_exhaustion: { action: 'scale_up', threshold: 80 },
    failed_release: { action: 'rollback' },
  },
  cost_optimization: {
    idle_resources: { action: 'stop', detection_period: 604_800 },
    oversized_resources: { action: 'scale_down', detection: 30 },
  },
  compliance_remediation: { auto_fix: [{ severity: 'error', action: 'fix' }] },
};

const day = 86_400;

describe('a policy for some causes', () => {
  const some = {
    health_remediation: { unhealthy_service: { action: 'restart', causes: ['down', 'slow'] } },
  } as const;
  it.each([
    ['down', 'remedy'],
    ['slow', 'remedy'],
    ['errors', 'none'],
    [undefined, 'remedy'],
  ] as const)('what is %s: %s', (cause, kind) => {
    expect(decide(some, { details: { cause } }).kind).toBe(kind);
  });
  it('says what it is for', () => {
    expect(decide(some, { details: { cause: 'errors' } }).reason).toBe(
      'Policy healing: it is remedied when down or slow is the matter, and this is errors (causes).',
    );
  });
});

describe('what a policy says of a finding', () => {
  it.each<readonly [string, Partial<Remediable>, string, string]>([
    ['an unhealthy service', {}, 'health_remediation.unhealthy_service', 'restart'],
    ['a drift, by its severity', { kind: 'drift' }, 'drift_remediation', 'fix'],
    ['a violation', { kind: 'violation' }, 'compliance_remediation', 'fix'],
    ['a release that failed', { kind: 'release' }, 'health_remediation.failed_release', 'rollback'],
    [
      'what is used as much as the threshold',
      { kind: 'exhausted', details: { usagePercent: 80 } },
      'health_remediation.resource_exhaustion',
      'scale_up',
    ],
    [
      'what was seen idle for long enough',
      { kind: 'idle', details: { idleSeconds: 7 * day } },
      'cost_optimization.idle_resources',
      'stop',
    ],
    [
      'what was found idle long enough ago',
      { kind: 'idle', openedAt: now - 7 * day * 1000 },
      'cost_optimization.idle_resources',
      'stop',
    ],
    [
      'what is used less than the share',
      { kind: 'oversized', details: { usagePercent: 29.9 } },
      'cost_optimization.oversized_resources',
      'scale_down',
    ],
  ])('%s is remedied by its section', (_, over, section, action) => {
    expect(decide(everything, over)).toMatchObject({
      kind: 'remedy',
      policy: { id: expect.stringMatching(/^[0-9a-f]{16}$/), name: 'healing', revision: 7 },
      section,
      remedy: { action },
    });
  });

  it.each<readonly [string, Partial<Remediable>, string]>([
    [
      'a severity of which it says nothing',
      { kind: 'drift', severity: 'warning' },
      'No policy speaks of it.',
    ],
    [
      'one that is only to be told',
      { kind: 'drift', severity: 'info' },
      'Policy healing: it is to be told, and nothing else (action: notify).',
    ],
    [
      'max_resources: 0 means zero',
      { kind: 'drift', severity: 'critical' },
      'Policy healing: no resource may be changed (max_resources: 0).',
    ],
    [
      'what is used less than the threshold',
      { kind: 'exhausted', details: { usagePercent: 79.9 } },
      'Policy healing: 79.9% is used, less than the threshold of 80%.',
    ],
    [
      'what nobody measured',
      { kind: 'exhausted' },
      'Policy healing: how much is used was not measured, and the policy asks for at least 80%.',
    ],
    [
      'what is used as much as the share',
      { kind: 'oversized', details: { usagePercent: 30 } },
      'Policy healing: 30% is used, not less than 30% (detection).',
    ],
    [
      'what is idle since just now',
      { kind: 'idle' },
      'Policy healing: it is known to be idle since just now, not for 7 d (detection_period).',
    ],
    [
      'what is idle for too short',
      { kind: 'idle', details: { idleSeconds: 6 * day } },
      'Policy healing: it is known to be idle for 6 d, not for 7 d (detection_period).',
    ],
    [
      'a cost, which no section speaks of',
      { kind: 'cost' },
      'Findings of the kind cost are told, never remedied.',
    ],
    [
      'a remedy that did not help is never remedied again',
      { kind: 'remediation' },
      'Findings of the kind remediation are told, never remedied.',
    ],
  ])('%s: nothing is done, and it says why', (_, over, reason) => {
    expect(decide(everything, over)).toMatchObject({ kind: 'none', reason });
  });

  it('a recommendation is told with what it saves, and done by people', () => {
    const written: Partial<WrittenPolicy> = {
      cost_optimization: { oversized_resources: { action: 'recommend_downsize' } },
    };
    const details = { recommended: 't3.small', savingsUsdPerMonth: 12.3 };
    expect(decide(written, { kind: 'oversized', details })).toMatchObject({
      kind: 'none',
      reason:
        'Policy healing: it recommends t3.small, which saves 12.3 USD a month; people do it (action: recommend_downsize).',
    });
  });

  it('a part that is switched off does nothing, though it lists what it would do', () => {
    const written: Partial<WrittenPolicy> = {
      health_remediation: { enabled: false, unhealthy_service: { action: 'restart' } },
    };
    expect(decide(written)).toEqual({
      kind: 'none',
      policy: { id: expect.any(String), name: 'healing' },
      reason: 'Policy healing: its health_remediation is switched off (enabled: false).',
    });
  });

  it('limits and brakes of the policy come along', () => {
    expect(decide({ limits: { max_count: 2, max_percent: 10 }, brakes: { cooldown: 60 } })).toMatchObject({
      limits: { maxCount: 2, maxPercent: 10 },
      brakes: { attemptsPerHour: 3, cooldownSeconds: 60, flapsPerDay: 3 },
    });
  });
});

describe('what a policy selects', () => {
  it.each<readonly [string, WrittenPolicy['selector'], 'remedy' | 'none']>([
    ['everything when it names nothing', {}, 'remedy'],
    ['the deployment', { deployments: ['blog', 'shop'] }, 'remedy'],
    ['another deployment', { deployments: ['shop-eu'] }, 'none'],
    ['the environment', { environments: ['production'] }, 'remedy'],
    ['another environment', { environments: ['staging'] }, 'none'],
    ['a tag of the resource', { tags: { tier: 'web' } }, 'remedy'],
    ['a tag of the finding', { tags: { rule: 'r1' } }, 'remedy'],
    ['a tag with another value', { tags: { tier: 'db' } }, 'none'],
    ['a tag that is not there', { tags: { team: 'a' } }, 'none'],
    [
      'all of it, of which one does not hold',
      { deployments: ['shop'], environments: ['production'], tags: { tier: 'web', team: 'a' } },
      'none',
    ],
  ])('%s', (_, selector, kind) => {
    expect(decide({ selector }, { tags: { rule: 'r1' } }).kind).toBe(kind);
  });

  it('what owners say of a resource goes before what a finder says of it', () => {
    expect(decide({ selector: { tags: { tier: 'web' } } }, { tags: { tier: 'db' } }).kind).toBe('remedy');
    expect(decide({ selector: { tags: { tier: 'db' } } }, { tags: { tier: 'db' } }).kind).toBe('none');
  });

  it('what belongs to no registered deployment is never remedied', () => {
    expect(decide({}, {}, { deployment: undefined })).toEqual({
      kind: 'none',
      reason: 'It belongs to no registered deployment, and only those are remedied.',
    });
  });

  it('two policies that speak of one finding do nothing together: fail closed', () => {
    const policies = [policyOf({ name: 'one' }), policyOf({ name: 'two' })].map((one) => recordOf(one));
    expect(decidePolicy(policies, found({}), facts)).toEqual({
      kind: 'none',
      reason:
        'The policies one and two both speak of it: leave it to one of them. Until then nothing is done.',
    });
  });

  it('each policy says why it does or does not decide', () => {
    const policies = [
      policyOf({ name: 'asleep', is_active: false }),
      policyOf({
        name: 'drifts',
        health_remediation: undefined,
        drift_remediation: { auto_fix: [{ severity: 'error', action: 'fix' }] },
      }),
      policyOf({ name: 'elsewhere', selector: { deployments: ['blog', 'wiki'] } }),
      policyOf({ name: 'here' }),
      policyOf({ name: 'staging', selector: { environments: ['staging'] } }),
      policyOf({ name: 'tagged', selector: { tags: { tier: 'db' } } }),
    ].map((one) => recordOf(one));
    const { considered, decision } = considerPolicies(policies, found({}), facts);
    expect(considered.map(({ policy, isMatch, reason }) => [policy.name, isMatch, reason])).toEqual([
      ['asleep', false, 'It is switched off as a whole (is_active: false).'],
      ['drifts', false, 'It has no section health_remediation.unhealthy_service.'],
      ['elsewhere', false, 'It is for blog or wiki, not for the deployment shop.'],
      ['here', true, 'health_remediation.unhealthy_service speaks of it.'],
      ['staging', false, 'It is for the environment staging, not for production.'],
      ['tagged', false, 'It is for what has the tag tier=db.'],
    ]);
    expect(decision).toMatchObject({
      kind: 'remedy',
      reason: 'Policy here, health_remediation.unhealthy_service: restart, without asking.',
    });
  });
});

describe('an exception', () => {
  const until = '2026-06-12T13:00:00.000Z';
  const arn = 'arn:aws:ecs:eu-central-1:123456789012:service/cluster/web';
  it.each<readonly [string, string, Partial<Remediable>, number, 'remedy' | 'none']>([
    ['by name', 'web', {}, now, 'none'],
    ['by id', 'cluster/web', {}, now, 'none'],
    ['by ARN', arn, {}, now, 'none'],
    ['by the ARN that was found', arn, { resource: arn }, now, 'none'],
    ['by the beginning of the name', 'w*', {}, now, 'none'],
    ['of all', '*', {}, now, 'none'],
    ['of something else', 'web-2', {}, now, 'remedy'],
    ['of something whose name only begins so', 'we', {}, now, 'remedy'],
    ['in its last instant', 'web', {}, Date.parse(until) - 1, 'none'],
    ['once it ended', 'web', {}, Date.parse(until), 'remedy'],
  ])('%s', (_, resource, over, at, kind) => {
    const decision = decide({ exceptions: [{ resource, reason: 'being moved', until }] }, over, { now: at });
    expect(decision.kind).toBe(kind);
    if (kind === 'none')
      expect(decision.reason).toBe(`Policy healing: ${resource} is excepted until ${until}: being moved`);
  });
});
