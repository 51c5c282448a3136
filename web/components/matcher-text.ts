/** Matchers of silences, maintenance and routes: read as the API writes them, made from names, and said in words. */

export type Operator = '=' | '!=' | '=~' | '!~';
export type Matcher = { readonly label: string; readonly operator: Operator; readonly value: string };

const written = /^\s*([a-zA-Z_][a-zA-Z0-9_.\-/:]*?)\s*(=~|!~|!=|=)\s*(.*?)\s*$/s;

const unquoted = (raw: string): string => {
  if (!raw.startsWith('"')) return raw;
  try {
    const value: unknown = JSON.parse(raw);
    return typeof value === 'string' ? value : raw;
  } catch {
    return raw;
  }
};

/** `check=~"home.*"` in its parts; undefined where it is no matcher. */
export const readMatcher = (text: string): Matcher | undefined => {
  const [, label, operator, raw] = written.exec(text) ?? [];
  if (label === undefined || operator === undefined || raw === undefined) return undefined;
  return { label, operator: operator as Operator, value: unquoted(raw) };
};

const special = '\\^$.*+?()[]{}|';
const isSpecial = (character: string): boolean => character !== '' && special.includes(character);

/** A pattern (RE2) of exactly these values. */
export const patternOf = (values: readonly string[]): string =>
  values.map((value) => [...value].map((one) => (isSpecial(one) ? `\\${one}` : one)).join('')).join('|');

/** The values that a pattern lists; undefined where it is more than a list of them. */
export const valuesIn = (pattern: string): readonly string[] | undefined => {
  const values = [''];
  for (let at = 0; at < pattern.length; at++) {
    let character = pattern.charAt(at);
    if (character === '|') {
      values.push('');
      continue;
    }
    const isEscaped = character === '\\';
    if (isEscaped) character = pattern.charAt(++at);
    // What is special must stand behind a backslash; anything else behind one is a class such as \d.
    if (isEscaped !== isSpecial(character)) return undefined;
    values.push(`${values.pop()}${character}`);
  }
  return values;
};

/** Matchers that all hold for exactly these values of a label: one is compared, several are a pattern. */
export const matcherOf = (label: string, values: readonly string[]): Matcher => {
  const [only, ...others] = values;
  return others.length === 0
    ? { label, operator: '=', value: only ?? '' }
    : { label, operator: '=~', value: patternOf(values) };
};

const labelWords: Readonly<Record<string, string>> = {
  ruleType: 'type of rule',
  subject: 'what it is about',
  target: 'target',
};
const labelWord = (label: string): string => {
  if (label.startsWith('tag.')) return `tag ${label.slice(4)}`;
  return Object.hasOwn(labelWords, label) ? (labelWords[label] ?? label) : label;
};

const quoted = (value: string): string => (value === '' ? 'nothing' : `«${value}»`);
const listed = (values: readonly string[], joint: string): string =>
  values.length < 2
    ? values.map(quoted).join('')
    : `${values.slice(0, -1).map(quoted).join(', ')} ${joint} ${quoted(values.at(-1) ?? '')}`;

/** `check is «home page»`, `severity is not «info»`, `check is «a» or «b»`, `check is like «home.*»`. */
export const matcherWords = ({ label, operator, value }: Matcher): string => {
  const name = labelWord(label);
  if (operator === '=') return `${name} is ${quoted(value)}`;
  if (operator === '!=') return `${name} is not ${quoted(value)}`;
  const values = valuesIn(value);
  if (values && values.length > 1) {
    return operator === '=~'
      ? `${name} is ${listed(values, 'or')}`
      : `${name} is not ${listed(values, 'or')}`;
  }
  return operator === '=~' ? `${name} is like «${value}»` : `${name} is not like «${value}»`;
};

/** Every matcher in words; each must hold. */
export const matchersWords = (matchers: readonly (string | Matcher)[]): string =>
  matchers
    .map((one) => {
      const matcher = typeof one === 'string' ? readMatcher(one) : one;
      return matcher ? matcherWords(matcher) : String(one);
    })
    .join(', and ');

/** Whether the labels are meant; undefined where only the API can tell, for patterns run on RE2 there. A label that is not there is ''. */
export const covers = (
  matchers: readonly Matcher[],
  labels: Readonly<Record<string, string>>,
): boolean | undefined => {
  let isSure = true;
  for (const { label, operator, value } of matchers) {
    const actual = Object.hasOwn(labels, label) ? (labels[label] ?? '') : '';
    const values = operator === '=' || operator === '!=' ? [value] : valuesIn(value);
    if (values === undefined) isSure = false;
    else if (values.includes(actual) !== (operator === '=' || operator === '=~')) return false;
  }
  return isSure ? true : undefined;
};
