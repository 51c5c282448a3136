import { rulesFor } from '../alerting/api.ts';
import {
  type DeploymentRecord,
  loadAllNamed,
  loadDeployment,
  ownedElsewhere,
  writeDeployment,
} from '../catalog/index.ts';
import { checksIn } from '../health/api.ts';
import { noDeployment, type Reach, requireReach } from '../platform/api/caller.ts';
import { requireRevision } from '../platform/api/expects.ts';
import type { Clock } from '../platform/clock.ts';
import { DomainError } from '../platform/errors.ts';
import type { NewId } from '../platform/ids.ts';
import type { Pending } from '../platform/outbox/index.ts';
import { scalerKind } from '../scaling/api.ts';
import type { Table } from '../storage/table.ts';

type RemoveWorld = {
  readonly state: Pick<Table, 'get' | 'query' | 'put' | 'update'>;
  readonly clock: Clock;
  readonly newId: NewId;
};

type RemoveOptions = {
  readonly reach: Reach;
  readonly owner: 'file' | 'api';
  /** The principal who asks; the audit keeps it. */
  readonly by: string;
  readonly expects?: readonly number[] | 'any' | undefined;
  readonly dryRun?: boolean;
  /** Ids of checks that are about to go too, so that a dry run of both is not refused. */
  readonly isLeaving?: (checkId: string) => boolean;
  /** The same of its rules. */
  readonly isLeavingRule?: (ruleId: string) => boolean;
  /** The same of its scaling rules. */
  readonly isLeavingScaler?: (id: string) => boolean;
};

/** What became of it; `pending` is to be published after the write. */
type Removed = { readonly outcome: 'removed' | 'unchanged'; readonly pending?: Pending };

/** Removes a registered deployment that has no checks, rules and scaling rules any more; `unchanged` when it is not there. */
export const removeDeployment = async (
  world: RemoveWorld,
  deploymentId: string,
  options: RemoveOptions,
): Promise<Removed> => {
  requireReach(options.reach, deploymentId);
  for (let attempt = 0; attempt < 5; attempt++) {
    const stored = await loadDeployment(world.state, deploymentId);
    if (!stored || stored.record.deletedAt !== undefined) return { outcome: 'unchanged' };
    requireRemovable(stored.record, options);
    await requireEmpty(world, deploymentId, options);
    if (options.dryRun) return { outcome: 'removed' };
    const now = world.clock();
    const record = { ...stored.record, revision: stored.record.revision + 1, updatedAt: now, deletedAt: now };
    const written = { by: options.by, attempt: world.newId() };
    const pending = await writeDeployment(world.state, stored, record, written);
    if (pending) return { outcome: 'removed', pending };
  }
  throw new DomainError(
    'CONFLICT',
    `Deployment ${deploymentId} is being changed by many at once. Try again.`,
  );
};

const requireRemovable = (record: DeploymentRecord, options: RemoveOptions): void => {
  requireRevision(record, options.expects);
  if (record.managedBy !== options.owner) throw ownedElsewhere('This deployment', record.managedBy);
};

const requireEmpty = async (
  world: RemoveWorld,
  deploymentId: string,
  options: RemoveOptions,
): Promise<void> => {
  for await (const batch of checksIn(world.state, [deploymentId], { consistent: true })) {
    const staying = batch.find((record) => !options.isLeaving?.(record.id));
    if (staying) {
      throw new DomainError(
        'CONFLICT',
        `Deployment ${deploymentId} still has checks, among them ${staying.id}. Remove them first.`,
      );
    }
  }
  const rules = (await rulesFor(world.state, deploymentId)).filter(({ id }) => !options.isLeavingRule?.(id));
  requireNone(deploymentId, 'rules', rules);
  const scalers = (await loadAllNamed(world.state, scalerKind)).filter(
    ({ id, definition }) => definition.deploymentId === deploymentId && !options.isLeavingScaler?.(id),
  );
  requireNone(deploymentId, 'scaling rules', scalers);
};

const requireNone = (
  deploymentId: string,
  what: string,
  left: readonly { readonly definition: { readonly name: string } }[],
): void => {
  if (left.length === 0) return;
  const names = left.slice(0, mostNamed).map(({ definition }) => `«${definition.name}»`);
  const more = left.length > names.length ? ` and ${left.length - names.length} more` : '';
  throw new DomainError(
    'CONFLICT',
    `Deployment ${deploymentId} still has ${what}: ${names.join(', ')}${more}. Remove them first.`,
  );
};

const mostNamed = 5;

/** As `removeDeployment`, but what is not there is NOT_FOUND: for a request that names it. */
export const removeExistingDeployment = async (
  world: RemoveWorld,
  deploymentId: string,
  options: RemoveOptions,
): Promise<Pending | undefined> => {
  const { outcome, pending } = await removeDeployment(world, deploymentId, options);
  if (outcome === 'unchanged') throw noDeployment();
  return pending;
};
