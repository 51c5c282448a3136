import {
  type CreateRequest,
  decideCreate as decideCreateOf,
  decidePut as decidePutOf,
  decideRemoval as decideRemovalOf,
} from '../catalog/index.ts';
import type { Place } from '../platform/environment.ts';
import type { CheckDefinition, CheckRecord, Owner } from './check.ts';
import { checkIdOf } from './check.ts';

/** A record with the create request that made it, when that carried an Idempotency-Key. */
export type KnownCheck = { readonly record: CheckRecord; readonly request?: CreateRequest };

/** What POST does, a check's name being unique in its deployment. */
export const decideCreate = (
  known: KnownCheck | undefined,
  { deploymentId }: CheckDefinition,
  request: CreateRequest | undefined,
): 'created' | 'replayed' =>
  decideCreateOf(known, request, {
    what: 'check',
    taken: `Deployment ${deploymentId} already has a check of this name`,
  });

/** What a definition that is simply wanted (PUT, apply) does to what is there. */
export const decidePut = (known: KnownCheck | undefined, definition: CheckDefinition, owner: Owner) =>
  decidePutOf(known, definition, { owner, what: 'check' });

/** Whether it may be removed. */
export const decideRemoval = (known: KnownCheck | undefined, owner: Owner) =>
  decideRemovalOf(known, { owner, what: 'check' });

/** The record after a write of `definition`; placements are the projector's and stay as they are. */
export const nextRecord = (
  previous: CheckRecord | undefined,
  definition: CheckDefinition,
  facts: { readonly managedBy: Owner; readonly place: Place; readonly now: number },
): CheckRecord => ({
  id: checkIdOf(definition.deploymentId, definition.name),
  accountId: facts.place.accountId,
  region: facts.place.region,
  location: previous?.location ?? homeLocation,
  definition,
  revision: (previous?.revision ?? 0) + 1,
  managedBy: facts.managedBy,
  createdAt: isLive(previous) ? previous.createdAt : facts.now,
  updatedAt: facts.now,
  placements: previous?.placements ?? [],
  // Whoever paused it resumes it: another definition does not.
  ...(isLive(previous) && previous.pausedAt !== undefined && { pausedAt: previous.pausedAt }),
  ...(isLive(previous) && previous.pace && { pace: previous.pace }),
});

const isLive = (record: CheckRecord | undefined): record is CheckRecord =>
  record !== undefined && record.deletedAt === undefined;

/** The record paused or resumed; undefined when it is so already. */
export const pausedRecord = (
  record: CheckRecord,
  change: 'pause' | 'resume',
  now: number,
): CheckRecord | undefined => {
  const { pausedAt, ...rest } = record;
  if ((pausedAt !== undefined) === (change === 'pause')) return undefined;
  const next = { ...rest, revision: record.revision + 1, updatedAt: now };
  return change === 'pause' ? { ...next, pausedAt: now } : next;
};

/** The one runner location of a stack today. */
const homeLocation = 'home';

export const removedRecord = (record: CheckRecord, now: number): CheckRecord => ({
  ...record,
  revision: record.revision + 1,
  updatedAt: now,
  deletedAt: now,
});
