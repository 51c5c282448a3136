import { applyPatch, createPatch, createTests, type Operation, Pointer } from 'rfc6902';
import type { Json } from '../plan.ts';

export type Properties = Readonly<Record<string, Json>>;
/** A document of RFC 6902, as plans keep it. */
export type Patch = readonly Operation[];

/** Names that the library's pointers pass over, so that what they point to is something else. */
const unsound = ['__proto__', 'constructor', 'prototype'];

const tokensOf = (pointer: string): readonly string[] => Pointer.fromJSON(pointer).tokens.slice(1);

/** Why a patch cannot be used; undefined when it can. */
export const patchFault = (patch: Patch): string | undefined => {
  for (const operation of patch) {
    if ('value' in operation && JSON.stringify(operation.value ?? null).includes('"__proto__":')) {
      return `the value of ${operation.path} holds a property that the library drops`;
    }
    for (const pointer of pointersOf(operation)) {
      if (!pointer.startsWith('/')) return `${pointer || 'the empty pointer'} does not point to a property`;
      if (tokensOf(pointer).some((token) => unsound.includes(token))) return `${pointer} is no property`;
    }
  }
  return patch.some(({ op }) => op !== 'test') ? undefined : 'the patch changes nothing';
};

const pointersOf = (operation: Operation): readonly string[] =>
  'from' in operation ? [operation.from, operation.path] : [operation.path];

/** The properties, at the top, that a patch reads or writes, in the order of their names. */
export const touchedBy = (patch: Patch): readonly string[] =>
  [...new Set(patch.flatMap(pointersOf).map((pointer) => tokensOf(pointer)[0] ?? ''))].sort();

/** Those of the properties; what is not there is left out. */
export const picked = (properties: Properties, names: readonly string[]): Properties =>
  Object.fromEntries(
    names.flatMap((name) => (Object.hasOwn(properties, name) ? [[name, properties[name] ?? null]] : [])),
  );

/** What a patch makes of properties; or which of its operations does not fit them. */
export const patched = (
  properties: Properties,
  patch: Patch,
): { readonly properties: Properties } | { readonly misfit: string } => {
  const result = structuredClone(properties) as Record<string, Json>;
  const faults = applyPatch(result, structuredClone(patch) as Operation[]);
  const at = faults.findIndex((fault) => fault !== null);
  if (at === -1) return { properties: result };
  const operation = patch[at];
  return { misfit: `${operation?.op} ${operation?.path}: ${faults[at]?.message}` };
};

/** From `before` to `after`, with tests in front: Cloud Control then refuses the whole when the world has changed. */
export const guardedPatch = (before: Properties, after: Properties): Patch =>
  withTests(before, createPatch(before, after));

/** Every value that would be overwritten is tested first; tests that are there already stay. */
export const withTests = (before: Properties, patch: Patch): Patch => {
  const tests = createTests(before, [...patch]).filter(({ value }) => value !== undefined);
  const known = new Set(patch.filter(({ op }) => op === 'test').map(({ path }) => path));
  return [...tests.filter(({ path }) => !known.has(path)), ...patch];
};

/** The patch that makes some wanted properties so, and leaves all others alone. */
export const patchTowards = (properties: Properties, wanted: Properties): Patch =>
  createPatch(picked(properties, Object.keys(wanted)), wanted);

/**
 * Whether what is there shows what was expected. Properties that a service adds by itself beside the expected ones are
 * no difference, the order of a list is none, and null, "", [] and {} are the same as nothing; but what was there
 * before and was to go must be gone.
 */
export const shows = (
  actual: Json | undefined,
  expected: Json | undefined,
  before: Json | undefined,
): boolean => {
  if (isNothing(expected)) return isNothing(actual);
  if (Array.isArray(expected)) return Array.isArray(actual) && showsList(actual, expected);
  if (isObject(expected)) {
    if (!isObject(actual)) return false;
    const earlier = isObject(before) ? before : {};
    const names = new Set([...Object.keys(expected), ...Object.keys(earlier)]);
    return [...names].every((name) => shows(actual[name], expected[name], earlier[name]));
  }
  return actual === expected;
};

/** As many, and each expected one has a partner of its own. */
const showsList = (actual: readonly Json[], expected: readonly Json[]): boolean => {
  if (actual.length !== expected.length) return false;
  const free = [...actual];
  return expected.every((one) => {
    const at = free.findIndex((other) => shows(other, one, undefined));
    if (at !== -1) free.splice(at, 1);
    return at !== -1;
  });
};

const isObject = (value: unknown): value is Properties =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isNothing = (value: Json | undefined): boolean =>
  value === undefined ||
  value === null ||
  value === '' ||
  (Array.isArray(value) ? value.length === 0 : isObject(value) && Object.values(value).every(isNothing));
