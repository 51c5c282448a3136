import type { Table } from '../../storage/table.ts';

type Reads = Pick<Table, 'query' | 'batchGet'>;

/**
 * The same question asked twice is one read: checks of a shard share its hours and results, of which each would read all.
 * For one building of a page, during which nothing needs to be seen to change.
 */
export const asksOnce = (table: Reads): Reads => {
  const asked = new Map<string, Promise<never>>();
  const once = <T>(name: string, ask: () => Promise<T>): Promise<T> => {
    const known = asked.get(name) as Promise<T> | undefined;
    if (known) return known;
    const answer = ask();
    asked.set(name, answer as Promise<never>);
    return answer;
  };
  return {
    query: (query) => once(`query ${JSON.stringify(query)}`, () => table.query(query)),
    batchGet: (keys, options) =>
      once(`get ${JSON.stringify([keys, options])}`, () => table.batchGet(keys, options)),
  };
};
