import type { DeploymentDefinition } from '../catalog/index.ts';
import type { Owner } from '../health/index.ts';
import type { ApiClient } from './client.ts';
import { type CheckFields, checkOf, deploymentOf, type Held } from './definition.ts';

type Owned<T> = T & { readonly managedBy: Owner };

export const checksPath = '/api/v1/monitoring/health-checks';
const deploymentsPath = '/api/v1/monitoring/deployments';

/** Everything that the token reaches, as it is defined now. */
export const readCurrent = async (client: ApiClient): Promise<readonly Held[]> => {
  const deployments = await client.list<Owned<DeploymentDefinition>>(deploymentsPath);
  const checks = await client.list<Owned<CheckFields>>(checksPath);
  return [
    ...deployments.map((view) => ({ ...deploymentOf(view), managedBy: view.managedBy })),
    ...checks.map((view) => ({ ...checkOf(view), managedBy: view.managedBy })),
  ];
};
