import type { Expected } from './database-config.ts';
import type { Verdict } from './kind.ts';

/** Of a value in a reason; the whole of it stays with the conditions. */
const shownCharacters = 100;

const shown = (value: unknown): string => {
  const text = typeof value === 'bigint' ? String(value) : (JSON.stringify(value) ?? 'nothing');
  return text.length > shownCharacters ? `${text.slice(0, shownCharacters)}…` : text;
};

/** A number written as text is the same number: databases send most values as text. */
const isSame = (value: unknown, expected: Expected): boolean => {
  if (value === expected) return true;
  if (value === null || value === undefined || expected === null) return false;
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  if (text === String(expected)) return true;
  return typeof expected === 'number' && text.trim() !== '' && Number(text) === expected;
};

/**
 * What a first value comes to. `undefined` is no value at all: a query without rows. Without `showBodies` the reason
 * tells nothing of the value.
 */
export const judgeValue = (
  value: unknown,
  expected: Expected | undefined,
  asked: string,
  { showBodies }: { readonly showBodies: boolean },
): Verdict => {
  const facts = value === undefined ? {} : { VALUE: value };
  if (expected === undefined || isSame(value, expected)) return { status: 'healthy', reason: null, facts };
  const got = gotOf(value, showBodies);
  return { status: 'unhealthy', reason: `${asked} gave ${got}, expected ${shown(expected)}`, facts };
};

const gotOf = (value: unknown, showBodies: boolean): string => {
  if (value === undefined) return 'no row';
  return showBodies ? shown(value) : 'another value';
};
