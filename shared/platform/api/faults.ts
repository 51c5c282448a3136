import type * as z from 'zod';
import { DomainError, type FieldFault } from '../errors.ts';

/** A caller who sends a thousand wrong fields is helped by the first ones. */
const mostFaults = 50;
/** Names in paths are the caller's own text: cut, so that an answer stays short. */
const longestName = 80;

type Issue = z.core.$ZodIssue;

/**
 * What a schema found wrong, as the caller wrote it, in sentences that say what to do. Values are never repeated:
 * they may be secrets.
 */
export const toFieldFaults = (issues: readonly Issue[]): FieldFault[] =>
  issues.flatMap((issue) => faultsOf(issue, [])).slice(0, mostFaults);

const faultsOf = (issue: Issue, above: readonly PropertyKey[]): FieldFault[] => {
  const path = [...above, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: pathText([...path, key]),
      message: 'There is no such field here: remove it, or check its spelling.',
    }));
  }
  if (issue.code === 'invalid_key') {
    return [{ path: pathText(path), message: issue.issues[0]?.message ?? 'This is not a valid name.' }];
  }
  if (issue.code === 'invalid_union' && issue.message === 'Invalid input') {
    const closest = closestOf(issue.errors);
    if (closest) return closest.flatMap((inner) => faultsOf(inner, path));
  }
  return [{ path: pathText(path), message: sentenceFor(issue) }];
};

/** Of the ways a value could have been right, the one with the fewest faults; the first of several. */
const closestOf = (ways: readonly (readonly Issue[])[]): readonly Issue[] | undefined =>
  [...ways].filter((way) => way.length > 0).sort((left, right) => left.length - right.length)[0];

const sentenceFor = (issue: Issue): string => {
  if (issue.code === 'invalid_type' && issue.message.startsWith('Invalid input: expected')) {
    const missing = issue.message.endsWith('received undefined');
    return missing ? `This is needed: give ${nounOf(issue.expected)}.` : `Give ${nounOf(issue.expected)}.`;
  }
  if (issue.code === 'invalid_value' && issue.message.startsWith('Invalid')) {
    return `Give ${issue.values.length === 1 ? '' : 'one of '}${issue.values.map(String).join(', ')}.`;
  }
  if (issue.code === 'too_small' && issue.message.startsWith('Too small')) {
    return `Give ${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}${unitOf(issue.origin)}.`;
  }
  if (issue.code === 'too_big' && issue.message.startsWith('Too big')) {
    return `Give ${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}${unitOf(issue.origin)}.`;
  }
  if (issue.code === 'invalid_format' && issue.message.startsWith('Invalid'))
    return 'This has not the right form.';
  if (issue.code === 'invalid_union' && issue.message === 'Invalid input')
    return 'This is none of what may stand here.';
  return issue.message;
};

const nouns: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};
const nounOf = (expected: string): string => nouns[expected] ?? `a value of type ${expected}`;

const unitOf = (origin: string): string => {
  if (origin === 'string') return ' characters';
  return origin === 'array' ? ' items' : '';
};

/** `['changes', 3, 'name']` → `changes[3].name` */
const pathText = (path: readonly PropertyKey[]): string =>
  path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    const name = String(part).slice(0, longestName);
    return text === '' ? name : `${text}.${name}`;
  }, '');

/** The value as the schema gives it. Throws VALIDATION_ERROR naming every field that is wrong. */
export const parseFields = <S extends z.ZodType>(schema: S, value: unknown): z.output<S> => {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const faults = toFieldFaults(parsed.error.issues);
  throw new DomainError(
    'VALIDATION_ERROR',
    faults.length === 1 ? 'One field is not valid.' : `${faults.length} fields are not valid.`,
    faults,
  );
};
