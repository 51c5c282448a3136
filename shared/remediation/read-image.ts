import { type DeploymentResource, readDeployment } from '../catalog/index.ts';
import { resourcesOf } from '../findings/index.ts';
import type { Table } from '../storage/index.ts';
import type { Actions } from './action-for.ts';
import { ActionRefused } from './actions/action.ts';
import type { ActionPorts } from './actions/ports.ts';
import type { Json, Plan, PlannedAction } from './plan.ts';

export type ImageWorld = {
  readonly state: Pick<Table, 'get'>;
  readonly actions: Actions;
  /** With read-only permissions; new ones for each action. */
  readonly openPorts: () => ActionPorts;
};

/** What the action's own reading shows now. Throws `ActionRefused` when there is nothing to read any more. */
export const readImage = async (
  world: ImageWorld,
  plan: Plan,
  { kind, resource, params, before }: PlannedAction,
): Promise<Json> => {
  const action = world.actions[kind];
  if (!action) throw new ActionRefused(`there is no action ${kind} any more`);
  const deployment = (await readDeployment(world.state, plan.deploymentId))?.definition;
  const listed =
    deployment &&
    resourcesOf(deployment).find(({ type, id }) => type === resource.type && id === resource.id);
  const image = await action.read(world.openPorts(), listed ?? unlisted(resource, before), params);
  return image.before;
};

/** What no deployment lists, a finding named with its type, which stands in what was read of it. */
const unlisted = (resource: DeploymentResource, before: Json): DeploymentResource => {
  const typeName =
    typeof before === 'object' && before !== null && 'typeName' in before ? before.typeName : undefined;
  return typeof typeName === 'string' ? { ...resource, settings: { typeName } } : resource;
};
