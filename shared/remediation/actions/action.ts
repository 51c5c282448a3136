import type * as z from 'zod';
import type { DeploymentResource, ResourceType } from '../../catalog/index.ts';
import type { RemedyAction } from '../../policies/index.ts';
import type { Json, PlannedAction, Undo } from '../plan.ts';
import type { ActionPorts } from './ports.ts';

/** What was read of the world for one action. */
export type Image = {
  /** Only what the action changes or depends on, without instants and counters that change by themselves. */
  readonly before: Json;
  /** ARNs that the session which applies it is narrowed to, by IAM action. */
  readonly permissions: PlannedAction['permissions'];
  /** What the configuration of the deployment may list to opt this resource in; left out of what is not of AWS. */
  readonly arn?: string | undefined;
  /** Its tags in AWS; left out where the service does not tell them with the resource: then only its ARN opts it in. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
};

export type Proposal = {
  readonly expected: Json;
  readonly undo?: Undo | undefined;
  readonly summary: string;
  readonly risk: PlannedAction['risk'];
};

/** `unchanged` is a first-class answer: the world is as wanted already. */
export type Proposed = Proposal | { readonly refused: string } | { readonly unchanged: string };

export type ActionVerdict = {
  readonly state: 'pending' | 'verified' | 'failed';
  readonly reason: string;
  readonly after: Json;
};

/**
 * A kind of action: one file and one line in the registry. Reading works with read-only permissions; only `apply` runs
 * with the role of the kind. Every function throws `ActionRefused` (nothing was changed, for sure) or anything else
 * (which after the first changing call means: nobody knows).
 */
export type Action = {
  /** Types of resources that it can change. */
  readonly resourceTypes: readonly ResourceType[];
  /** Which generic verbs of policies mean this kind, for its types. */
  readonly verbs: readonly RemedyAction[];
  /** Never by itself, whatever a policy says. */
  readonly manualOnly?: true;
  readonly params: (zod: typeof z) => z.ZodType<Readonly<Record<string, Json>>>;
  read(
    ports: ActionPorts,
    resource: DeploymentResource,
    params: Readonly<Record<string, Json>>,
  ): Promise<Image>;
  /** Pure. */
  propose(image: Json, resource: DeploymentResource, params: Readonly<Record<string, Json>>): Proposed;
  /**
   * Makes the change; the calls are recorded by the ports. A first look at the world is not its business. `keep` takes
   * what verification finds the begun work by (an execution's id); it is kept with the attempt.
   */
  apply(ports: ActionPorts, planned: PlannedAction, keep: (receipt: Json) => void): Promise<void>;
  /** Whether the world shows what was expected; `pending` while it still works. */
  verify(
    ports: ActionPorts,
    planned: PlannedAction,
    appliedAt: number,
    receipt: Json | undefined,
  ): Promise<ActionVerdict>;
};

export { ActionRefused, ReadFailed } from '../../platform/aws/actions/calls.ts';
