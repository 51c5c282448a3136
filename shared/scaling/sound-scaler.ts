import {
  type DeploymentDefinition,
  type DeploymentResource,
  defaultDeploymentId,
  readDeployment,
} from '../catalog/index.ts';
import { noDeployment } from '../platform/api/caller.ts';
import { DomainError, type FieldFault } from '../platform/errors.ts';
import type { Table } from '../storage/table.ts';
import type { ScalerDefinition } from './scaler.ts';

/** Why the rule has nothing to scale among the deployment's resources; undefined when it has. */
export const targetFault = (
  { deploymentId, target }: Pick<ScalerDefinition, 'deploymentId' | 'target'>,
  resources: readonly DeploymentResource[],
): FieldFault | undefined => {
  const resource = resources.find(({ name }) => name === target.resource);
  const wanted = target.kind === 'lambda-concurrency' ? 'lambda-alias' : target.kind;
  if (resource?.type === wanted) return undefined;
  return {
    path: 'target.resource',
    message: resource
      ? `${target.resource} is of the type ${resource.type}; ${target.kind} scales one of the type ${wanted}.`
      : `The deployment ${deploymentId} has no resource of this name: add it to its \`resources\`, type ${wanted}.`,
  };
};

/**
 * The deployment must be there, and have the resource that is to be scaled, of the right type. `planned` are deployments
 * as they will be when the whole request is done. Throws NOT_FOUND, VALIDATION_ERROR.
 */
export const requireSoundScaler = async (
  { state }: { readonly state: Pick<Table, 'get'> },
  definition: ScalerDefinition,
  planned: readonly DeploymentDefinition[] = [],
): Promise<void> => {
  const { deploymentId } = definition;
  const coming = planned.find((one) => one.deploymentId === deploymentId);
  const deployment = coming ?? (await readDeployment(state, deploymentId))?.definition;
  if (!deployment && deploymentId !== defaultDeploymentId) throw noDeployment();
  const fault = targetFault(definition, deployment?.resources ?? []);
  if (fault) throw new DomainError('VALIDATION_ERROR', 'The scaling rule has nothing to scale.', [fault]);
};
