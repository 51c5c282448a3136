import type { Plan } from '../../shared/remediation/plan.ts';
import { withHash } from '../../shared/remediation/plan-hash.ts';
import { propose } from '../../shared/remediation/propose.ts';
import type { Remediation } from '../../shared/remediation/remediation.ts';
import type { Table } from '../../shared/storage/index.ts';

let plans = 0;

/** A plan that nobody else has: restarts the tasks of `web`. */
export const planFor = (given: Partial<Omit<Plan, 'hash'>> = {}): Plan =>
  withHash({
    workflow: 'heal',
    deploymentId: 'shop',
    environment: 'production',
    occasion: {
      kind: 'asked',
      id: `wish-${++plans}`,
      occurrence: '1',
      title: 'web answers 503',
      severity: 'error',
      checkIds: [],
    },
    policy: { id: 'p1', name: 'four eyes', revision: 3, section: 'health_remediation.unhealthy_service' },
    actions: [
      {
        kind: 'ecs-scale',
        resource: { name: 'web', type: 'ecs-service', id: 'main/web' },
        params: { desired: 4 },
        summary: 'Set main/web from 2 to 4 tasks.',
        before: { desired: 2, deployment: { status: 'PRIMARY', image: 'web:41' } },
        expected: { desired: 4, deployment: { status: 'PRIMARY', image: 'web:41' } },
        undo: { kind: 'ecs-scale', params: { desired: 2 } },
        risk: 'medium',
        permissions: [
          {
            actions: ['ecs:UpdateService'],
            resources: ['arn:aws:ecs:eu-central-1:123456789012:service/main/web'],
          },
        ],
      },
    ],
    approval: { mode: 'manual', people: 1, by: [], anotherPerson: false, expiresSeconds: 3600 },
    limits: {},
    brakes: { attemptsPerHour: 3, cooldownSeconds: 300, flapsPerDay: 3 },
    attempts: { max: 3, backoff: 'exponential' },
    verification: { checkIds: ['c1'], afterSeconds: 30, deadlineSeconds: 330 },
    madeAt: Date.now(),
    madeBy: 'policy:four eyes',
    ...given,
  });

/** Keeps a plan that waits for people, as the responder does. `at`: when that was. */
export const putPlan = (
  state: Table,
  given: Partial<Omit<Plan, 'hash'>> = {},
  at = Date.now(),
): Promise<Remediation> =>
  propose(
    {
      state,
      bus: { publish: async (events) => events.map(({ detail }) => detail.id) },
      clock: () => at,
      newId: () => `attempt-${++plans}`,
      place: { accountId: '123456789012', region: 'eu-central-1' },
      onTrouble: (what, error) => {
        throw new Error(what, { cause: error });
      },
    },
    planFor({ madeAt: at, ...given }),
  );
