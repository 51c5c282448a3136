/**
 * EventBridge event patterns with the rules of the service (those of its open-source engine, Event Ruler).
 */
import { type FieldTest, leavesOf, satisfies } from './pattern-event.ts';
import { compileEntry, OPERATOR_NAMES, type Refuse } from './pattern-operators.ts';

/** One alternative of a pattern after `$or` is multiplied out: every field must be satisfied. */
type Branch = ReadonlyMap<string, FieldTest>;

/** The quota EventBridge sets on the alternatives `$or` may multiply out to. */
const MAX_OR_COMBINATIONS = 1000;

const NUMERIC_OPERATORS = ['=', '<', '<=', '>', '>='];

export class InvalidEventPatternError extends Error {
  override readonly name = 'InvalidEventPatternError';
}

const refuse: Refuse = (path, reason) => {
  throw new InvalidEventPatternError(
    `Event pattern is not valid at ${path === '' ? 'its root' : path}: ${reason}.`,
  );
};

/**
 * Compiles a pattern, an object or (as CloudFormation allows) its JSON text, into a test of whole events.
 *
 * Throws InvalidEventPatternError naming the path and the reason for whatever PutRule would refuse.
 */
export function compilePattern(pattern: unknown): (event: unknown) => boolean {
  const source = typeof pattern === 'string' ? parseText(pattern) : pattern;
  if (!isObject(source)) return refuse('', 'the pattern must be an object');
  const branches = compileObject(source, '', [new Map()], false).map((branch) => [...branch.values()]);
  return (event) => {
    const leaves = leavesOf(event);
    return branches.some((fields) => satisfies(leaves, fields));
  };
}

function parseText(pattern: string): unknown {
  try {
    return JSON.parse(pattern);
  } catch (error) {
    return refuse('', `its text is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function compileObject(object: object, path: string, before: Branch[], inOr: boolean): Branch[] {
  const entries = Object.entries(object);
  if (entries.length === 0) return refuse(path, 'empty objects are not allowed');
  let branches = before;
  for (const [key, value] of entries) {
    const at = path === '' ? key : `${path}.${key}`;
    if (key === '$or') {
      branches = compileOr(value, path, branches);
    } else if (inOr && (OPERATOR_NAMES.has(key) || NUMERIC_OPERATORS.includes(key))) {
      return refuse(at, `${key} is an operator's name and cannot be a field inside $or`);
    } else if (Array.isArray(value)) {
      branches = addField(branches, compileField(value, at));
    } else if (isObject(value)) {
      branches = compileObject(value, at, branches, inOr);
    } else {
      return refuse(at, 'it must be an object or an array');
    }
  }
  return branches;
}

function compileOr(value: unknown, path: string, before: Branch[]): Branch[] {
  const at = path === '' ? '$or' : `${path}.$or`;
  if (!Array.isArray(value) || value.length < 2)
    return refuse(at, '$or must be an array of at least 2 objects');
  const branches = value.flatMap((alternative, index) => {
    if (!isObject(alternative)) return refuse(`${at}[${index}]`, 'only objects are allowed in $or');
    return compileObject(alternative, path, before, true);
  });
  if (branches.length > MAX_OR_COMBINATIONS) {
    return refuse(at, `$or multiplies out to more than ${MAX_OR_COMBINATIONS} combinations`);
  }
  return branches;
}

function compileField(entries: unknown[], path: string): FieldTest {
  if (entries.length === 0) return refuse(path, 'empty arrays are not allowed');
  const tests = entries.map((entry, index) => compileEntry(entry, `${path}[${index}]`, refuse));
  return {
    path,
    orAbsent: tests.some((test) => test.orAbsent === true),
    matches: (value) => tests.some((test) => test.matches(value)),
  };
}

function addField(branches: Branch[], field: FieldTest): Branch[] {
  return branches.map((branch) => {
    if (branch.has(field.path)) return refuse(field.path, 'the same path is given twice');
    return new Map(branch).set(field.path, field);
  });
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
