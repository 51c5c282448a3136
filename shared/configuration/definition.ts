import type { DeploymentDefinition } from '../catalog/index.ts';
import { type CheckDefinition, type Owner, type WrittenCheck, writtenOf } from '../health/index.ts';

/** A check as it goes over the wire: as people write it, durations in seconds, every default filled in. */
export type CheckFields = WrittenCheck;

/** Something that people define: its kind, what it is called, and its fields as the API takes them. */
export type Defined =
  | { readonly kind: 'deployment'; readonly name: string; readonly definition: DeploymentDefinition }
  | { readonly kind: 'check'; readonly name: string; readonly definition: CheckFields };

/** What the API holds, and who may change it. */
export type Held = Defined & { readonly managedBy: Owner };

export const definedCheck = (check: CheckDefinition): Defined => checkOf(writtenOf(check));

/** From a view, which has more fields than a definition. */
export const checkOf = (view: CheckFields): Defined & { kind: 'check' } => ({
  kind: 'check',
  name: `${view.deploymentId}/${view.name}`,
  definition: {
    deploymentId: view.deploymentId,
    name: view.name,
    type: view.type,
    target: view.target,
    interval: view.interval,
    timeout: view.timeout,
    retries: view.retries,
    failureThreshold: view.failureThreshold,
    successThreshold: view.successThreshold,
    ...(view.degradedAbove !== undefined && { degradedAbove: view.degradedAbove }),
    ...(view.conditions && { conditions: view.conditions }),
    ...(view.parent && { parent: view.parent }),
    ...(view.maintenance && { maintenance: view.maintenance }),
    ...(view.isPublic && { isPublic: true }),
    network: view.network,
    tags: view.tags,
    config: view.config,
    isActive: view.isActive,
  },
});

export const deploymentOf = (view: DeploymentDefinition): Defined & { kind: 'deployment' } => ({
  kind: 'deployment',
  name: view.deploymentId,
  definition: {
    deploymentId: view.deploymentId,
    blueprintId: view.blueprintId,
    environment: view.environment,
    monitoringConfig: view.monitoringConfig,
  },
});

/** Deployments first: a check is refused while its deployment is not there. */
export const definedIn = (configuration: {
  readonly deployments: readonly DeploymentDefinition[];
  readonly checks: readonly CheckDefinition[];
}): readonly Defined[] => [
  ...configuration.deployments.map(deploymentOf),
  ...configuration.checks.map(definedCheck),
];
