/**
 * The conditions our writes need, as data: `absent` means the item is not there, `equals` that all these
 * attributes have these values, `below` that the attribute is missing or smaller (newer wins).
 */
export type Condition =
  | { readonly absent: true }
  | { readonly exists: true }
  | { readonly equals: Readonly<Record<string, string | number>> }
  | { readonly below: Readonly<Record<string, number>> };

export type ConditionExpression = {
  expression: string;
  names: Record<string, string>;
  values: Record<string, string | number>;
};

/** Expired items count as absent only once DynamoDB has deleted them: callers that recreate use `equals` on a version. */
export const toExpression = (condition: Condition): ConditionExpression => {
  if ('absent' in condition) {
    return { expression: 'attribute_not_exists(#pk)', names: { '#pk': 'pk' }, values: {} };
  }
  if ('exists' in condition) {
    return { expression: 'attribute_exists(#pk)', names: { '#pk': 'pk' }, values: {} };
  }
  const equal = 'equals' in condition;
  const wanted = Object.entries(equal ? condition.equals : condition.below);
  const names: Record<string, string> = {};
  const values: Record<string, string | number> = {};
  const parts = wanted.map(([attribute, value], at) => {
    names[`#c${at}`] = attribute;
    values[`:c${at}`] = value;
    return equal ? `#c${at} = :c${at}` : `(attribute_not_exists(#c${at}) OR #c${at} < :c${at})`;
  });
  return { expression: parts.join(' AND '), names, values };
};

/** A conditional write found the item otherwise than expected. Nothing was written. */
export class ConditionFailed extends Error {
  constructor(operation: string, key: string) {
    super(`${operation} ${key}: the item is not as expected`);
    this.name = 'ConditionFailed';
  }
}
