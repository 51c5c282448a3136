import type { DeploymentDefinition, DeploymentResource } from '../catalog/index.ts';
import { resourceNamed, resourcesOf } from '../findings/index.ts';
import { checkIdOf } from '../health/index.ts';
import type { ActionKind } from '../platform/action-kinds.ts';
import { canonicalJson } from '../platform/api/canonical.ts';
import type { RemedyAction } from '../policies/index.ts';
import { type Actions, kindIn, verbsOf } from './action-for.ts';
import type { Params, PlanRefused, PlanRequest, WantedResource } from './plan-request.ts';

/** One action that was asked for, before anybody looked at the world. */
export type Target = {
  readonly kind: ActionKind;
  readonly resource: DeploymentResource;
  readonly params: Params;
};

/** What need not stand in the deployment: a finding names it completely, and its own permissions guard it. */
const unlistedTypes = ['cloudcontrol-resource', 'orchestrator'];

/** What is to be changed by which kind of action, each resource once a kind; or why that cannot be said. */
export const targetsOf = (
  actions: Actions,
  deployment: DeploymentDefinition,
  request: PlanRequest,
): readonly Target[] | PlanRefused => {
  const wanted = request.resources.length > 0 ? request.resources : concerned(actions, deployment, request);
  if (wanted.length === 0) return { refused: nothingFound(deployment, request) };
  const targets = new Map<string, Target>();
  for (const one of wanted) {
    const target = targetOf(actions, deployment, request, one);
    if ('refused' in target) return target;
    const key = `${target.kind} ${target.resource.type} ${target.resource.id}`;
    const twin = targets.get(key);
    if (twin && canonicalJson(twin.params) !== canonicalJson(target.params))
      return { refused: `${target.resource.name} is named twice with different params: name it once.` };
    targets.set(key, target);
  }
  return [...targets.values()];
};

/** Nobody named a resource: those whose checks are in trouble, or all that the verb can change. */
const concerned = (
  actions: Actions,
  deployment: DeploymentDefinition,
  { action, occasion }: PlanRequest,
): readonly WantedResource[] => {
  if (action === undefined) return [];
  const all = resourcesOf(deployment);
  const changeable = all.filter(({ type }) => kindIn(actions, { verb: action, type }) !== undefined);
  if (occasion.checkIds.length === 0) return changeable.map((resource) => ({ resource: resource.name }));
  const isConcerned = ({ checks }: DeploymentResource): boolean =>
    checks === undefined
      ? all.length === 1
      : checks.some((name) => occasion.checkIds.includes(checkIdOf(deployment.deploymentId, name)));
  return changeable.filter(isConcerned).map((resource) => ({ resource: resource.name }));
};

const nothingFound = ({ deploymentId }: DeploymentDefinition, { action, occasion }: PlanRequest): string =>
  action === undefined
    ? 'No resource and no action are named.'
    : occasion.checkIds.length > 0
      ? `No resource of ${deploymentId} that ${action} can change names the failing checks: list it in the deployment's resources with its checks.`
      : `No resource of ${deploymentId} can be changed by ${action}: list it in the deployment's resources.`;

const targetOf = (
  actions: Actions,
  deployment: DeploymentDefinition,
  request: PlanRequest,
  { resource: named, kind: wantedKind, params }: WantedResource,
): Target | PlanRefused => {
  const resource = listedOf(deployment, named);
  if (!resource) {
    const name = typeof named === 'string' ? named : named.name;
    return {
      refused: `${name} is not one of the resources of ${deployment.deploymentId}: list it there to have it changed.`,
    };
  }
  const kind =
    wantedKind ?? (request.action && kindIn(actions, { verb: request.action, type: resource.type }));
  const action = kind && actions[kind];
  if (!kind || !action)
    return {
      refused: `There is no action for ${request.action ?? 'this'} of ${resource.type} (${resource.name}); there is one for ${verbsOf(actions, resource.type).join(', ') || 'nothing'}.`,
    };
  if (!action.resourceTypes.includes(resource.type))
    return { refused: `The action ${kind} cannot change ${resource.type} (${resource.name}).` };
  if (request.action && action.verbs.length > 0 && !action.verbs.some((verb) => covers(request.action, verb)))
    return { refused: `The action ${kind} is no ${request.action}: it is ${action.verbs.join(', ')}.` };
  return { kind, resource, params: { ...request.params, ...params } };
};

const sameListed = (deployment: DeploymentDefinition, named: Pick<DeploymentResource, 'type' | 'id'>) =>
  resourcesOf(deployment).find(({ type, id }) => type === named.type && id === named.id);

export const isListed = (deployment: DeploymentDefinition, resource: DeploymentResource): boolean =>
  sameListed(deployment, resource) !== undefined;

/**
 * Whose approval counts is decided by the section of policies that speaks of the verb: no kind is had by the verb of
 * another section. What else makes an unhealthy resource well stands in the same section as its restart.
 */
const covers = (asked: RemedyAction | undefined, verb: RemedyAction): boolean =>
  verb === asked || (asked === 'restart' && ['replace', 'reprovision', 'run'].includes(verb));

const listedOf = (
  deployment: DeploymentDefinition,
  named: WantedResource['resource'],
): DeploymentResource | undefined => {
  if (typeof named === 'string') return resourceNamed(deployment, named);
  const listed = sameListed(deployment, named);
  return listed ?? (unlistedTypes.includes(named.type) ? named : undefined);
};
