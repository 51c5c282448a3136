import type { JsonSchema } from './schema.ts';

const isDuration = ({ pattern }: JsonSchema): boolean => pattern?.includes('(ms|s|m|h|d)') ?? false;

/** Whether numbers of it are seconds that may be written as `5m`, too. */
export const takesDuration = (forms: readonly JsonSchema[]): boolean => forms.some(isDuration);

/** `90` → `90s`, `300` → `5m`, `0.25` → `250ms`. */
export const durationText = (seconds: number): string => {
  const milliseconds = Math.round(seconds * 1000);
  if (milliseconds / 1000 !== seconds || seconds === 0) return String(seconds);
  if (!Number.isInteger(seconds)) return `${milliseconds}ms`;
  if (seconds % 86_400 === 0) return `${seconds / 86_400}d`;
  if (seconds % 3600 === 0) return `${seconds / 3600}h`;
  return seconds % 60 === 0 ? `${seconds / 60}m` : `${seconds}s`;
};

/** How a value stands in its field; what is not given is empty. */
export const textOf = (value: unknown, forms: readonly JsonSchema[]): string => {
  if (value === undefined) return '';
  if (typeof value === 'number' && takesDuration(forms)) return durationText(value);
  return typeof value === 'string' ? value : JSON.stringify(value);
};

const numberText = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

const asForm = (text: string, { type }: JsonSchema): unknown => {
  const trimmed = text.trim();
  if ((type === 'number' || type === 'integer') && numberText.test(trimmed)) return Number(trimmed);
  if (type === 'boolean' && (trimmed === 'true' || trimmed === 'false')) return trimmed === 'true';
  return type === 'null' && trimmed === 'null' ? null : undefined;
};

/**
 * The value that a text means: a number where one may stand and it is one, else the text itself, which the API then
 * judges. Empty: not given.
 */
export const meaningOf = (text: string, forms: readonly JsonSchema[]): unknown => {
  if (text === '') return undefined;
  for (const form of forms) {
    const value = asForm(text, form);
    if (value !== undefined) return value;
  }
  return text;
};

/** What stands greyed in an empty field: what it is when left out, or an example. */
export const placeholderOf = ({ default: usual, examples }: JsonSchema): string | undefined => {
  if (usual !== undefined && (typeof usual !== 'object' || usual === null)) return String(usual);
  const [example] = examples ?? [];
  return example === undefined
    ? undefined
    : `e.g. ${typeof example === 'string' ? example : JSON.stringify(example)}`;
};

/** `1 to 20`, `at least 1`; undefined where there is no bound worth saying. */
export const rangeText = ({ minimum, maximum }: JsonSchema): string | undefined => {
  if (minimum !== undefined && maximum !== undefined) return `${minimum} to ${maximum}`;
  if (minimum !== undefined && minimum !== 0) return `at least ${minimum}`;
  return maximum === undefined ? undefined : `at most ${maximum}`;
};
