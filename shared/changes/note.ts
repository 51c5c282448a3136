import { sha256 } from '../platform/ids.ts';
import type { Table } from '../storage/table.ts';
import { type Topic, topics } from './topics.ts';

/**
 * Keys in `state`:
 *
 * | who asks                  | question                    | access                                   |
 * |---------------------------|-----------------------------|------------------------------------------|
 * | whoever wrote such a thing | tell that it changed       | put `CHANGES` / `<topic>`, unconditional |
 * | api                       | what changed since a cursor | query `CHANGES` (at most 14 items)       |
 */
const partition = 'CHANGES';

/**
 * Tells that something of this topic was written: call it after the write. `version` is unique to what was written
 * (`<id>@<version>`), not an instant: two writes of one millisecond are two. One small put; a storm of 200 alerts is
 * some 200 of them, a fifth of what one partition takes in a second. A note that cannot be written is dropped, for it must
 * not undo or repeat the write it tells of: who shows the topic reads all of it again each minute anyway.
 */
export const noteChange = async (state: Pick<Table, 'put'>, topic: Topic, version: string): Promise<void> => {
  try {
    await state.put({ pk: partition, sk: topic, v: 1, version });
  } catch {
    // Seen a minute later.
  }
};

/** A mark for each topic that ever changed: eight characters that differ when it changed between. */
export const readMarks = async (state: Pick<Table, 'query'>): Promise<ReadonlyMap<Topic, string>> => {
  const { items } = await state.query({ pk: partition });
  const versions = new Map(items.map(({ sk, version }) => [sk, String(version)]));
  return new Map(
    topics.flatMap((topic) => {
      const version = versions.get(topic);
      return version === undefined ? [] : [[topic, sha256(version).slice(0, 8)] as const];
    }),
  );
};
