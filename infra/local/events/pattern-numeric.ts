import type { JsonScalar } from './pattern-event.ts';
import type { Refuse } from './pattern-operators.ts';

const LIMIT = 5e9;

/** Whether EventBridge can compare the number: within ±5.0e9, at most six decimals. */
export function isComparable(value: number): boolean {
  return Math.abs(value) <= LIMIT && Number(value.toFixed(6)) === value;
}

export function outOfRange(value: number): string {
  return `${value}: a number must lie between -5.0e9 and 5.0e9 and have at most 6 decimals`;
}

type Comparison = (value: number) => boolean;

const COMPARISONS: Readonly<Record<string, (bound: number) => Comparison>> = {
  '=': (bound) => (value) => value === bound,
  '<': (bound) => (value) => value < bound,
  '<=': (bound) => (value) => value <= bound,
  '>': (bound) => (value) => value > bound,
  '>=': (bound) => (value) => value >= bound,
};

/**
 * `["=", n]`, `["<", n]`, `["<=", n]`, `[">", n]`, `[">=", n]`, or a range that begins with its lower end:
 * `[">", n, "<=", m]`. Other orders are refused, as PutRule refuses them.
 */
export function compileNumeric(
  operand: unknown,
  path: string,
  refuse: Refuse,
): (value: JsonScalar) => boolean {
  if (!Array.isArray(operand))
    return refuse(path, 'the value of numeric must be an array such as [">", 0, "<=", 5]');
  if (operand.length !== 2 && operand.length !== 4) {
    return refuse(path, 'numeric takes one comparison or one range: an operator and a number, once or twice');
  }
  const [lowOperator, low, highOperator, high] = operand;
  const first = comparison(lowOperator, low, path, refuse);
  if (operand.length === 2) return onComparable(first);

  const second = comparison(highOperator, high, path, refuse);
  if (!['>', '>='].includes(lowOperator) || !['<', '<='].includes(highOperator)) {
    return refuse(path, 'a numeric range begins with > or >= and ends with < or <=');
  }
  if (low >= high) return refuse(path, 'the lower end of a numeric range must be less than its upper end');
  return onComparable((value) => first(value) && second(value));
}

function comparison(operator: unknown, bound: unknown, path: string, refuse: Refuse): Comparison {
  const known = typeof operator === 'string' && Object.hasOwn(COMPARISONS, operator);
  const build = known ? COMPARISONS[operator] : undefined;
  if (!build) return refuse(path, `unrecognized numeric range operator: ${String(operator)}`);
  if (typeof bound !== 'number') return refuse(path, `the value of ${String(operator)} must be numeric`);
  if (!isComparable(bound)) return refuse(path, outOfRange(bound));
  return build(bound);
}

function onComparable(test: Comparison): (value: JsonScalar) => boolean {
  return (value) => typeof value === 'number' && isComparable(value) && test(value);
}
