import { recorded } from '../audit/index.ts';
import { type Reach, reaches } from '../platform/api/caller.ts';
import { toIso } from '../platform/clock.ts';
import type { Place } from '../platform/environment.ts';
import type { HomeostatEvent } from '../platform/events.ts';
import {
  asValue,
  type Pending,
  tombstoneSeconds,
  unsentOf,
  withEvent,
  writeVersion,
} from '../platform/outbox/index.ts';
import type { Item, Table, Value } from '../storage/table.ts';
import {
  type DeploymentRecord,
  defaultDeploymentId,
  deploymentBuckets,
  deploymentKey,
} from './deployment.ts';

/** A record with what its item says besides: the events that were not published yet. */
export type StoredDeployment = {
  readonly record: DeploymentRecord;
  readonly unsent: readonly HomeostatEvent[];
};

const toRecord = (item: Item): DeploymentRecord => {
  const { definition, accountId, region, revision, managedBy, createdAt, updatedAt, deletedAt } =
    item as unknown as DeploymentRecord;
  const record = { definition, accountId, region, revision, managedBy, createdAt, updatedAt };
  return deletedAt === undefined ? record : { ...record, deletedAt };
};

/** Also what was removed a short while ago, for its revision goes on. */
export const loadDeployment = async (
  state: Pick<Table, 'get'>,
  deploymentId: string,
): Promise<StoredDeployment | undefined> => {
  const item = await state.get(deploymentKey(deploymentId), { consistent: true });
  return item && { record: toRecord(item), unsent: unsentOf(item) };
};

/** The live record, or undefined. */
export const readDeployment = async (
  state: Pick<Table, 'get'>,
  deploymentId: string,
): Promise<DeploymentRecord | undefined> => {
  const stored = await loadDeployment(state, deploymentId);
  return stored && stored.record.deletedAt === undefined ? stored.record : undefined;
};

/** Whether checks may be defined for it. */
export const isRegistered = async (state: Pick<Table, 'get'>, deploymentId: string): Promise<boolean> =>
  deploymentId === defaultDeploymentId || (await readDeployment(state, deploymentId)) !== undefined;

/** Writes the next version; undefined when somebody else wrote meanwhile. */
export const writeDeployment = async (
  state: Pick<Table, 'get' | 'put' | 'update'>,
  previous: StoredDeployment | undefined,
  record: DeploymentRecord,
  { by, attempt }: { readonly by: string; readonly attempt: string },
): Promise<Pending | undefined> => {
  const key = deploymentKey(record.definition.deploymentId);
  const unsent = previous?.unsent ?? [];
  const removed = record.deletedAt;
  const audit = audited(previous?.record, record, by);
  // A removal says nothing on the bus but who did it, and what was not said before it no longer matters.
  const outbox =
    removed === undefined
      ? withEvent(key, unsent, [registered(record), audit], record.updatedAt)
      : withEvent(
          key,
          unsent.filter(({ type }) => type === 'audit.recorded'),
          audit,
          record.updatedAt,
        );
  const written = await writeVersion(state, {
    key,
    expected: previous?.record.revision,
    fields: {
      ...record,
      definition: record.definition as unknown as Value,
      deletedAt: removed,
      expiresAt: removed === undefined ? undefined : Math.floor(removed / 1000) + tombstoneSeconds,
      ...outbox,
      outbox: asValue(outbox.outbox),
    },
    attempt,
    now: record.updatedAt,
  });
  return written === 'written' ? { key, revision: record.revision, outbox: outbox.outbox } : undefined;
};

const audited = (
  previous: DeploymentRecord | undefined,
  record: DeploymentRecord,
  by: string,
): HomeostatEvent => {
  const { deploymentId } = record.definition;
  const [before, after] = [sideOf(previous), sideOf(record)];
  const action = after === null ? 'removed' : before === null ? 'created' : 'updated';
  return recorded(
    {
      by,
      action,
      kind: 'deployment',
      subjectId: deploymentId,
      name: deploymentId,
      deploymentId,
      before,
      after,
    },
    { id: `audit:deployment:${deploymentId}@${record.revision}`, at: record.updatedAt, place: record },
  );
};

const sideOf = (record: DeploymentRecord | undefined) =>
  record === undefined || record.deletedAt !== undefined
    ? null
    : { ...record.definition, managedBy: record.managedBy };

const registered = (record: DeploymentRecord): HomeostatEvent => ({
  type: 'deployment.registered',
  detail: {
    id: `deployment:${record.definition.deploymentId}@${record.revision}`,
    at: toIso(record.updatedAt),
    accountId: record.accountId,
    region: record.region,
    deploymentId: record.definition.deploymentId,
    environment: record.definition.environment,
    revision: record.revision,
  },
});

/** Live deployments within reach, in the order of their buckets; `after` is the last id of the page before. */
export const listDeployments = async (
  state: Pick<Table, 'query'>,
  reach: Reach,
  limit: number,
  after: string | undefined,
): Promise<{ deployments: readonly DeploymentRecord[]; next: string | undefined }> => {
  const found: DeploymentRecord[] = [];
  let from = after;
  const first = after === undefined ? 0 : Number(deploymentKey(after).pk.split('#')[1]);
  for (let bucket = first; bucket < deploymentBuckets; bucket++) {
    do {
      const page = await state.query({
        pk: `DEPLOYMENTS#${bucket}`,
        limit: limit + 1,
        ...(from !== undefined && { after: from }),
      });
      for (const item of page.items) {
        const record = toRecord(item);
        if (record.deletedAt !== undefined || !reaches(reach, record.definition.deploymentId)) continue;
        if (found.length === limit)
          return { deployments: found, next: found.at(-1)?.definition.deploymentId };
        found.push(record);
      }
      from = page.next;
    } while (from !== undefined);
  }
  return { deployments: found, next: undefined };
};

export const newDeployment = (
  previous: DeploymentRecord | undefined,
  facts: Pick<DeploymentRecord, 'definition' | 'managedBy'> & { readonly place: Place; readonly now: number },
): DeploymentRecord => ({
  definition: facts.definition,
  accountId: facts.place.accountId,
  region: facts.place.region,
  revision: (previous?.revision ?? 0) + 1,
  managedBy: facts.managedBy,
  createdAt: previous && previous.deletedAt === undefined ? previous.createdAt : facts.now,
  updatedAt: facts.now,
});
