import { describe, expect, test } from 'vitest';
import type {
  BrakeWorld,
  Known,
  PolicyStanding,
  WatchFacts,
} from '../../../shared/remediation/brake-facts.ts';
import { decideBrakes } from '../../../shared/remediation/brakes.ts';
import type { HealItem, Verdict } from '../../../shared/remediation/heal-item.ts';
import type { Plan } from '../../../shared/remediation/plan.ts';
import { brakeNames } from '../../../shared/remediation/remediation.ts';
import {
  asked,
  byHand,
  day,
  healing,
  hour,
  minute,
  noon,
  planOf,
  quiet,
  recordOf,
  restart,
  second,
} from './plans.ts';

const known = <T>(read: Known<T>): T => {
  if ('unreadable' in read) throw new Error(read.unreadable);
  return read.value;
};
const brakesOf = (world: BrakeWorld): readonly string[] => decideBrakes(world).map(({ brake }) => brake);
const reasonsOf = (world: BrakeWorld): readonly string[] => decideBrakes(world).map(({ reason }) => reason);

const withWatch = (given: Partial<WatchFacts>, plan: Plan = planOf(), attempt = 1): BrakeWorld =>
  quiet(plan, { attempt, watch: { value: { ...known(quiet().watch), ...given } } });
const withPolicy = (given: Partial<PolicyStanding>, plan: Plan = planOf()): BrakeWorld => {
  const standing = known(quiet(plan).policy);
  if (!standing) throw new Error('the plan has no policy');
  return quiet(plan, { policy: { value: { ...standing, ...given } } });
};
const withHeal = (given: Partial<HealItem>, plan: Plan = planOf(), writer?: string): BrakeWorld => {
  const [standing] = known(quiet(plan).resources);
  if (!standing) throw new Error('the plan has no resource');
  return quiet(plan, {
    resources: { value: [{ ...standing, heal: { ...standing.heal, ...given }, writer }] },
  });
};
const check = (checkId: string, given: Partial<WatchFacts['checks'][number]> = {}) => ({
  checkId,
  name: `check ${checkId}`,
  status: 'unhealthy' as const,
  isPaused: false,
  ...given,
});

test('nothing holds a plan for an unhealthy check of a quiet deployment, nor a wish of a person', () => {
  expect(decideBrakes(quiet())).toEqual([]);
  expect(decideBrakes(quiet(byHand()))).toEqual([]);
});

describe('what cannot be read holds for a minute, whatever it is', () => {
  const unreadable = { unreadable: 'ProvisionedThroughputExceeded: slow down' };
  test.each([
    { read: 'stop', brakes: ['stop_switch'] },
    { read: 'policy', brakes: ['policy_exception', 'outside_window'] },
    { read: 'watch', brakes: ['parent_down', 'monitor_blind', 'unknown_status', 'mass_failure'] },
    { read: 'maintenance', brakes: ['maintenance'] },
    { read: 'need', brakes: ['blast_radius'] },
    { read: 'resources', brakes: ['attempts', 'cooldown', 'flapping', 'lease_held'] },
  ])('$read', ({ read, brakes }) => {
    const holds = decideBrakes(quiet(planOf(), { [read]: unreadable }));
    expect(holds.map(({ brake }) => brake)).toEqual(brakes);
    expect(holds.every(({ untilAt }) => untilAt === noon + minute)).toBe(true);
    expect(holds[0]?.reason).toContain('could not be read, so nothing is done: Provisioned');
  });
});

test('each brake is one of those that have a name', () => {
  const all = quiet(planOf(), {
    stop: { unreadable: 'x' },
    policy: { unreadable: 'x' },
    watch: { unreadable: 'x' },
    maintenance: { unreadable: 'x' },
    need: { unreadable: 'x' },
    resources: { unreadable: 'x' },
    optedIn: [],
  });
  const told = new Set(brakesOf(all));
  expect(brakeNames.filter((brake) => !told.has(brake))).toEqual(['policy_disabled']);
});

test('the stop switch holds everything, also what a person wants, and names who switched it on', () => {
  const stop = { value: { isOn: true, by: 'token:ann', reason: 'we move the data centre' } };
  for (const plan of [planOf(), byHand()]) {
    expect(reasonsOf(quiet(plan, { stop }))).toEqual([
      'All healing is stopped by token:ann: we move the data centre',
    ]);
  }
});

test('a kind of action that was not opted in at deploy is never applied', () => {
  expect(reasonsOf(quiet(planOf(), { optedIn: ['ec2-reboot'] }))).toEqual([
    "The action process-restart is not switched on: add it to `actions` of the stack's configuration and deploy.",
  ]);
});

describe('the policy of today', () => {
  const none = { kind: 'none', reason: 'Policy healing: it is to be told, and nothing else.' } as const;
  const remedy = known(quiet().policy)?.decision;
  if (remedy?.kind !== 'remedy') throw new Error('the quiet world has a remedy');
  const manual = { ...remedy.remedy.approval, mode: 'manual', people: 2 } as const;
  test.each<{ rule: string; given: Partial<PolicyStanding>; reason: RegExp }>([
    { rule: 'removed', given: { record: undefined }, reason: /was removed since the plan was made/ },
    {
      rule: 'removed a while ago',
      given: { record: { ...recordOf(healing), deletedAt: 1 } },
      reason: /removed/,
    },
    {
      rule: 'switched off',
      given: { record: recordOf({ ...healing, isActive: false }, 2) },
      reason: /«healing» is switched off/,
    },
    { rule: 'would do nothing', given: { decision: none }, reason: /nothing would be done: Policy healing/ },
    {
      rule: 'another one decides',
      given: { decision: { ...remedy, policy: { id: 'p2', name: 'other', revision: 1 } } },
      reason: /«other» .* decides about it, and no longer «healing»/,
    },
    {
      rule: 'wants another kind of action',
      given: { kinds: ['docker-restart'] },
      reason: /wants restart today, and the plan would do process-restart/,
    },
    {
      rule: 'wants people to approve what was approved by itself',
      given: { decision: { ...remedy, remedy: { ...remedy.remedy, approval: manual } } },
      reason: /wants 2 people to approve it today/,
    },
  ])('holds the plan: $rule', ({ given, reason }) => {
    const holds = decideBrakes(withPolicy(given));
    expect(holds.map(({ brake }) => brake)).toEqual(['policy_disabled']);
    expect(holds[0]?.reason).toMatch(reason);
    expect(holds[0]?.untilAt).toBeUndefined();
  });

  test('a newer revision that would do the same does not hold it', () => {
    expect(decideBrakes(withPolicy({ record: recordOf(healing, 7) }))).toEqual([]);
  });

  test('an exception holds until it ends, and says why; what a person wants is not excepted', () => {
    const exception = { resource: 'we*', reason: 'the vendor looks at it', untilAt: noon + day };
    const record = recordOf({ ...healing, exceptions: [exception] }, 2);
    const decision = { kind: 'none', reason: 'we* is excepted' } as const;
    expect(decideBrakes(withPolicy({ record, decision }))).toEqual([
      {
        brake: 'policy_exception',
        reason:
          'web is excepted from the policy «healing» until 2027-01-16T08:00:00.000Z: the vendor looks at it',
        untilAt: noon + day,
      },
    ]);
    const wished = planOf({ occasion: { ...planOf().occasion, ...asked } });
    expect(brakesOf(withPolicy({ record, decision: undefined }, wished))).toEqual([]);
    const over = recordOf({ ...healing, exceptions: [{ ...exception, untilAt: noon }] }, 2);
    expect(brakesOf(withPolicy({ record: over }))).toEqual([]);
  });

  test('outside of its windows nothing runs by itself', () => {
    const window = {
      brake: 'outside_window',
      reason: 'Nothing runs fri 18:00–24:00 (UTC).',
      untilAt: noon + hour,
    } as const;
    expect(decideBrakes(withPolicy({ window }))).toEqual([window]);
  });
});

test('maintenance holds what runs by itself, and not a person who works there, nor growing', () => {
  const maintenance = { value: { name: 'Maintenance «new rack»', untilAt: noon + 20 * minute } };
  expect(decideBrakes(quiet(planOf(), { maintenance }))).toEqual([
    {
      brake: 'maintenance',
      reason: 'Maintenance «new rack»: what happens now is expected.',
      untilAt: noon + 20 * minute,
    },
  ]);
  expect(brakesOf(quiet(byHand(), { maintenance }))).toEqual([]);
  const scaling = planOf({ policy: null, occasion: { ...planOf().occasion, kind: 'scaling', checkIds: [] } });
  expect(brakesOf(quiet(scaling, { maintenance }))).toEqual([]);
});

describe('a parent that is down holds its children', () => {
  const parentDown = { checkId: 'gate', name: 'the gateway' };
  const both = planOf({ occasion: { ...planOf().occasion, checkIds: ['c1', 'c2'] } });
  test.each([
    { rule: 'the only check has one', checks: [check('c1', { parentDown })], plan: planOf(), held: true },
    {
      rule: 'all of two have one',
      checks: [check('c1', { parentDown }), check('c2', { parentDown })],
      plan: both,
      held: true,
    },
    {
      rule: 'not when one is in trouble of its own',
      checks: [check('c1', { parentDown }), check('c2')],
      plan: both,
      held: false,
    },
    {
      rule: 'not when the parent itself is what is healed',
      checks: [check('c1'), check('c2', { parentDown: { checkId: 'c1', name: 'check c1' } })],
      plan: both,
      held: false,
    },
    {
      rule: 'though the parent is healed too, its own parent is down',
      checks: [check('c1', { parentDown }), check('c2', { parentDown: { checkId: 'c1', name: 'check c1' } })],
      plan: both,
      held: true,
    },
  ])('$rule', ({ checks, plan, held }) => {
    expect(brakesOf(withWatch({ checks }, plan))).toEqual(held ? ['parent_down'] : []);
  });
});

describe('what the monitor does not know', () => {
  test('blind: nothing is healed; a person may try once, and not again', () => {
    const blind = [{ network: 'public', since: noon - minute }];
    expect(reasonsOf(withWatch({ blind }))).toEqual([
      'The monitor is blind (public) since 2027-01-15T07:59:00.000Z: neither targets nor canaries answer, so nobody knows what is down.',
    ]);
    expect(brakesOf(withWatch({ blind }, byHand()))).toEqual([]);
    expect(brakesOf(withWatch({ blind }, byHand(), 2))).toEqual(['monitor_blind']);
  });

  test.each([
    { rule: 'unknown never heals', checks: [check('c1', { status: 'unknown' })], held: true },
    {
      rule: 'a check that is gone is unknown, and a paused one',
      checks: [check('c1', { status: 'unknown', isPaused: true })],
      held: true,
    },
    { rule: 'unhealthy heals', checks: [check('c1')], held: false },
  ])('$rule', ({ checks, held }) => {
    expect(brakesOf(withWatch({ checks }))).toEqual(held ? ['unknown_status'] : []);
  });

  test('nothing is tried again whose success nobody could see', () => {
    const checks = [check('c1', { status: 'unknown' })];
    expect(brakesOf(withWatch({ checks }, byHand(), 1))).toEqual([]);
    expect(brakesOf(withWatch({ checks }, byHand(), 2))).toEqual(['unknown_status']);
  });
});

describe('the breaker opens when at least three checks and half of a deployment fail at once (fault 15)', () => {
  test.each([
    { failing: 3, total: 6, held: true },
    { failing: 3, total: 3, held: true },
    { failing: 2, total: 2, held: false },
    { failing: 3, total: 7, held: false },
    { failing: 50, total: 100, held: true },
  ])('$failing of $total: $held', ({ failing, total, held }) => {
    const names = Array.from({ length: failing }, (_, at) => `c${at}`);
    expect(brakesOf(withWatch({ failing: names, total }))).toEqual(held ? ['mass_failure'] : []);
  });

  test('but a release that broke all of it is rolled back, and what a person or a scaling rule wants is done', () => {
    const { occasion } = planOf();
    for (const kind of ['release', 'asked', 'undo', 'scaling'] as const) {
      const plan = planOf({ policy: null, occasion: { ...occasion, kind } });
      expect(brakesOf(withWatch({ failing: ['a', 'b', 'c'], total: 3 }, plan))).toEqual([]);
    }
  });
});

describe('the memory of a resource', () => {
  const other = (at: number, planHash = 'other') => ({ planHash, attempt: 1, at });
  const verdict = (given: Partial<Verdict>): Verdict => ({
    planHash: 'other',
    workflow: 'heal',
    occasion: 'unhealthy',
    status: 'succeeded',
    at: noon - hour,
    ...given,
  });

  test('attempts within an hour, over all plans, also of people (fault 12)', () => {
    const attempts = [other(noon - 50 * minute), other(noon - 30 * minute), other(noon - minute)];
    for (const plan of [planOf(), byHand()]) {
      expect(decideBrakes(withHeal({ attempts }, plan))).toEqual([
        {
          brake: 'attempts',
          reason:
            'web was changed 3 times within an hour, and 3 are allowed: it is not changed again before 2027-01-15T08:10:00.000Z, whoever asks.',
        },
      ]);
    }
    expect(brakesOf(withHeal({ attempts: attempts.slice(1) }))).toEqual([]);
    expect(brakesOf(withHeal({ attempts: [other(noon - hour), ...attempts.slice(1)] }))).toEqual([]);
  });

  test('an attempt is not counted against itself when it asks twice; the one before it is', () => {
    const plan = planOf({ brakes: { ...healing.brakes, attemptsPerHour: 1 } });
    expect(brakesOf(withHeal({ attempts: [{ planHash: plan.hash, attempt: 1, at: noon }] }, plan))).toEqual(
      [],
    );
    const second = {
      ...withHeal({ attempts: [{ planHash: plan.hash, attempt: 1, at: noon }] }, plan),
      attempt: 2,
    };
    expect(brakesOf(second)).toEqual(['attempts']);
  });

  test('no attempts per hour means none', () => {
    const plan = planOf({ brakes: { ...healing.brakes, attemptsPerHour: 0 } });
    expect(reasonsOf(quiet(plan))).toEqual(['No attempt at web is allowed: attempts per hour is 0.']);
  });

  test('a cooldown holds until it ends, and not what a person wants', () => {
    const heal = { cooldownUntil: noon + 90 * second };
    expect(decideBrakes(withHeal(heal))).toEqual([
      {
        brake: 'cooldown',
        reason: 'web was changed a short while ago and is left alone for 90 s more.',
        untilAt: noon + 90 * second,
      },
    ]);
    expect(brakesOf(withHeal(heal, byHand()))).toEqual([]);
    expect(brakesOf(withHeal({ cooldownUntil: noon }))).toEqual([]);
  });

  test('an outcome that nobody knows keeps all that runs by itself away for a day, until a person was there', () => {
    const unknown = verdict({ status: 'unknown', at: noon - 5 * hour });
    expect(decideBrakes(withHeal({ verdicts: [unknown] }))).toEqual([
      {
        brake: 'cooldown',
        reason:
          'Nobody knows how the plan other left web: a person looks at it before anything more is done.',
        untilAt: noon + 19 * hour,
      },
    ]);
    const looked = verdict({ occasion: 'asked', at: noon - 4 * hour });
    expect(brakesOf(withHeal({ verdicts: [unknown, looked] }))).toEqual([]);
    expect(brakesOf(withHeal({ verdicts: [unknown, { ...looked, status: 'failed' }] }))).toEqual([
      'cooldown',
    ]);
    expect(brakesOf(withHeal({ verdicts: [unknown] }, byHand()))).toEqual([]);
  });

  test('put right three times within a day and wrong again: it flaps, and who writes it is named', () => {
    const verdicts = [22, 10, 2].map((hours) => verdict({ planHash: `p${hours}`, at: noon - hours * hour }));
    expect(
      reasonsOf(withHeal({ verdicts }, planOf(), 'arn:aws:iam::123456789012:user/bob (PutRule)')),
    ).toEqual([
      'web was put right 3 times within a day and is wrong again. It was last written by arn:aws:iam::123456789012:user/bob (PutRule): settle it there.',
    ]);
    expect(reasonsOf(withHeal({ verdicts }))).toEqual([
      'web was put right 3 times within a day and is wrong again. Find out what makes it so.',
    ]);
    expect(brakesOf(withHeal({ verdicts }, byHand()))).toEqual([]);
  });

  test.each([
    { rule: 'longer ago than a day', change: { at: noon - day } },
    { rule: 'that did not help', change: { status: 'failed' as const } },
    { rule: 'of another workflow', change: { workflow: 'cost' as const } },
    { rule: 'that a person wanted', change: { occasion: 'asked' as const } },
    { rule: 'of a scaling rule', change: { occasion: 'scaling' as const } },
  ])('a remedy $rule does not count for flapping', ({ change }) => {
    const verdicts = [1, 2, 3].map((n) =>
      verdict({ planHash: `p${n}`, at: noon - n * hour, ...(n === 1 && change) }),
    );
    expect(brakesOf(withHeal({ verdicts }))).toEqual([]);
  });

  test('a lease of another plan holds until it ends, one of the plan itself does not', () => {
    const plan = planOf();
    const lease = { planHash: 'a'.repeat(64), attempt: 1, untilAt: noon + minute };
    expect(decideBrakes(withHeal({ lease }, plan))).toEqual([
      {
        brake: 'lease_held',
        reason: 'web is being changed by the plan aaaaaaaaaaaa.',
        untilAt: noon + minute,
      },
    ]);
    expect(brakesOf(withHeal({ lease }, byHand()))).toEqual(['lease_held']);
    expect(brakesOf(withHeal({ lease: { ...lease, planHash: plan.hash } }, plan))).toEqual([]);
    expect(brakesOf(withHeal({ lease: { ...lease, untilAt: noon } }, plan))).toEqual([]);
  });

  test('of several resources each is looked at', () => {
    const plan = planOf({ actions: [restart('a'), restart('b')] });
    const resources = known(quiet(plan).resources).map((standing, at) => ({
      ...standing,
      heal: { ...standing.heal, cooldownUntil: noon + at * minute },
    }));
    expect(
      decideBrakes(quiet(plan, { resources: { value: resources } })).map(({ reason }) => reason),
    ).toEqual(['b was changed a short while ago and is left alone for 1 min more.']);
  });
});
