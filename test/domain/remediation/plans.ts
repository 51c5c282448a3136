import type { PolicyDefinition, PolicyRecord } from '../../../shared/policies/index.ts';
import type { BrakeWorld } from '../../../shared/remediation/brake-facts.ts';
import { untouched } from '../../../shared/remediation/heal-item.ts';
import type { Plan, PlannedAction } from '../../../shared/remediation/plan.ts';
import { withHash } from '../../../shared/remediation/plan-hash.ts';
import { resourcesOf } from '../../../shared/remediation/resource-key.ts';

export const noon = 1_800_000_000_000;
export const second = 1000;
export const minute = 60_000;
export const hour = 3_600_000;
export const day = 86_400_000;

/** Restarts a process; its image is whether it runs. */
export const restart = (name = 'web', given: Partial<PlannedAction> = {}): PlannedAction => ({
  kind: 'process-restart',
  resource: { name, type: 'process', id: name },
  params: {},
  summary: `Restarts the process ${name}.`,
  before: { isRunning: false },
  expected: { isRunning: true },
  risk: 'low',
  permissions: [],
  ...given,
});

export const unhealthyRemedy = {
  action: 'restart',
  approval: { mode: 'auto', people: 1, by: [], anotherPerson: false, expiresSeconds: 3600 },
  maxAttempts: 3,
  backoff: 'exponential',
  waitSeconds: 30,
} as const;

export const healing: PolicyDefinition = {
  name: 'healing',
  isActive: true,
  selector: { deployments: [], environments: [], tags: {} },
  healthRemediation: { enabled: true, unhealthyService: unhealthyRemedy },
  windows: [],
  limits: {},
  brakes: { attemptsPerHour: 3, cooldownSeconds: 300, flapsPerDay: 3 },
  exceptions: [],
};

export const recordOf = (definition: PolicyDefinition, revision = 1): PolicyRecord => ({
  id: 'p1',
  definition,
  revision,
  managedBy: 'api',
  createdAt: 0,
  updatedAt: 0,
});

/** A plan that restarts `web` of the deployment `shop` because its check `c1` is unhealthy. */
export const planOf = (given: Partial<Omit<Plan, 'hash'>> = {}): Plan =>
  withHash({
    workflow: 'heal',
    deploymentId: 'shop',
    environment: 'prod',
    occasion: {
      kind: 'unhealthy',
      id: 'f'.repeat(32),
      occurrence: '1',
      title: 'web is unhealthy',
      severity: 'error',
      checkIds: ['c1'],
    },
    policy: { id: 'p1', name: 'healing', revision: 1, section: 'health_remediation.unhealthy_service' },
    actions: [restart()],
    approval: unhealthyRemedy.approval,
    limits: {},
    brakes: healing.brakes,
    attempts: { max: 3, backoff: 'exponential' },
    verification: { checkIds: ['c1'], afterSeconds: 30, deadlineSeconds: 300 },
    madeAt: noon,
    madeBy: 'policy:healing',
    ...given,
  });

export const asked = { kind: 'asked', id: 'w1', occurrence: '1' } as const;
export const byHand = (given: Partial<Omit<Plan, 'hash'>> = {}): Plan =>
  planOf({ policy: null, occasion: { ...planOf().occasion, ...asked, checkIds: [] }, ...given });

/** As quiet as can be: `c1` is unhealthy, and nothing holds the plan. */
export const quiet = (plan: Plan = planOf(), given: Partial<BrakeWorld> = {}): BrakeWorld => ({
  now: noon,
  plan,
  attempt: 1,
  stop: { value: { isOn: false } },
  optedIn: ['process-restart', 'cloudcontrol-patch', 'asg-scale', 'ecs-rollback'],
  finding: { value: undefined },
  policy: {
    value:
      (plan.policy && {
        record: recordOf(healing),
        decision: {
          kind: 'remedy',
          policy: { id: 'p1', name: 'healing', revision: 1 },
          section: plan.policy.section,
          remedy: unhealthyRemedy,
          limits: plan.limits,
          brakes: healing.brakes,
          reason: 'it does',
        },
        kinds: ['process-restart'],
        window: undefined,
      }) ||
      undefined,
  },
  watch: {
    value: {
      checks: [{ checkId: 'c1', name: 'home page', status: 'unhealthy', isPaused: false }],
      total: 4,
      failing: ['home page'],
      blind: [],
    },
  },
  maintenance: { value: undefined },
  need: { value: { inNeed: [], changed: [], total: 4 } },
  resources: {
    value: resourcesOf(plan).map((resource) => ({ resource, heal: untouched(resource) })),
  },
  ...given,
});
