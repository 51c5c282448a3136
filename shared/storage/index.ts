export { type Condition, ConditionFailed } from './condition.ts';
export { type Capacity, dueIndex, openTable, type TableOptions } from './dynamodb.aws.ts';
export type { DueKey, Item, Key, Page, Query, Table, Value } from './table.ts';
