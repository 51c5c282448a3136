import { isInBlock, readAddress, readBlock } from '../iam/ip-address.ts';
import type { JsonScalar } from './pattern-event.ts';
import { compileNumeric, isComparable, outOfRange } from './pattern-numeric.ts';
import { compileWildcard } from './pattern-wildcard.ts';

/** One entry of a field's list: a value (equality) or an operator object. */
export type ValueTest = { readonly matches: (value: JsonScalar) => boolean; readonly orAbsent?: true };

/** Ends the compilation with the path and the reason, as PutRule's InvalidEventPatternException does. */
export type Refuse = (path: string, reason: string) => never;

type Operator = (operand: unknown, path: string, refuse: Refuse) => ValueTest;

const OPERATORS: Readonly<Record<string, Operator>> = {
  prefix: (operand, path, refuse) => edge('prefix', operand, path, refuse),
  suffix: (operand, path, refuse) => edge('suffix', operand, path, refuse),
  'equals-ignore-case': (operand, path, refuse) => {
    const wanted = fold(text(operand, path, refuse));
    return { matches: (value) => typeof value === 'string' && fold(value) === wanted };
  },
  wildcard: (operand, path, refuse) => ({
    matches: onStrings(compileWildcard(text(operand, path, refuse), path, refuse)),
  }),
  numeric: (operand, path, refuse) => ({ matches: compileNumeric(operand, path, refuse) }),
  cidr: (operand, path, refuse) => ({ matches: compileCidr(text(operand, path, refuse), path, refuse) }),
  exists: (operand, path, refuse) => {
    if (operand === true) return { matches: () => true };
    if (operand === false) return { matches: () => false, orAbsent: true };
    return refuse(path, 'exists must be either true or false');
  },
  'anything-but': compileAnythingBut,
};

export const OPERATOR_NAMES: ReadonlySet<string> = new Set(Object.keys(OPERATORS));

export function compileEntry(entry: unknown, path: string, refuse: Refuse): ValueTest {
  if (entry === null || typeof entry === 'boolean') return { matches: (value) => value === entry };
  if (typeof entry === 'string' || typeof entry === 'number') return { matches: equalTo(entry) };
  if (typeof entry !== 'object' || Array.isArray(entry)) {
    return refuse(path, 'a match value must be a string, number, true, false, null or an operator object');
  }
  const [name, operand] = onlyKey(entry, path, refuse);
  const operator = Object.hasOwn(OPERATORS, name) ? OPERATORS[name] : undefined;
  if (!operator) return refuse(path, `unrecognized match type ${name}`);
  return operator(operand, `${path}.${name}`, refuse);
}

/**
 * Numbers compare by value (5 equals 5.0), never with strings; two spellings of one IP address are equal, because
 * EventBridge turns a string that is an address literal into the address.
 */
function equalTo(wanted: string | number): (value: JsonScalar) => boolean {
  if (typeof wanted === 'number') return (value) => value === wanted;
  const address = readAddress(wanted)?.toString();
  if (address === undefined) return (value) => value === wanted;
  return onStrings((value) => readAddress(value)?.toString() === address);
}

function edge(side: 'prefix' | 'suffix', operand: unknown, path: string, refuse: Refuse): ValueTest {
  if (typeof operand === 'object' && operand !== null) {
    const [name, inner] = onlyKey(operand, path, refuse);
    if (name !== 'equals-ignore-case') return refuse(path, `unsupported ${side} pattern: ${name}`);
    const wanted = fold(text(inner, `${path}.${name}`, refuse));
    return { matches: onStrings((value) => hasEdge(side, fold(value), wanted)) };
  }
  const wanted = text(operand, path, refuse);
  return { matches: onStrings((value) => hasEdge(side, value, wanted)) };
}

function hasEdge(side: 'prefix' | 'suffix', value: string, wanted: string): boolean {
  return side === 'prefix' ? value.startsWith(wanted) : value.endsWith(wanted);
}

/** True for every present value but those named: also for null, and for a number when strings are named. */
function compileAnythingBut(operand: unknown, path: string, refuse: Refuse): ValueTest {
  if (typeof operand === 'object' && operand !== null && !Array.isArray(operand)) {
    const [name, inner] = onlyKey(operand, path, refuse);
    const tests = listOf(inner, `${path}.${name}`, refuse).map((word) => forbidden(name, word, path, refuse));
    return { matches: (value) => typeof value !== 'string' || !tests.some((test) => test(value)) };
  }
  const values = listOf(operand, path, refuse);
  const kinds = new Set(values.map((value) => typeof value));
  const [kind] = kinds;
  if (kinds.size !== 1 || (kind !== 'string' && kind !== 'number')) {
    return refuse(
      path,
      'anything-but takes strings only or numbers only; null, booleans and a mix are not supported',
    );
  }
  for (const value of values) {
    if (typeof value === 'number' && !isComparable(value)) return refuse(path, outOfRange(value));
  }
  return { matches: (value) => !values.includes(value) };
}

function forbidden(name: string, word: unknown, path: string, refuse: Refuse): (value: string) => boolean {
  const wanted = text(word, `${path}.${name}`, refuse);
  switch (name) {
    case 'prefix':
    case 'suffix':
      if (wanted === '') return refuse(path, `an empty ${name} is not allowed in anything-but`);
      return (value) => hasEdge(name, value, wanted);
    case 'equals-ignore-case':
      return (value) => fold(value) === fold(wanted);
    case 'wildcard':
      return compileWildcard(wanted, `${path}.${name}`, refuse);
    default:
      return refuse(path, `unsupported anything-but pattern: ${name}`);
  }
}

/** The bounds are Event Ruler's: it refuses masks of a single address («mask bits must be < 32», < 128 for IPv6). */
function compileCidr(cidr: string, path: string, refuse: Refuse): (value: JsonScalar) => boolean {
  const block = readBlock(cidr);
  if (!block) return refuse(path, `${JSON.stringify(cidr)} is not a CIDR block such as 10.0.0.0/24`);
  const limit = block[0].kind() === 'ipv4' ? 32 : 128;
  if (block[1] >= limit)
    return refuse(path, `mask bits must be < ${limit}; give a single address as plain text`);
  return onStrings((value) => {
    const address = readAddress(value);
    return address !== undefined && isInBlock(address, block);
  });
}

function onStrings(test: (value: string) => boolean): (value: JsonScalar) => boolean {
  return (value) => typeof value === 'string' && test(value);
}

function listOf(operand: unknown, path: string, refuse: Refuse): unknown[] {
  const list = Array.isArray(operand) ? operand : [operand];
  return list.length > 0 ? list : refuse(path, 'empty arrays are not allowed');
}

function text(operand: unknown, path: string, refuse: Refuse): string {
  return typeof operand === 'string' ? operand : refuse(path, 'the match pattern must be a string');
}

function onlyKey(object: object, path: string, refuse: Refuse): [string, unknown] {
  const [first, ...more] = Object.entries(object);
  if (!first) return refuse(path, 'match expression name not found');
  if (more.length > 0) return refuse(path, 'only one key is allowed in a match expression');
  return first;
}

function fold(value: string): string {
  return value.toLowerCase();
}
