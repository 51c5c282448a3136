import type { Clock } from '../platform/clock.ts';
import type { Place } from '../platform/environment.ts';
import { DomainError } from '../platform/errors.ts';
import type { NewId } from '../platform/ids.ts';
import type { Pending } from '../platform/outbox/index.ts';
import type { Table } from '../storage/table.ts';
import {
  type DeploymentDefinition,
  type DeploymentOutcome,
  type DeploymentRecord,
  decideRegistration,
} from './deployment.ts';
import { loadDeployment, newDeployment, writeDeployment } from './registry.ts';

/** Writers that meet on one item decide again on what the other wrote; so many meet only when something is wrong. */
const attempts = 5;

export type Registration = {
  readonly outcome: DeploymentOutcome;
  readonly record: DeploymentRecord;
  /** What is to be published after the write. */
  readonly pending?: Pending;
};

/**
 * Registers a deployment, or brings it to what is wanted. `dryRun` decides and writes nothing.
 * Throws CONFLICT when another owner manages it with other content.
 */
export const registerDeployment = async (
  world: {
    readonly state: Pick<Table, 'get' | 'put' | 'update'>;
    readonly clock: Clock;
    readonly newId: NewId;
    readonly place: Place;
  },
  wanted: {
    readonly definition: DeploymentDefinition;
    readonly owner: 'file' | 'api';
    /** The principal who asks; the audit keeps it. */
    readonly by: string;
    readonly dryRun?: boolean;
  },
): Promise<Registration> => {
  const { owner } = wanted;
  const definition = withoutEmpty(wanted.definition);
  for (let attempt = 0; attempt < attempts; attempt++) {
    const stored = await loadDeployment(world.state, definition.deploymentId);
    const outcome = decideRegistration(stored?.record, definition, owner);
    if (outcome === 'unchanged' && stored) return { outcome, record: stored.record };
    const managedBy = outcome === 'updated' && stored ? stored.record.managedBy : owner;
    const record = newDeployment(stored?.record, {
      definition,
      managedBy,
      place: world.place,
      now: world.clock(),
    });
    if (wanted.dryRun) return { outcome, record };
    const pending = await writeDeployment(world.state, stored, record, {
      by: wanted.by,
      attempt: world.newId(),
    });
    if (pending) return { outcome, record, pending };
  }
  throw new DomainError(
    'CONFLICT',
    `Deployment ${definition.deploymentId} is being changed by many at once. Try again.`,
  );
};

/** No resources are the same whether they are left out or listed as none: deployments of before had no such field. */
const withoutEmpty = ({ resources, ...definition }: DeploymentDefinition): DeploymentDefinition =>
  resources === undefined || resources.length === 0 ? definition : { ...definition, resources };
