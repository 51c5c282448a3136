import { ownedElsewhere } from '../catalog/index.ts';
import { canonicalJson } from '../platform/api/canonical.ts';
import type { Place } from '../platform/environment.ts';
import { DomainError } from '../platform/errors.ts';
import type { CheckDefinition, CheckRecord, Owner } from './check.ts';
import { checkIdOf } from './check.ts';

/** How a create request can be told again: the same caller and Idempotency-Key, and what it asked for. */
export type CreateRequest = { readonly id: string; readonly requestHash: string };

/** A record with the create request that made it, when that carried an Idempotency-Key. */
export type KnownCheck = { readonly record: CheckRecord; readonly request?: CreateRequest };

const isThere = (known: KnownCheck | undefined): known is KnownCheck =>
  known !== undefined && known.record.deletedAt === undefined;

/**
 * What POST does. The name is the key: without an Idempotency-Key an existing name clashes; with the key that made
 * the check, the same request is a replay and another one a mistake.
 */
export const decideCreate = (
  known: KnownCheck | undefined,
  definition: CheckDefinition,
  request: CreateRequest | undefined,
): 'created' | 'replayed' => {
  const same = request !== undefined && known?.request?.id === request.id;
  if (same && known?.request?.requestHash !== request.requestHash) {
    throw new DomainError('VALIDATION_ERROR', 'This Idempotency-Key was used for another request.', [
      {
        path: 'Idempotency-Key',
        message: 'Use a new key for a new request; the same key only repeats the same one.',
      },
    ]);
  }
  if (isThere(known)) {
    if (same) return 'replayed';
    throw new DomainError(
      'CONFLICT',
      `Deployment ${definition.deploymentId} already has a check of this name: ${known.record.id}. Change it with PUT, or choose another name.`,
    );
  }
  if (same) {
    throw new DomainError(
      'CONFLICT',
      'The check that this Idempotency-Key made was removed since. Use a new key to make it again.',
    );
  }
  return 'created';
};

/** What a definition that is simply wanted (PUT, apply) does to what is there. Equal content is nobody's change. */
export const decidePut = (
  known: KnownCheck | undefined,
  definition: CheckDefinition,
  owner: Owner,
): 'created' | 'updated' | 'unchanged' => {
  if (!isThere(known)) return 'created';
  if (canonicalJson(known.record.definition) === canonicalJson(definition)) return 'unchanged';
  if (known.record.managedBy !== owner) throw ownedElsewhere('This check', known.record.managedBy);
  return 'updated';
};

/** Whether it may be removed; what is gone already stays gone. */
export const decideRemoval = (known: KnownCheck | undefined, owner: Owner): 'removed' | 'unchanged' => {
  if (!isThere(known)) return 'unchanged';
  if (known.record.managedBy !== owner) throw ownedElsewhere('This check', known.record.managedBy);
  return 'removed';
};

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
