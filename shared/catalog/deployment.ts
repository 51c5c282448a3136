import { canonicalJson } from '../platform/api/canonical.ts';
import { DomainError } from '../platform/errors.ts';
import { bucketOf } from '../platform/ids.ts';
import type { DeploymentResource } from './resource.ts';

/** A validated definition of a deployment. */
export type DeploymentDefinition = {
  readonly deploymentId: string;
  readonly blueprintId: string | null;
  readonly environment: string;
  readonly monitoringConfig: {
    readonly driftDetection: boolean;
    readonly healthChecks: boolean;
    readonly costMonitoring: boolean;
    readonly complianceMonitoring: boolean;
  };
  /** What it consists of, as far as actions can reach it. Left out when there is nothing: as before there were any. */
  readonly resources?: readonly DeploymentResource[] | undefined;
};

/** A deployment as the registry keeps it. */
export type DeploymentRecord = {
  readonly definition: DeploymentDefinition;
  readonly accountId: string;
  readonly region: string;
  /** Grows by one with each write; the ETag. */
  readonly revision: number;
  readonly managedBy: 'file' | 'api';
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Set when removed; the item then expires, and until then keeps the revision growing. */
  readonly deletedAt?: number;
};

/** Checks that name no deployment belong to this one; it is always there and needs no registration. */
export const defaultDeploymentId = 'default';

export const deploymentBuckets = 8;

/** Keys of the registry: `DEPLOYMENTS#<0–7>` / `<deploymentId>` in `state`. */
export const deploymentKey = (deploymentId: string) => ({
  pk: `DEPLOYMENTS#${bucketOf(deploymentId, deploymentBuckets)}`,
  sk: deploymentId,
});

export type DeploymentOutcome = 'created' | 'updated' | 'unchanged';

/**
 * What registering does to what is there: the same content again changes nothing, whoever owns it; other content
 * is written only by its owner.
 */
export const decideRegistration = (
  existing: DeploymentRecord | undefined,
  definition: DeploymentDefinition,
  owner: 'file' | 'api',
): DeploymentOutcome => {
  if (!existing || existing.deletedAt !== undefined) return 'created';
  if (canonicalJson(existing.definition) === canonicalJson(definition)) return 'unchanged';
  if (existing.managedBy !== owner)
    throw ownedElsewhere(`Deployment ${definition.deploymentId}`, existing.managedBy);
  return 'updated';
};

export const ownedElsewhere = (what: string, owner: 'file' | 'api'): DomainError =>
  new DomainError(
    'CONFLICT',
    owner === 'file'
      ? `${what} is managed by a file. Change it in its homeostat.yaml and apply that.`
      : `${what} is managed over the API. Change it there, or remove it there first.`,
  );
