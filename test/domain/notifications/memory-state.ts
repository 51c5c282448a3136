import {
  type Condition,
  ConditionFailed,
  type DueKey,
  type Item,
  type Key,
  type Table,
} from '../../../shared/storage/index.ts';

export type MemoryState = Pick<Table, 'get' | 'batchGet' | 'query' | 'queryDue' | 'put'>;

/** A table in memory that behaves as the real one where notifications look, its index `due` included. */
export const memoryState = (clock: () => number): MemoryState => {
  const items = new Map<string, Item>();
  const nameOf = ({ pk, sk }: Key) => `${pk}\n${sk}`;
  const alive = (item: Item | undefined) =>
    item && (item.expiresAt === undefined || item.expiresAt * 1000 > clock()) ? item : undefined;
  const sorted = () => [...items.values()].sort((left, right) => (left.sk < right.sk ? -1 : 1));
  return {
    get: async (key) => alive(items.get(nameOf(key))),
    batchGet: async (keys) => keys.flatMap((key) => alive(items.get(nameOf(key))) ?? []),
    query: async ({ pk }) => ({
      items: sorted().filter((item) => item.pk === pk && alive(item)),
      next: undefined,
    }),
    queryDue: async (bucket, untilAt, limit) =>
      sorted()
        .filter((item) => item.due === bucket && Number(item.dueAt) <= untilAt)
        .sort((left, right) => Number(left.dueAt) - Number(right.dueAt))
        .slice(0, limit)
        .map(({ pk, sk, due, dueAt }) => ({ pk, sk, due, dueAt }) as DueKey),
    put: async (item, condition) => {
      const there = items.get(nameOf(item));
      if (condition && !holds(there, condition)) throw new ConditionFailed('put', nameOf(item));
      // As the real one: nothing is shared with who wrote it, and what is undefined is not there.
      items.set(nameOf(item), JSON.parse(JSON.stringify(item)));
    },
  };
};

const holds = (item: Item | undefined, condition: Condition): boolean => {
  if ('absent' in condition) return item === undefined;
  if ('vacantAt' in condition) return item === undefined || Number(item.expiresAt) <= condition.vacantAt;
  return Object.entries(condition.equals ?? {}).every(([name, value]) => item?.[name] === value);
};
