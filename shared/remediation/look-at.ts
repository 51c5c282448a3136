import { readDeployment } from '../catalog/index.ts';
import { resourceNamed } from '../findings/index.ts';
import { ActionRefused, ReadFailed } from './actions/action.ts';
import type { PlanWorld } from './make-plan.ts';
import type { Json } from './plan.ts';
import type { PlanRefused } from './plan-request.ts';
import type { ImageRequest } from './planner-message.ts';

/** What one kind of action finds at a resource now. Reads, changes nothing; only kinds that were opted in may look. */
export const lookAt = async (
  { state, actions, optedIn, openPorts }: PlanWorld,
  { deploymentId, resource: name, kind }: ImageRequest,
): Promise<{ readonly image: Json } | PlanRefused> => {
  const deployment = await readDeployment(state, deploymentId);
  const resource = deployment && resourceNamed(deployment.definition, name);
  if (!resource) return { refused: `${deploymentId} has no resource ${name}.` };
  const action = actions[kind];
  if (!action?.resourceTypes.includes(resource.type))
    return { refused: `The action ${kind} cannot change ${resource.type} (${name}).` };
  if (!optedIn.includes(kind)) {
    return {
      refused: `The action ${kind} was not opted in: add it to "actions" in the configuration of the stack and deploy.`,
    };
  }
  try {
    // To look needs no parameter: each kind has them optional, or they only name a wish.
    return { image: (await action.read(openPorts(), resource, {})).before };
  } catch (error) {
    if (error instanceof ActionRefused || error instanceof ReadFailed)
      return { refused: `${name}: ${error.message}` };
    throw error;
  }
};
