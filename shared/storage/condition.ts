/**
 * The conditions our writes need, as data: `absent` means the item is not there, `vacantAt` that it is not there or
 * had expired by then (epoch seconds). The others hold together: `exists` that the item is there, `equals` that all
 * these attributes have these values, `below` that these attributes are missing or smaller (newer wins).
 */
export type Condition =
  | { readonly absent: true }
  | { readonly vacantAt: number }
  | {
      readonly exists?: true;
      readonly equals?: Readonly<Record<string, string | number>>;
      readonly below?: Readonly<Record<string, number>>;
    };

export type ConditionExpression = {
  expression: string;
  names: Record<string, string>;
  values: Record<string, string | number>;
};

/** For `absent`, expired items are there until DynamoDB has deleted them, which reads hide: who recreates uses `vacantAt`. */
export const toExpression = (condition: Condition): ConditionExpression => {
  if ('absent' in condition) {
    return { expression: 'attribute_not_exists(#pk)', names: { '#pk': 'pk' }, values: {} };
  }
  if ('vacantAt' in condition) {
    return {
      expression: 'attribute_not_exists(#pk) OR #expiresAt <= :vacantAt',
      names: { '#pk': 'pk', '#expiresAt': 'expiresAt' },
      values: { ':vacantAt': condition.vacantAt },
    };
  }
  const names: Record<string, string> = {};
  const values: Record<string, string | number> = {};
  const parts: string[] = [];
  const compare = (
    attribute: string,
    value: string | number,
    text: (name: string, value: string) => string,
  ) => {
    const at = Object.keys(values).length;
    names[`#c${at}`] = attribute;
    values[`:c${at}`] = value;
    parts.push(text(`#c${at}`, `:c${at}`));
  };
  if (condition.exists) {
    names['#pk'] = 'pk';
    parts.push('attribute_exists(#pk)');
  }
  for (const [attribute, value] of Object.entries(condition.equals ?? {})) {
    compare(attribute, value, (name, given) => `${name} = ${given}`);
  }
  for (const [attribute, value] of Object.entries(condition.below ?? {})) {
    compare(attribute, value, (name, given) => `(attribute_not_exists(${name}) OR ${name} < ${given})`);
  }
  if (parts.length === 0) throw new Error('a condition must say something: give exists, equals or below');
  return { expression: parts.join(' AND '), names, values };
};

/** A conditional write found the item otherwise than expected. Nothing was written. */
export class ConditionFailed extends Error {
  constructor(operation: string, key: string) {
    super(`${operation} ${key}: the item is not as expected`);
    this.name = 'ConditionFailed';
  }
}
