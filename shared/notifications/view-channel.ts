import { toIso } from '../platform/clock.ts';
import type { ChannelRecord } from './channel.ts';
import type { ChannelView } from './model.ts';
import { writtenChannelOf } from './written-channel.ts';

/** A channel as answers show it. No secret is in it, for none is ever in a channel. */
export const viewChannel = (record: ChannelRecord): ChannelView => {
  const { config, quietHours, ...written } = writtenChannelOf(record.definition);
  return {
    id: record.id,
    ...written,
    config: { ...config },
    ...(quietHours && { quietHours }),
    managedBy: record.managedBy,
    revision: record.revision,
    createdAt: toIso(record.createdAt),
    updatedAt: toIso(record.updatedAt),
  };
};
