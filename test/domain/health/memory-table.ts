import {
  type Condition,
  ConditionFailed,
  type Item,
  type Key,
  type Table,
} from '../../../shared/storage/index.ts';

export type MemoryTable = Omit<Table, 'queryDue' | 'delete'>;

/** A table in memory that behaves as the real one where runs and projections look. */
export const memoryTable = (): MemoryTable => {
  const items = new Map<string, Item>();
  const nameOf = (key: Key) => `${key.pk}\n${key.sk}`;
  const require = (key: Key, condition: Condition | undefined) => {
    if (condition && !holds(items.get(nameOf(key)), condition)) throw new ConditionFailed('write', key.sk);
  };
  return {
    get: async (key) => items.get(nameOf(key)),
    batchGet: async (keys) => keys.flatMap((key) => items.get(nameOf(key)) ?? []),
    query: async ({ pk, from = '', to = '\uffff', beginsWith = '' }) => ({
      items: [...items.values()]
        .filter(
          (item) => item.pk === pk && item.sk >= from && item.sk <= to && item.sk.startsWith(beginsWith),
        )
        .sort((left, right) => (left.sk < right.sk ? -1 : 1)),
      next: undefined,
    }),
    put: async (item, condition) => {
      require(item, condition);
      items.set(nameOf(item), item);
    },
    update: async (key, { set = {}, remove = [] }, condition) => {
      require(key, condition);
      const item = { v: 1, ...items.get(nameOf(key)), ...set, pk: key.pk, sk: key.sk };
      items.set(
        nameOf(key),
        Object.fromEntries(Object.entries(item).filter(([name]) => !remove.includes(name))) as Item,
      );
    },
  };
};

const holds = (item: Item | undefined, condition: Condition): boolean => {
  if ('absent' in condition) return item === undefined;
  if ('vacantAt' in condition) throw new Error('neither runs nor projections use vacantAt');
  const { equals = {}, below = {} } = condition;
  return (
    Object.entries(equals).every(([name, value]) => item?.[name] === value) &&
    Object.entries(below).every(([name, value]) => item?.[name] === undefined || Number(item[name]) < value)
  );
};
