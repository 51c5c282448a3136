import { describe, expect, it } from 'vitest';
import { parseFields } from '../../../shared/platform/api/faults.ts';
import { DomainError } from '../../../shared/platform/errors.ts';
import {
  policyDefinitionSchema,
  policyReplacementSchema,
  resolvePolicy,
  writtenPolicyOf,
} from '../../../shared/policies/api.ts';

const resolve = (written: object) =>
  resolvePolicy(parseFields(policyDefinitionSchema, { name: 'healing', ...written }));

/** Paths and messages of what is refused. */
const faultsOf = (written: object): readonly string[] => {
  try {
    resolve(written);
  } catch (error) {
    if (error instanceof DomainError && error.code === 'VALIDATION_ERROR')
      return error.fields.map(({ path, message }) => `${path}: ${message}`);
    throw error;
  }
  return [];
};

const auto = { mode: 'auto', people: 1, by: [], anotherPerson: false, expiresSeconds: 86_400 };
const manual = { ...auto, mode: 'manual' };
const usual = { backoff: 'exponential', waitSeconds: 30 };
const restart = { action: 'restart' } as const;
const healing = { health_remediation: { unhealthy_service: restart } };

describe('a policy as people write it', () => {
  it('in the shape of the documentation is kept with everything filled in', () => {
    const definition = resolve({
      drift_remediation: {
        enabled: true,
        auto_fix: [
          { severity: 'warning', action: 'fix', approval: 'auto', max_resources: 5 },
          { severity: 'critical', action: 'notify', approval: 'manual', max_resources: 0 },
        ],
      },
      health_remediation: {
        unhealthy_service: { action: 'restart', max_attempts: 3, backoff: 'exponential' },
        resource_exhaustion: { action: 'scale_up', threshold: '80%', max_scale: '2x' },
      },
      cost_optimization: {
        idle_resources: { detection_period: '7d', action: 'stop', approval: 'auto' },
        oversized_resources: { detection: 'usage < 30%', action: 'recommend_downsize', approval: 'manual' },
      },
    });
    expect(definition).toEqual({
      name: 'healing',
      isActive: true,
      selector: { deployments: [], environments: [], tags: {} },
      driftRemediation: {
        enabled: true,
        autoFix: [
          { severity: 'warning', action: 'fix', approval: auto, maxResources: 5, maxAttempts: 1, ...usual },
          {
            severity: 'critical',
            action: 'notify',
            approval: manual,
            maxResources: 0,
            maxAttempts: 1,
            ...usual,
          },
        ],
      },
      healthRemediation: {
        enabled: true,
        unhealthyService: { action: 'restart', approval: auto, maxAttempts: 3, ...usual },
        resourceExhaustion: {
          action: 'scale_up',
          approval: auto,
          maxAttempts: 1,
          ...usual,
          thresholdPercent: 80,
          maxScale: 2,
        },
      },
      costOptimization: {
        enabled: true,
        idleResources: {
          action: 'stop',
          approval: auto,
          maxAttempts: 1,
          ...usual,
          detectionSeconds: 604_800,
        },
        oversizedResources: {
          action: 'recommend_downsize',
          approval: manual,
          maxAttempts: 1,
          ...usual,
          thresholdPercent: 30,
        },
      },
      windows: [],
      limits: {},
      brakes: { attemptsPerHour: 3, cooldownSeconds: 300, flapsPerDay: 3 },
      exceptions: [],
    });
  });

  it('with all that it may say is kept so', () => {
    const definition = resolve({
      is_active: false,
      selector: { deployments: ['shop'], environments: ['production'], tags: { team: 'web' } },
      compliance_remediation: {
        enabled: false,
        auto_fix: [
          {
            severity: 'error',
            action: 'fix',
            approval: { mode: 'manual', people: 2, by: ['ann', 'ben'], another_person: true, expires: '2h' },
            max_attempts: 2,
            backoff: 'constant',
            wait: '1m',
            params: { document: 'AWS-DisablePublicAccess', force: true },
          },
        ],
      },
      windows: [
        { kind: 'deny', weekdays: ['fri'], from: '18:00', until: '06:00', time_zone: 'Europe/Berlin' },
        { kind: 'allow', from: '00:00', until: '24:00' },
      ],
      limits: { max_count: 3, max_percent: '12.5%' },
      brakes: { attempts_per_hour: 2, cooldown: '10m', flaps_per_day: 5 },
      exceptions: [{ resource: 'orders-*', reason: 'being moved', until: '2026-07-01T00:00:00+02:00' }],
    });
    expect(definition).toMatchObject({
      isActive: false,
      selector: { deployments: ['shop'], environments: ['production'], tags: { team: 'web' } },
      complianceRemediation: {
        enabled: false,
        autoFix: [
          {
            approval: {
              mode: 'manual',
              people: 2,
              by: ['ann', 'ben'],
              anotherPerson: true,
              expiresSeconds: 7200,
            },
            maxAttempts: 2,
            backoff: 'constant',
            waitSeconds: 60,
            params: { document: 'AWS-DisablePublicAccess', force: true },
          },
        ],
      },
      windows: [
        { kind: 'deny', weekdays: [4], fromMinute: 1080, toMinute: 360, timeZone: 'Europe/Berlin' },
        { kind: 'allow', weekdays: [0, 1, 2, 3, 4, 5, 6], fromMinute: 0, toMinute: 1440, timeZone: 'UTC' },
      ],
      limits: { maxCount: 3, maxPercent: 12.5 },
      brakes: { attemptsPerHour: 2, cooldownSeconds: 600, flapsPerDay: 5 },
      exceptions: [
        { resource: 'orders-*', reason: 'being moved', untilAt: Date.parse('2026-06-30T22:00:00Z') },
      ],
    });
    // What is read can be written again and means the same.
    const again = parseFields(
      policyDefinitionSchema,
      JSON.parse(JSON.stringify(writtenPolicyOf(definition))),
    );
    expect(resolvePolicy(again)).toEqual(definition);
  });

  it.each([
    [
      'a service that answers again is restarted without asking',
      'health_remediation',
      'unhealthy_service',
      'restart',
      'auto',
    ],
    [
      'what cannot be taken back is asked about even there',
      'health_remediation',
      'unhealthy_service',
      'reprovision',
      'manual',
    ],
    ['money is saved when somebody agrees', 'cost_optimization', 'idle_resources', 'stop', 'manual'],
    ['deleting is asked about', 'cost_optimization', 'idle_resources', 'snapshot_delete', 'manual'],
  ] as const)('that says nothing of approval: %s', (_, part, section, action, mode) => {
    const definition = resolve({ [part]: { [section]: { action } } });
    const remedy =
      definition.healthRemediation?.unhealthyService ?? definition.costOptimization?.idleResources;
    expect(remedy?.approval.mode).toBe(mode);
  });

  it('a drift is fixed when somebody agrees, unless it says otherwise', () => {
    const definition = resolve({ drift_remediation: { auto_fix: [{ severity: 'error', action: 'fix' }] } });
    expect(definition.driftRemediation?.autoFix[0]?.approval.mode).toBe('manual');
  });

  it.each([
    [80, 80],
    ['80%', 80],
    ['80', 80],
    ['0%', 0],
    [100, 100],
    ['99.5 %', 99.5],
  ])('a share of %j is %d percent', (written, percent) => {
    expect(resolve({ ...healing, limits: { max_percent: written } }).limits.maxPercent).toBe(percent);
  });

  it('max_resources: 0 and max_count: 0 are kept as zero, not as nothing said', () => {
    const definition = resolve({
      cost_optimization: { idle_resources: { action: 'stop', max_resources: 0 } },
      limits: { max_count: 0 },
    });
    expect(definition.costOptimization?.idleResources?.maxResources).toBe(0);
    expect(definition.limits).toEqual({ maxCount: 0 });
  });
});

describe('a policy that is refused names where', () => {
  const of = (section: object) => ({ health_remediation: { unhealthy_service: { ...restart, ...section } } });
  it.each<readonly [string, object, string]>([
    [
      'an unknown action',
      of({ action: 'explode' }),
      'health_remediation.unhealthy_service.action: Give one of notify, fix, restart',
    ],
    [
      'an unknown action in a list',
      {
        drift_remediation: {
          auto_fix: [
            { severity: 'info', action: 'notify' },
            { severity: 'error', action: 'undo' },
          ],
        },
      },
      'drift_remediation.auto_fix[1].action: Give one of notify',
    ],
    [
      'an action that makes no sense there',
      of({ action: 'recommend_downsize' }),
      'health_remediation.unhealthy_service.action: Here give one of restart',
    ],
    [
      'a negative limit',
      { ...healing, limits: { max_count: -1 } },
      'limits.max_count: Give a whole number from 0.',
    ],
    [
      'a negative number of resources',
      { cost_optimization: { idle_resources: { action: 'stop', max_resources: -1 } } },
      'cost_optimization.idle_resources.max_resources: Give a whole number from 0',
    ],
    [
      'half a resource',
      { ...healing, limits: { max_count: 1.5 } },
      'limits.max_count: Give a whole number from 0.',
    ],
    [
      'a percentage over 100',
      { ...healing, limits: { max_percent: '120%' } },
      'limits.max_percent: Give a percentage from 0 to 100, such as 80%.',
    ],
    [
      'a percentage over 100 as a number',
      { ...healing, limits: { max_percent: 100.1 } },
      'limits.max_percent: Give a percentage from 0 to 100, such as 80%.',
    ],
    [
      'a negative percentage',
      { ...healing, limits: { max_percent: -5 } },
      'limits.max_percent: Give a percentage from 0 to 100, such as 80%.',
    ],
    [
      'a threshold over 100',
      { health_remediation: { resource_exhaustion: { action: 'scale_up', threshold: '180%' } } },
      'health_remediation.resource_exhaustion.threshold: Give a percentage',
    ],
    [
      'a detection that is none',
      { cost_optimization: { oversized_resources: { action: 'notify', detection: 'cpu > 3' } } },
      'cost_optimization.oversized_resources.detection: Give a share of use',
    ],
    [
      'a scale that makes it smaller',
      of({ action: 'scale_up', max_scale: '0.5x' }),
      'health_remediation.unhealthy_service.max_scale: Give a factor above 1',
    ],
    [
      'a scale where nothing is scaled',
      of({ max_scale: '2x' }),
      'health_remediation.unhealthy_service.max_scale: Leave it out',
    ],
    ['a negative duration', { ...healing, brakes: { cooldown: -1 } }, 'brakes.cooldown: '],
    [
      'a detection period of minutes',
      { cost_optimization: { idle_resources: { action: 'stop', detection_period: '5m' } } },
      'cost_optimization.idle_resources.detection_period: Give from 1 h to 90 d.',
    ],
    [
      'an unknown severity',
      { drift_remediation: { auto_fix: [{ severity: 'bad', action: 'fix' }] } },
      'drift_remediation.auto_fix[0].severity: Give one of info, warning, error, critical.',
    ],
    [
      'a severity twice',
      {
        drift_remediation: {
          auto_fix: [
            { severity: 'info', action: 'fix' },
            { severity: 'info', action: 'notify' },
          ],
        },
      },
      'drift_remediation.auto_fix[1].severity: There is an entry for info already',
    ],
    [
      'no attempts',
      of({ max_attempts: 0 }),
      'health_remediation.unhealthy_service.max_attempts: Give a whole number from 1 to 10.',
    ],
    [
      'deleting without asking',
      { cost_optimization: { idle_resources: { action: 'snapshot_delete', approval: 'auto' } } },
      'cost_optimization.idle_resources.approval: Say manual',
    ],
    [
      'deleting without asking, said at length',
      { cost_optimization: { idle_resources: { action: 'snapshot_delete', approval: { mode: 'auto' } } } },
      'cost_optimization.idle_resources.approval: Say manual',
    ],
    [
      'two people whom nobody asks',
      of({ approval: { mode: 'auto', people: 2 } }),
      'health_remediation.unhealthy_service.approval.people: Leave it out',
    ],
    [
      'a time zone that is an offset',
      { ...healing, windows: [{ kind: 'deny', from: '10:00', until: '11:00', time_zone: '+02:00' }] },
      'windows[0].time_zone: Give an IANA time zone',
    ],
    [
      'a window without length',
      { ...healing, windows: [{ kind: 'deny', from: '10:00', until: '10:00' }] },
      'windows[0].until: Give another time than',
    ],
    [
      'a time of day that is none',
      { ...healing, windows: [{ kind: 'deny', from: '24:00', until: '10:00' }] },
      'windows[0].from: Give a time of day',
    ],
    [
      'an exception without end',
      { ...healing, exceptions: [{ resource: 'db', reason: 'why not' }] },
      'exceptions[0].until: ',
    ],
    [
      'a field that is misspelt',
      { ...healing, limit: { max_count: 1 } },
      'limit: There is no such field here',
    ],
    [
      'a field that is misspelt deep inside',
      of({ attempts: 3 }),
      'health_remediation.unhealthy_service.attempts: There is no such field here',
    ],
    ['nothing to do', {}, 'name: Say what is to be done'],
  ])('%s', (_, written, expected) => {
    const faults = faultsOf(written);
    expect(faults).toHaveLength(1);
    expect(faults[0]?.startsWith(expected), `${faults[0]}`).toBe(true);
  });

  it('every fault at once, each with its path', () => {
    expect(
      faultsOf({
        ...of({ action: 'scale_down', max_scale: '2x' }),
        cost_optimization: { idle_resources: { action: 'fix' } },
      }).map((fault) => fault.slice(0, fault.indexOf(':'))),
    ).toEqual([
      'health_remediation.unhealthy_service.action',
      'health_remediation.unhealthy_service.max_scale',
      'cost_optimization.idle_resources.action',
    ]);
  });

  it('a replacement may leave the name out', () => {
    expect(parseFields(policyReplacementSchema, healing)).toEqual(healing);
  });
});
