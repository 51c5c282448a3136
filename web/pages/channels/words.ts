import type { Schemas } from '../../client/operations.ts';

export type Channel = Schemas['Channel'];

/** The fields that a person writes, as a body of `replaceChannel` takes them. */
export const channelBodyOf = (channel: Channel): Record<string, unknown> => {
  const {
    id: _id,
    managedBy: _managedBy,
    revision: _revision,
    createdAt: _createdAt,
    updatedAt: _updatedAt,
    ...written
  } = channel;
  return written;
};
