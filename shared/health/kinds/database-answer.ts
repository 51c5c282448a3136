import type { Expected } from './database-config.ts';
import type { Verdict } from './kind.ts';

/** Of a value in a reason; the whole of it stays with the conditions. */
const shownCharacters = 100;

/** Without secrets before it is cut, for a cut would leave half of one (fault 29). */
const shown = (value: unknown, hide: Telling['hide']): string => {
  const text = hide(typeof value === 'bigint' ? String(value) : (JSON.stringify(value) ?? 'nothing'));
  return text.length > shownCharacters ? `${text.slice(0, shownCharacters)}…` : text;
};

/** How a value may be told. */
type Telling = {
  readonly showBodies: boolean;
  /** Takes the values of secrets out of a text. */
  hide(text: string): string;
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
  telling: Telling,
): Verdict => {
  const facts = value === undefined ? {} : { VALUE: value };
  if (expected === undefined || isSame(value, expected)) return { status: 'healthy', reason: null, facts };
  const got = gotOf(value, telling);
  return {
    status: 'unhealthy',
    reason: `${asked} gave ${got}, expected ${shown(expected, telling.hide)}`,
    facts,
  };
};

const gotOf = (value: unknown, { showBodies, hide }: Telling): string => {
  if (value === undefined) return 'no row';
  return showBodies ? shown(value, hide) : 'another value';
};
