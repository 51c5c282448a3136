import * as z from 'zod';
import type { DeploymentResource } from '../../../../shared/catalog/index.ts';
import type { ActionKind } from '../../../../shared/platform/action-kinds.ts';
import type { Action } from '../../../../shared/remediation/actions/action.ts';
import type { ActionPorts } from '../../../../shared/remediation/actions/ports.ts';
import { actionRegistry } from '../../../../shared/remediation/actions/registry.ts';
import type { Json, PlannedAction } from '../../../../shared/remediation/index.ts';

/** Plans one action as the planner does: parameters, before-image, proposal. */
export const planOne = async (
  ports: ActionPorts,
  kind: ActionKind,
  resource: DeploymentResource,
  given: Readonly<Record<string, Json>> = {},
): Promise<PlannedAction | { readonly refused: string } | { readonly unchanged: string }> => {
  const action: Action = actionRegistry[kind];
  const params = action.params(z).parse(given);
  const image = await action.read(ports, resource, params);
  const proposed = action.propose(image.before, resource, params);
  if (!('expected' in proposed)) return proposed;
  const { name, type, id } = resource;
  return { kind, resource: { name, type, id }, params, ...image, ...proposed };
};

/** Throws when there is nothing to do. */
export const planned = async (...args: Parameters<typeof planOne>): Promise<PlannedAction> => {
  const plan = await planOne(...args);
  if ('kind' in plan) return plan;
  throw new Error(JSON.stringify(plan));
};

/** Applies it, and returns what was kept for the verification. */
export const applied = async (ports: ActionPorts, plan: PlannedAction): Promise<Json | undefined> => {
  let receipt: Json | undefined;
  await actionRegistry[plan.kind].apply(ports, plan, (kept) => {
    receipt = kept;
  });
  return receipt;
};

export const verified = (
  ports: ActionPorts,
  plan: PlannedAction,
  receipt: Json | undefined,
  appliedAt = 0,
) => {
  const action: Action = actionRegistry[plan.kind];
  return action.verify(ports, plan, appliedAt, receipt);
};
