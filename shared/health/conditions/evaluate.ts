import type { Condition, Facts, Literal, Operand, Operator, Placeholder } from './condition.ts';
import type { Pattern } from './pattern.ts';
import { type Read, readerOf, typeNameOf, type Value } from './value.ts';

export type ReportOptions = {
  /** False where a stranger may read the report: what the target sent is then told by type and length only. */
  readonly showBodies?: boolean | undefined;
  /** Takes secrets out of a value before it is cut, for a cut would leave half of one (fault 29). */
  readonly hide?: ((text: string) => string) | undefined;
};

/** Patterns search this much of a text: 64 Ki characters. */
const mostSearched = 65_536;
/** A report has 512 bytes in all. */
const mostOfText = 200;
const mostOfValue = 150;

/**
 * The first condition that does not hold, with the actual value: `[STATUS] in 200..299: it is 503`; undefined when all
 * hold. Never throws, whatever the facts.
 */
export const firstFailed = async (
  conditions: readonly Condition[],
  facts: Facts,
  options: ReportOptions = {},
): Promise<string | undefined> => {
  const read = readerOf(facts);
  const patternOf = conditions.some(({ operator }) => operator.endsWith('matches'))
    ? (await import('./pattern.ts')).patternOf
    : undefined;
  for (const condition of conditions) {
    const why = failureOf(condition, read, options, patternOf);
    if (why !== undefined) return `${cut(condition.text, mostOfText)}: ${why}`;
  }
  return undefined;
};

const failureOf = (
  condition: Condition,
  read: Read,
  options: ReportOptions,
  patternOf: ((text: string) => Pattern) | undefined,
): string | undefined => {
  const { left, operator, right } = condition;
  const here = read(left);
  const there = 'list' in right || 'from' in right ? undefined : read(right);
  if ('missing' in here) return isAbsence(condition, here) ? undefined : here.missing;
  if (there && 'missing' in there) return `on the right, ${there.missing}`;
  const holds = operator.endsWith('matches')
    ? matches(here.is, there?.is, patternOf)
    : compare(here, operator, right, there?.is);
  if (holds === (operator !== 'not matches')) return undefined;
  const actual = shown(here.is, left, options);
  if (holds === undefined) return `${actual}, which cannot be compared so`;
  return there && !('literal' in right)
    ? `${actual}, and on the right ${shown(there.is, right, options)}`
    : actual;
};

/** What is missing is as good as null, and equal to nothing else. A body that cannot be read says nothing. */
const isAbsence = ({ operator, right }: Condition, value: Value): boolean =>
  operator === '==' && 'literal' in right && right.literal === null && !('isUnreadable' in value);

/** Undefined when the values have no such relation. */
const compare = (
  { is, from }: { is: unknown; from?: Placeholder | undefined },
  operator: Operator,
  right: Operand,
  there: unknown,
): boolean | undefined => {
  switch (operator) {
    case '==':
      return isEqual(is, there, from);
    case '!=':
      return !isEqual(is, there, from);
    case 'in':
      return isIn(is, right, from);
    case 'not in': {
      const found = isIn(is, right, from);
      return found === undefined ? undefined : !found;
    }
    case 'contains':
      return contains(is, there);
    case 'not contains': {
      const found = contains(is, there);
      return found === undefined ? undefined : !found;
    }
    default:
      return isOrdered(numberOf(is), operator, numberOf(there));
  }
};

/**
 * Headers, plain bodies and many databases give numbers as text: beside a number, a text that reads as one is one; beside
 * true and false likewise. Blanks around a whole body do not count.
 */
const isEqual = (is: unknown, there: unknown, from?: Placeholder): boolean => {
  if (is === there) return true;
  if (typeof is === 'string' && typeof there === 'string') {
    return (from === 'BODY' || from === 'VALUE') && is.trim() === there.trim();
  }
  if (typeof there === 'number' || typeof is === 'number') {
    const number = numberOf(is);
    return number !== undefined && number === numberOf(there);
  }
  if (typeof there === 'boolean') return typeof is === 'string' && is.trim() === String(there);
  return typeof is === 'boolean' && typeof there === 'string' && there.trim() === String(is);
};

/** JSON's own spelling of numbers: `0x10`, `Infinity` and the empty text are none. */
const numberOf = (value: unknown): number | undefined => {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value !== 'string' || value.length > 100) return undefined;
  return /^\s*-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\s*$/.test(value) ? Number(value) : undefined;
};

const isOrdered = (
  left: number | undefined,
  operator: Operator,
  right: number | undefined,
): boolean | undefined => {
  if (left === undefined || right === undefined) return undefined;
  if (operator === '<') return left < right;
  if (operator === '<=') return left <= right;
  return operator === '>' ? left > right : left >= right;
};

const isIn = (is: unknown, right: Operand, from?: Placeholder): boolean | undefined => {
  if ('list' in right) return right.list.some((literal: Literal) => isEqual(is, literal, from));
  if (!('from' in right)) return undefined;
  const number = numberOf(is);
  return number === undefined ? undefined : number >= right.from && number <= right.to;
};

/** A text in a text, a value in a list, a name in an object. */
const contains = (is: unknown, there: unknown): boolean | undefined => {
  if (typeof is === 'string') {
    return ['string', 'number', 'boolean'].includes(typeof there) ? is.includes(String(there)) : undefined;
  }
  if (Array.isArray(is)) return is.some((one) => isEqual(one, there));
  if (is === null || typeof is !== 'object') return undefined;
  return typeof there === 'string' && Object.hasOwn(is, there);
};

const matches = (
  is: unknown,
  pattern: unknown,
  patternOf: ((text: string) => Pattern) | undefined,
): boolean | undefined => {
  const text = typeof is === 'number' || typeof is === 'boolean' ? String(is) : is;
  if (typeof text !== 'string' || typeof pattern !== 'string' || !patternOf) return undefined;
  try {
    return patternOf(pattern).isIn(text.slice(0, mostSearched));
  } catch {
    return undefined;
  }
};

/** What the target itself wrote. */
const ofTarget = new Set<Placeholder>(['BODY', 'HEADER', 'VALUE']);

const shown = (value: unknown, operand: Operand, { showBodies = true, hide }: ReportOptions): string => {
  const isHidden = !showBodies && 'of' in operand && ofTarget.has(operand.of);
  if (!isHidden) {
    const unit = 'of' in operand && operand.of === 'RESPONSE_TIME' ? ' ms' : '';
    return `it is ${inWords(value, hide ?? ((text) => text))}${unit}`;
  }
  if (typeof value === 'string') return `it is a text of ${[...value].length} characters`;
  if (Array.isArray(value)) return `it is a list of ${value.length}`;
  return `it is ${typeNameOf(value)}`;
};

const inWords = (value: unknown, hide: (text: string) => string): string => {
  if (typeof value === 'string') return value === '' ? 'empty' : `"${cut(hide(value), mostOfValue)}"`;
  if (Array.isArray(value)) return listInWords(value, hide);
  if (value !== null && typeof value === 'object') {
    const names = Object.keys(value).slice(0, 20).map(hide).join(', ');
    return names === '' ? 'an empty object' : `an object with ${cut(names, mostOfValue)}`;
  }
  return String(value);
};

const listInWords = (list: readonly unknown[], hide: (text: string) => string): string => {
  const first = list
    .slice(0, 10)
    .map((one) => (one !== null && typeof one === 'object' ? '…' : inWords(one, hide)));
  const more = list.length > first.length ? `, … ${list.length} in all` : '';
  return `[${cut(first.join(', '), mostOfValue)}${more}]`;
};

const cut = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most).replace(/[\ud800-\udbff]$/, '')}…`;
