import { ownedElsewhere } from '../catalog/index.ts';
import { canonicalJson } from '../platform/api/canonical.ts';
import { DomainError, type FieldFault } from '../platform/errors.ts';
import { type ChannelDefinition, type ChannelRecord, channelIdOf } from './channel.ts';
import type { CreateRequest, StoredChannel } from './registry.ts';

type Known = Pick<StoredChannel, 'record' | 'request'>;
export type Owner = 'file' | 'api';

const isThere = (known: Known | undefined): known is Known =>
  known !== undefined && known.record.deletedAt === undefined;

/**
 * What POST does. The name is the key: without an Idempotency-Key an existing name clashes; with the key that made
 * the channel, the same request is a replay and another one a mistake.
 */
export const decideCreate = (
  known: Known | undefined,
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
    if (same && known.record.managedBy !== 'builtin') return 'replayed';
    const kind = known.record.managedBy === 'builtin' ? 'a built-in channel' : 'a channel';
    throw new DomainError(
      'CONFLICT',
      `There is ${kind} of this name already: ${known.record.id}. Change it with PUT, or choose another name.`,
    );
  }
  if (same) {
    throw new DomainError(
      'CONFLICT',
      'The channel that this Idempotency-Key made was removed since. Use a new key to make it again.',
    );
  }
  return 'created';
};

/**
 * What a definition that is simply wanted (PUT, apply) does to what is there. Equal content is nobody's change; a
 * built-in channel becomes the property of whoever changes it first.
 */
export const decidePut = (
  known: Known | undefined,
  definition: ChannelDefinition,
  owner: Owner,
): 'created' | 'updated' | 'unchanged' => {
  if (!isThere(known)) return 'created';
  const { managedBy } = known.record;
  if (canonicalJson(known.record.definition) === canonicalJson(definition)) return 'unchanged';
  if (managedBy !== 'builtin' && managedBy !== owner) throw ownedElsewhere('This channel', managedBy);
  return 'updated';
};

/** Whether it may be removed; what is gone already stays gone, and so does a built-in channel that nobody changed. */
export const decideRemoval = (known: Known | undefined, owner: Owner): 'removed' | 'unchanged' => {
  if (!isThere(known) || known.record.managedBy === 'builtin') return 'unchanged';
  if (known.record.managedBy !== owner) throw ownedElsewhere('This channel', known.record.managedBy);
  return 'removed';
};

/**
 * What is wrong with a channel's fallback, among the channels as they will be: it must be there, and the way of
 * fallbacks must end, for a message that goes in a circle reaches nobody.
 */
export const fallbackFaults = (
  definition: ChannelDefinition,
  others: readonly ChannelDefinition[],
): FieldFault[] => {
  const byNameOrId = (nameOrId: string): ChannelDefinition | undefined =>
    [definition, ...others.filter(({ name }) => name !== definition.name)].find(
      ({ name }) => name === nameOrId || channelIdOf(name) === nameOrId,
    );
  const way = [definition.name];
  for (let next = definition.fallback; next !== undefined; ) {
    const channel = byNameOrId(next);
    if (!channel) {
      // Somebody removed what another channel names; that is not this definition's fault.
      if (way.length > 1) return [];
      return [{ path: 'fallback', message: 'There is no such channel: define it first, or leave it out.' }];
    }
    const isCircle = way.includes(channel.name);
    way.push(channel.name);
    if (isCircle)
      return [{ path: 'fallback', message: `Break the circle of fallbacks: ${way.join(' → ')}.` }];
    next = channel.fallback;
  }
  return [];
};

/** The record after a write of `definition`. */
export const nextRecord = (
  known: Known | undefined,
  definition: ChannelDefinition,
  facts: { readonly managedBy: Owner; readonly now: number },
): ChannelRecord => ({
  id: channelIdOf(definition.name),
  definition,
  revision: (known?.record.revision ?? 0) + 1,
  managedBy: facts.managedBy,
  createdAt: isThere(known) && known.record.managedBy !== 'builtin' ? known.record.createdAt : facts.now,
  updatedAt: facts.now,
});

export const removedRecord = (record: ChannelRecord, now: number): ChannelRecord => ({
  ...record,
  revision: record.revision + 1,
  updatedAt: now,
  deletedAt: now,
});
