import { canonicalJson } from '../../platform/api/canonical.ts';
import type { Json } from '../plan.ts';

const isRecord = (value: Json): value is { readonly [name: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Whether what was read shows what an action expects to leave. An expectation names only what the action changes: what
 * it does not name may be anything.
 */
export const showsExpected = (image: Json, expected: Json): boolean => {
  if (!isRecord(image) || !isRecord(expected)) return canonicalJson(image) === canonicalJson(expected);
  return Object.entries(expected).every(
    ([name, value]) => image[name] !== undefined && canonicalJson(image[name]) === canonicalJson(value),
  );
};
