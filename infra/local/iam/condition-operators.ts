import { isInBlock, readAddress, readBlock } from './ip-address.ts';
import { iamPattern, substitute, type Variables, type WildcardMode } from './wildcard.ts';

/**
 * One comparison of a policy's value with a value of the request. `undefined`: it cannot be made (a variable without a
 * value, a text that is no number): then neither the operator nor its negation holds.
 */
export type Comparison = (
  policyValue: string,
  value: string,
  variables: Variables | undefined,
) => boolean | undefined;

export type Operator = {
  /** NotEquals and its kin: true when no value matches, also when the key is missing. */
  readonly negated: boolean;
  readonly matches: Comparison;
  /** Why a policy's value is malformed for this operator, or undefined. */
  readonly refuses?: (policyValue: string) => string | undefined;
};

const pattern =
  (mode: WildcardMode, flags = ''): Comparison =>
  (policyValue, value, variables) =>
    iamPattern(policyValue, mode, variables, flags)?.test(value);

/** ARNs compare part by part; a text with fewer than six parts is no ARN. */
const arn: Comparison = (policyValue, value, variables) => {
  if (value.split(':').length < 6) return undefined;
  return iamPattern(policyValue, 'component', variables)?.test(value);
};

/** Variables are for strings, ARNs and booleans only; numbers, dates and addresses are literal. */
function numbers(compare: (value: number, bound: number) => boolean): Omit<Operator, 'negated'> {
  return {
    matches: (policyValue, value) => ordered(readNumber(value), readNumber(policyValue), compare),
    refuses: (policyValue) => (readNumber(policyValue) === undefined ? 'is not a number' : undefined),
  };
}

function dates(compare: (value: number, bound: number) => boolean): Omit<Operator, 'negated'> {
  return {
    matches: (policyValue, value) => ordered(readDate(value), readDate(policyValue), compare),
    refuses: (policyValue) => (readDate(policyValue) === undefined ? 'is not an ISO 8601 date' : undefined),
  };
}

function ordered(
  value: number | undefined,
  bound: number | undefined,
  compare: (value: number, bound: number) => boolean,
): boolean | undefined {
  return value === undefined || bound === undefined ? undefined : compare(value, bound);
}

function readNumber(text: string): number | undefined {
  return /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text) ? Number(text) : undefined;
}

/** Milliseconds since 1970 of a W3C date such as 2026-01-01T00:00:00Z, or of whole epoch seconds. */
function readDate(text: string): number | undefined {
  if (/^-?\d{5,}$/.test(text)) return Number(text) * 1000;
  if (!/^\d{4}(-\d{2}(-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?)?)?$/.test(text))
    return undefined;
  const milliseconds = Date.parse(text);
  return Number.isNaN(milliseconds) ? undefined : milliseconds;
}

const bool: Omit<Operator, 'negated'> = {
  matches: (policyValue, value, variables) => {
    const wanted = substitute(policyValue, variables)?.toLowerCase();
    const actual = value.toLowerCase();
    if (!['true', 'false'].includes(actual) || wanted === undefined) return undefined;
    return wanted === actual;
  },
  refuses: (policyValue) =>
    /^(true|false|.*\$\{.*)$/i.test(policyValue) ? undefined : 'is not true or false',
};

const address: Omit<Operator, 'negated'> = {
  matches: (policyValue, value) => {
    const block = readPolicyBlock(policyValue);
    const actual = readAddress(value);
    return block && actual && isInBlock(actual, block);
  },
  refuses: (policyValue) => (readPolicyBlock(policyValue) ? undefined : 'is not an address or a CIDR block'),
};

function readPolicyBlock(text: string): ReturnType<typeof readBlock> {
  return readBlock(text) ?? readBlock(`${text}/${text.includes(':') ? 128 : 32}`);
}

/** An operator and its negation. */
function both(name: string, negation: string, operator: Omit<Operator, 'negated'>): [string, Operator][] {
  return [
    [name, { ...operator, negated: false }],
    [negation, { ...operator, negated: true }],
  ];
}

/** By name in lower case, for IAM does not mind the case of an operator. `Null` is about the key and stands apart. */
export const OPERATORS: ReadonlyMap<string, Operator> = new Map(
  [
    ...both('StringEquals', 'StringNotEquals', { matches: pattern('none') }),
    ...both('StringEqualsIgnoreCase', 'StringNotEqualsIgnoreCase', { matches: pattern('none', 'i') }),
    ...both('StringLike', 'StringNotLike', { matches: pattern('any') }),
    ...both(
      'NumericEquals',
      'NumericNotEquals',
      numbers((value, bound) => value === bound),
    ),
    ...both(
      'DateEquals',
      'DateNotEquals',
      dates((value, bound) => value === bound),
    ),
    ...both('IpAddress', 'NotIpAddress', address),
    ...both('ArnEquals', 'ArnNotEquals', { matches: arn }),
    ...both('ArnLike', 'ArnNotLike', { matches: arn }),
    ...[numbers, dates].flatMap((kind): [string, Operator][] => {
      const name = kind === numbers ? 'Numeric' : 'Date';
      return [
        [`${name}LessThan`, { ...kind((value, bound) => value < bound), negated: false }],
        [`${name}LessThanEquals`, { ...kind((value, bound) => value <= bound), negated: false }],
        [`${name}GreaterThan`, { ...kind((value, bound) => value > bound), negated: false }],
        [`${name}GreaterThanEquals`, { ...kind((value, bound) => value >= bound), negated: false }],
      ];
    }),
    ['Bool', { ...bool, negated: false }] satisfies [string, Operator],
  ].map(([name, operator]): [string, Operator] => [name.toLowerCase(), operator]),
);
