import { describe, expect, it } from 'vitest';
import type { WrittenPolicy } from '../../../shared/policies/api.ts';
import { overlapsOf, overlapsWith } from '../../../shared/policies/index.ts';
import { policyOf } from './policies.ts';

type Written = Partial<WrittenPolicy>;

const restart: Written = { health_remediation: { unhealthy_service: { action: 'restart' } } };
const grow: Written = { health_remediation: { resource_exhaustion: { action: 'scale_up' } } };
const drift = (...severities: ('info' | 'warning' | 'error' | 'critical')[]): Written => ({
  health_remediation: undefined,
  drift_remediation: { auto_fix: severities.map((severity) => ({ severity, action: 'fix' })) },
});
const off: Written = { health_remediation: undefined, drift_remediation: { enabled: false } };
const shop: Written = { selector: { deployments: ['shop', 'shop-eu'] } };

const rows: readonly (readonly [string, Written, Written, string | 'apart'])[] = [
  ['both select everything', restart, restart, 'health_remediation.unhealthy_service'],
  ['other sections of the same part', restart, grow, 'apart'],
  ['other severities', drift('info', 'warning'), drift('error'), 'apart'],
  ['one severity in both', drift('info', 'error'), drift('error', 'critical'), 'drift_remediation error'],
  [
    'a section that is switched off speaks of all its severities',
    off,
    drift('error'),
    'drift_remediation error',
  ],
  ['two that are switched off', off, off, 'drift_remediation'],
  ['one that is not active at all', { ...restart, is_active: false }, restart, 'apart'],
  [
    'other deployments',
    { ...restart, ...shop },
    { ...restart, selector: { deployments: ['blog'] } },
    'apart',
  ],
  [
    'a deployment in both',
    { ...restart, ...shop },
    { ...restart, selector: { deployments: ['shop-eu'] } },
    'health_remediation.unhealthy_service',
  ],
  [
    'one of everything beside one of a deployment',
    restart,
    { ...restart, ...shop },
    'health_remediation.unhealthy_service',
  ],
  [
    'other environments',
    { ...restart, selector: { environments: ['staging'] } },
    { ...restart, selector: { environments: ['production'] } },
    'apart',
  ],
  [
    'an environment beside a deployment, which may stand in it',
    { ...restart, selector: { environments: ['staging'] } },
    { ...restart, ...shop },
    'health_remediation.unhealthy_service',
  ],
  [
    'one tag with two values',
    { ...restart, selector: { tags: { tier: 'web' } } },
    { ...restart, selector: { tags: { tier: 'db' } } },
    'apart',
  ],
  [
    'two tags, which one thing may have',
    { ...restart, selector: { tags: { tier: 'web' } } },
    { ...restart, selector: { tags: { team: 'a' } } },
    'health_remediation.unhealthy_service',
  ],
];

describe('two policies', () => {
  it.each(rows)('%s', (_, left, right, expected) => {
    const [one, other] = [policyOf({ ...left, name: 'one' }), policyOf({ ...right, name: 'other' })];
    const wanted = (name: string) => (expected === 'apart' ? [] : [{ with: name, what: expected }]);
    expect(overlapsWith(one, [other])).toEqual(wanted('other'));
    expect(overlapsWith(other, [one])).toEqual(wanted('one'));
  });

  it('a policy does not overlap with what it replaces', () => {
    const one = policyOf({ ...restart, name: 'one' });
    expect(overlapsWith(one, [policyOf({ ...restart, name: 'one' })])).toEqual([]);
  });

  it('in a list the later one is named, with its place and what to do', () => {
    const list = [
      policyOf({ ...restart, name: 'first' }),
      policyOf({ ...grow, name: 'second' }),
      policyOf({ ...restart, name: 'third' }),
    ];
    expect(overlapsOf(list)).toEqual([
      {
        path: 'policies[2].selector',
        message:
          'The policy first could speak of the same (health_remediation.unhealthy_service): narrow one of their selectors, or leave the section to one of them.',
      },
    ]);
  });
});
