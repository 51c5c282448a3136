import type { DeploymentResource } from '../catalog/index.ts';
import type { ActionKind } from '../platform/action-kinds.ts';
import type { FieldFault } from '../platform/errors.ts';
import type { Approval, Brakes, Limits, PolicySection, Remedy, RemedyAction } from '../policies/index.ts';
import type { Json, Occasion, Plan, Workflow } from './plan.ts';

export type Params = Readonly<Record<string, Json>>;

/** What is to be changed. */
export type WantedResource = {
  /**
   * The name, id or ARN of one of the deployment's resources; or the resource itself, where the deployment need not list
   * it: only what Cloud Control can patch, or the team's orchestrator.
   */
  readonly resource: string | DeploymentResource;
  /** Which kind of action; of the verb and the resource's type when left out. */
  readonly kind?: ActionKind | undefined;
  /** Of this resource alone; they go over those of the whole request. */
  readonly params?: Params | undefined;
};

/** What the planner is asked for: all of it was decided before, the planner looks at the world. */
export type PlanRequest = {
  readonly occasion: Occasion;
  readonly deploymentId: string;
  readonly workflow: Workflow;
  /** Generic verb, or what the kinds of the resources say when each names its own. */
  readonly action?: RemedyAction | undefined;
  /** Empty: those whose checks the occasion names, else all of the deployment that the verb can change. */
  readonly resources: readonly WantedResource[];
  readonly params?: Params | undefined;
  /** Null: a person wishes it and no policy speaks of it. */
  readonly policy: {
    readonly id: string;
    readonly name: string;
    readonly revision: number;
    readonly section: PolicySection;
    readonly limits: Limits;
    readonly brakes: Brakes;
  } | null;
  /** Of a wish that no policy speaks of, in place of `defaultBrakes`. */
  readonly brakes?: Brakes | undefined;
  /** How it is approved and tried, where a policy says so; for a person's wish `defaultRemedy`. */
  readonly remedy: Pick<Remedy, 'approval' | 'maxAttempts' | 'backoff' | 'waitSeconds' | 'maxResources'>;
  readonly savingsUsdPerMonth?: number | undefined;
  readonly watch?: Plan['watch'];
  readonly undoOf?: string | undefined;
  /** `policy:<name>`, `token:<id>`, `admin` … */
  readonly madeBy: string;
};

/** Why there is no plan. `isUnchanged`: the world is as wanted already. */
export type PlanRefused = {
  readonly refused: string;
  readonly isUnchanged?: true | undefined;
  readonly fields?: readonly FieldFault[] | undefined;
};

export const isRefused = (answer: Plan | PlanRefused): answer is PlanRefused => 'refused' in answer;

/** Of a wish that no policy speaks of: one person with the scope operate approves it, it is tried once. */
export const defaultApproval: Approval = {
  mode: 'manual',
  people: 1,
  by: [],
  anotherPerson: false,
  expiresSeconds: 3600,
};
export const defaultRemedy: PlanRequest['remedy'] = {
  approval: defaultApproval,
  maxAttempts: 1,
  backoff: 'exponential',
  waitSeconds: 30,
};
