import {
  type Condition,
  ConditionFailed,
  type DueKey,
  type Item,
  type Key,
  type Query,
  type Table,
} from '../../../shared/storage/index.ts';

const nameOf = (key: Key) => `${key.pk}\n${key.sk}`;

/** What a step of a test may be killed at: called before and after each access took effect. */
export type Interrupt = (what: string) => void;

/** A table in memory that behaves as the real one: conditions, expiry, pages and the sparse index. */
export const memoryTable = (clock: () => number, interrupt: Interrupt = () => {}) => {
  const items = new Map<string, Item>();
  const alive = (item: Item | undefined): Item | undefined =>
    item && (item.expiresAt === undefined || item.expiresAt * 1000 > clock()) ? item : undefined;
  const interrupted = <T>(what: string, work: () => T): Promise<T> => {
    try {
      interrupt(`before ${what}`);
      const result = work();
      interrupt(`after ${what}`);
      return Promise.resolve(result);
    } catch (error) {
      return Promise.reject(error);
    }
  };
  const require = (key: Key, condition: Condition | undefined) => {
    if (condition && !holds(items.get(nameOf(key)), condition)) throw new ConditionFailed('write', key.sk);
  };
  const pick = ({ pk, from = '', to = '\uffff', beginsWith = '', after, descending, limit }: Query) => {
    const found = [...items.values()]
      .filter((item) => item.pk === pk && item.sk >= from && item.sk <= to && item.sk.startsWith(beginsWith))
      .filter(({ sk }) => after === undefined || (descending ? sk < after : sk > after))
      .sort((left, right) => (left.sk < right.sk === !descending ? -1 : 1));
    const page = limit === undefined ? found : found.slice(0, limit);
    const next = page.length < found.length ? page.at(-1)?.sk : undefined;
    return { items: page.filter(alive).map((item) => structuredClone(item)), next };
  };
  const put = (item: Item, condition?: Condition) => {
    require(item, condition);
    items.set(nameOf(item), structuredClone(withoutUndefined(item)));
  };
  const table: Omit<Table, 'delete'> = {
    get: (key) => interrupted(`get ${key.pk}`, () => structuredClone(alive(items.get(nameOf(key))))),
    batchGet: (keys) =>
      interrupted('batchGet', () =>
        keys.flatMap((key) => structuredClone(alive(items.get(nameOf(key)))) ?? []),
      ),
    query: (query) => interrupted(`query ${query.pk}`, () => pick(query)),
    queryDue: (bucket, untilAt, limit) =>
      interrupted(`queryDue ${bucket}`, () =>
        (
          [...items.values()].filter(
            ({ due, dueAt }) => due === bucket && Number(dueAt) <= untilAt,
          ) as unknown as DueKey[]
        )
          .sort((left, right) => left.dueAt - right.dueAt)
          .slice(0, limit)
          .map(({ pk, sk, due, dueAt }) => ({ pk, sk, due, dueAt })),
      ),
    put: (item, condition) => interrupted(`put ${item.pk}`, () => put(item, condition)),
    update: (key, { set = {}, remove = [] }, condition) =>
      interrupted(`update ${key.pk}`, () => {
        require(key, condition);
        const item = { v: 1, ...items.get(nameOf(key)), ...set, pk: key.pk, sk: key.sk };
        const kept = Object.entries(item).filter(([name]) => !remove.includes(name));
        items.set(nameOf(key), structuredClone(Object.fromEntries(kept) as Item));
      }),
  };
  return { ...table, items };
};
export type MemoryTable = ReturnType<typeof memoryTable>;

const withoutUndefined = (item: Item): Item =>
  Object.fromEntries(Object.entries(item).filter(([, value]) => value !== undefined)) as Item;

const holds = (item: Item | undefined, condition: Condition): boolean => {
  if ('absent' in condition) return item === undefined;
  if ('vacantAt' in condition) return item === undefined || Number(item.expiresAt) <= condition.vacantAt;
  const { equals = {}, below = {}, exists } = condition;
  return (
    (!exists || item !== undefined) &&
    Object.entries(equals).every(([name, value]) => item?.[name] === value) &&
    Object.entries(below).every(([name, value]) => item?.[name] === undefined || Number(item[name]) < value)
  );
};
