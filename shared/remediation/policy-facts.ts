import { readDeployment } from '../catalog/index.ts';
import { type Finding, resourceNamed, resourceOfCheck } from '../findings/index.ts';
import type { CheckRecord } from '../health/index.ts';
import {
  decidePolicy,
  type PolicyDecision,
  type PolicyRecord,
  type Remediable,
  windowHold,
} from '../policies/index.ts';
import type { Table } from '../storage/index.ts';
import { type Actions, kindIn } from './action-for.ts';
import type { PolicyStanding } from './brake-facts.ts';
import { natureOf } from './nature.ts';
import { unhealthyOf } from './need-facts.ts';
import type { Plan } from './plan.ts';

type Case = {
  readonly plan: Plan;
  readonly policies: readonly PolicyRecord[];
  readonly finding: Finding | undefined;
  readonly concerned: readonly CheckRecord[];
  /** Left out: nobody asks whether the remedy of today is still the same kind of action. */
  readonly actions?: Actions | undefined;
  readonly now: number;
};

/** What the plan's policy says today; undefined where no policy speaks of the plan. */
export const policyStanding = async (
  state: Pick<Table, 'get'>,
  asked: Case,
): Promise<PolicyStanding | undefined> => {
  const { plan, policies, actions, now } = asked;
  if (!plan.policy) return undefined;
  const { id } = plan.policy;
  const record = policies.find((one) => one.id === id);
  const decision = await decisionOfToday(state, asked);
  const window = record && windowHold(record.definition, now);
  return {
    record,
    decision,
    // What a release is rolled back by, it said itself.
    kinds:
      actions && decision?.kind === 'remedy' && natureOf(plan) === 'finding'
        ? kindsOf(actions, plan, decision)
        : undefined,
    window: window && {
      brake: 'outside_window',
      ...window,
      reason: `The policy «${plan.policy.name}» lets nothing run now: ${window.reason}`,
    },
  };
};

const kindsOf = (actions: Actions, plan: Plan, { remedy }: Extract<PolicyDecision, { kind: 'remedy' }>) =>
  plan.actions.flatMap(({ resource: { type } }) => kindIn(actions, { verb: remedy.action, type }) ?? []);

/** As releases ask when they finish. */
const failedRelease = ({ deploymentId, madeAt }: Plan): Remediable => ({
  kind: 'release',
  severity: 'error',
  resource: deploymentId,
  tags: {},
  details: {},
  openedAt: madeAt,
});

/** Undefined where it cannot be decided again: what a person wishes, a finding that nobody keeps. */
const decisionOfToday = async (
  state: Pick<Table, 'get'>,
  { plan, policies, finding, concerned, now }: Case,
): Promise<PolicyDecision | undefined> => {
  const definition = (await readDeployment(state, plan.deploymentId))?.definition;
  const decide = (remediable: Remediable, resource: ReturnType<typeof resourceNamed>) =>
    decidePolicy(policies, remediable, { deployment: definition, resource, now });
  if (finding) {
    return decide(finding, definition && resourceNamed(definition, finding.resource));
  }
  if (plan.occasion.kind === 'release') return decide(failedRelease(plan), undefined);
  const check = concerned.find(({ id }) => plan.occasion.checkIds.includes(id));
  if (plan.occasion.kind !== 'unhealthy' || !check) return undefined;
  const resource = definition && resourceOfCheck(definition, check.definition.name);
  return decide(unhealthyOf(check, resource?.name ?? check.definition.name, plan.madeAt), resource);
};
