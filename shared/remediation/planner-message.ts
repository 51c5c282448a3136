import { type ActionKind, actionKinds } from '../platform/action-kinds.ts';
import type { FunctionClient } from '../platform/aws/function.aws.ts';
import type { Json, Plan } from './plan.ts';
import { isSound } from './plan-hash.ts';
import { isRefused, type PlanRefused, type PlanRequest } from './plan-request.ts';

/** Of one resource of a deployment, what a kind of action finds there now. */
export type ImageRequest = {
  readonly deploymentId: string;
  /** As the deployment names it. */
  readonly resource: string;
  readonly kind: ActionKind;
};

/**
 * What the function `planner` is invoked with. A `plan` is answered by a plan or why there is none, a `read` by the
 * before-image or why there is none.
 */
export type PlannerMessage =
  | { readonly kind: 'plan'; readonly request: PlanRequest }
  | { readonly kind: 'read'; readonly request: ImageRequest };

/** Throws for what is no request of ours: only functions of the stack can invoke the planner. */
export const parsePlannerMessage = (payload: unknown): PlannerMessage => {
  const { kind, request } = fieldsOf(payload);
  if (kind === 'read') return { kind, request: imageRequestOf(request) };
  if (kind !== 'plan') throw new Error(`the planner was asked for the unknown kind ${String(kind)}`);
  const { deploymentId, workflow, madeBy, resources, occasion, remedy } = fieldsOf(request);
  const named = [deploymentId, workflow, madeBy].every((name) => typeof name === 'string' && name !== '');
  if (!named || !Array.isArray(resources) || typeof fieldsOf(occasion).id !== 'string')
    throw new Error('the request names no deployment, workflow, occasion or resources');
  if (typeof fieldsOf(remedy).approval !== 'object')
    throw new Error('the request does not say how it is approved');
  return { kind, request: request as PlanRequest };
};

const imageRequestOf = (request: unknown): ImageRequest => {
  const { deploymentId, resource, kind } = fieldsOf(request);
  const known = actionKinds.find((one) => one === kind);
  if (typeof deploymentId !== 'string' || typeof resource !== 'string' || !known)
    throw new Error('the request names no deployment, resource or kind of action');
  return { deploymentId, resource, kind: known };
};

const fieldsOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

/** Has the planner look at the world. Throws when it failed, and for an answer that is no sound plan. */
export const invokePlanner = async (
  planner: Pick<FunctionClient, 'invoke'>,
  request: PlanRequest,
): Promise<Plan | PlanRefused> => {
  const message: PlannerMessage = { kind: 'plan', request };
  const answer = (await planner.invoke(message)) as Plan | PlanRefused | undefined;
  if (typeof answer !== 'object' || answer === null) throw new Error('the planner gave no answer');
  if (!isRefused(answer) && !isSound(answer)) throw new Error('the planner gave a plan with a wrong hash');
  return answer;
};

/** What is there now of one resource. Throws when the planner failed; a refusal is a sentence. */
export const invokeReader = async (
  planner: Pick<FunctionClient, 'invoke'>,
  request: ImageRequest,
): Promise<{ readonly image: Json } | PlanRefused> => {
  const message: PlannerMessage = { kind: 'read', request };
  const answer = (await planner.invoke(message)) as { readonly image: Json } | PlanRefused | undefined;
  if (typeof answer !== 'object' || answer === null) throw new Error('the planner gave no answer');
  return answer;
};
