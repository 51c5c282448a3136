import type { Condition } from './condition.ts';

export type Key = { readonly pk: string; readonly sk: string };

/** What an attribute may hold. Numbers are safe integers or plain decimals; binary is how compressed columns are kept. */
export type Value =
  | string
  | number
  | boolean
  | null
  | Uint8Array
  | readonly Value[]
  | { readonly [name: string]: Value | undefined };

/** `v` is the schema version of the item's shape; `expiresAt` (epoch SECONDS) is the table's TTL attribute. */
export type Item = Key & {
  readonly v: number;
  readonly expiresAt?: number;
  readonly [name: string]: Value | undefined;
};

export type Query = {
  readonly pk: string;
  /** Inclusive bounds of the sort key, or a prefix; neither means the whole partition. */
  readonly from?: string;
  readonly to?: string;
  readonly beginsWith?: string;
  /** Go on after this sort key (exclusive): what `Page.next` gave. */
  readonly after?: string;
  readonly limit?: number;
  readonly descending?: boolean;
  readonly consistent?: boolean;
};
export type Page = { readonly items: readonly Item[]; readonly next: string | undefined };

/** The sparse index `due`: items with unsent events, by bucket and instant. Keys only. */
export type DueKey = Key & { readonly due: string; readonly dueAt: number };

/**
 * One DynamoDB table, a method a verb. Functions get it narrowed to the verbs their contract declares. Items
 * whose `expiresAt` has passed are never returned, for DynamoDB deletes them hours late. A `ConditionFailed` is
 * thrown when a condition does not hold; a write whose acknowledgement was lost can fail against itself, so
 * callers compare what is there with what they meant to write.
 */
export interface Table {
  get(key: Key, options?: { consistent?: boolean }): Promise<Item | undefined>;
  /** Any number of keys; order is not kept, missing ones are left out, unprocessed ones are asked for again. */
  batchGet(keys: readonly Key[], options?: { consistent?: boolean }): Promise<readonly Item[]>;
  query(query: Query): Promise<Page>;
  queryDue(bucket: string, untilAt: number, limit: number): Promise<readonly DueKey[]>;
  put(item: Item, condition?: Condition): Promise<void>;
  /** Sets and removes top-level attributes; creates the item when it is absent unless the condition forbids it. */
  update(
    key: Key,
    change: { readonly set?: Readonly<Record<string, Value>>; readonly remove?: readonly string[] },
    condition?: Condition,
  ): Promise<void>;
  delete(key: Key, condition?: Condition): Promise<void>;
}
