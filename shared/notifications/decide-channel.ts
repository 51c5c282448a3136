import {
  type CreateRequest,
  decideCreate as decideCreateOf,
  decidePut as decidePutOf,
  decideRemoval as decideRemovalOf,
  isThere,
} from '../catalog/index.ts';
import type { FieldFault } from '../platform/errors.ts';
import { type ChannelDefinition, type ChannelRecord, channelIdOf } from './channel.ts';
import type { StoredChannel } from './registry.ts';

type Known = Pick<StoredChannel, 'record' | 'request'>;
export type Owner = 'file' | 'api';

/** What POST does, a channel's name being unique. */
export const decideCreate = (
  known: Known | undefined,
  request: CreateRequest | undefined,
): 'created' | 'replayed' => {
  const kind = known?.record.managedBy === 'builtin' ? 'a built-in channel' : 'a channel';
  return decideCreateOf(known, request, { what: 'channel', taken: `There is ${kind} of this name already` });
};

/** What a definition that is simply wanted (PUT, apply) does to what is there. */
export const decidePut = (known: Known | undefined, definition: ChannelDefinition, owner: Owner) =>
  decidePutOf(known, definition, { owner, what: 'channel' });

/** Whether it may be removed. */
export const decideRemoval = (known: Known | undefined, owner: Owner) =>
  decideRemovalOf(known, { owner, what: 'channel' });

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
