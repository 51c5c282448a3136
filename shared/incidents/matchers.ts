import { DomainError } from '../platform/errors.ts';
import type { Matcher } from './settings.ts';

export type Labels = Readonly<Record<string, string>>;

const written = /^\s*([a-zA-Z_][a-zA-Z0-9_.\-/:]*?)\s*(=~|!~|!=|=)\s*(.*?)\s*$/s;
const hint = 'write label=value, label!=value, label=~pattern or label!~pattern';
const mostCharacters = 500;

/** Never with the text itself: what people paste by mistake may be a secret. */
const refuse = (why: string): DomainError => new DomainError('ALERT_ERROR', `The matcher ${why}.`);

/**
 * Reads `label=value`, `label!=value`, `label=~pattern` and `label!~pattern`, as Alertmanager writes them; the value may
 * stand in double quotes. Throws ALERT_ERROR with what is wrong.
 */
export const parseMatcher = async (text: string): Promise<Matcher> => {
  if (text.length > mostCharacters) throw refuse(`is longer than ${mostCharacters} characters`);
  const [, label, operator, raw] = written.exec(text) ?? [];
  if (label === undefined || operator === undefined || raw === undefined) {
    throw refuse(`cannot be read: ${hint}`);
  }
  const matcher = { label, operator: operator as Matcher['operator'], value: unquoted(raw) };
  const fault = await faultOf(matcher);
  if (fault !== undefined) throw refuse(fault);
  return matcher;
};

const unquoted = (raw: string): string => {
  if (!raw.startsWith('"')) return raw;
  try {
    const value: unknown = JSON.parse(raw);
    if (typeof value === 'string') return value;
  } catch {
    // Told below.
  }
  throw refuse('has a quote that does not end: write "value" with both, and \\" for one inside');
};

/** What is wrong with a matcher that came in parts; undefined when nothing is. */
export const faultOf = async ({ operator, value }: Matcher): Promise<string | undefined> => {
  if (operator === '=' || operator === '!=') return undefined;
  try {
    await patternOf(value);
    return undefined;
  } catch (error) {
    // RE2 repeats behind its words the part that it does not take.
    return `has a pattern that RE2 does not take: ${(error as Error).message.split(': `')[0]}`;
  }
};

export const writtenMatcher = ({ label, operator, value }: Matcher): string =>
  `${label}${operator}${/^[^\s"~][^\s"]*$/.test(value) ? value : JSON.stringify(value)}`;

type Pattern = { isAll(text: string): boolean };
const kept = new Map<string, Promise<Pattern>>();
const mostKept = 500;
/** As for patterns of checks: time grows with text times instructions, and label values are short. */
const mostInstructions = 1000;

/** Loaded at the first pattern: most stacks have none. */
const compile = async (text: string): Promise<Pattern> => {
  const { RE2JS } = await import('re2js');
  const compiled = RE2JS.compile(text);
  if (compiled.programSize() > mostInstructions) throw new Error('its repetitions make it too large');
  return { isAll: (searched) => compiled.matcher(searched).matches() };
};

const patternOf = (text: string): Promise<Pattern> => {
  const earlier = kept.get(text);
  if (earlier) return earlier;
  if (kept.size >= mostKept) kept.clear();
  const compiled = compile(text);
  kept.set(text, compiled);
  return compiled;
};

/** Whether each matcher holds. A label that is not there counts as ''; a pattern matches the whole value. */
export const matches = async (matchers: readonly Matcher[], labels: Labels): Promise<boolean> => {
  for (const matcher of matchers) if (!(await holds(matcher, labels))) return false;
  return true;
};

const holds = async ({ label, operator, value }: Matcher, labels: Labels): Promise<boolean> => {
  const actual = Object.hasOwn(labels, label) ? (labels[label] ?? '') : '';
  if (operator === '=') return actual === value;
  if (operator === '!=') return actual !== value;
  const isAll = (await patternOf(value)).isAll(actual);
  return operator === '=~' ? isAll : !isAll;
};
