/** What a condition may speak of. Each kind names those it knows. */
export const placeholders = [
  'STATUS',
  'BODY',
  'HEADER',
  'VALUE',
  'DNS_ANSWER',
  'TLS_VERSION',
  'RESPONSE_TIME',
  'CERTIFICATE_DAYS',
  'IP',
  'CONNECTED',
] as const;
export type Placeholder = (typeof placeholders)[number];

/**
 * What was seen, by placeholder: text, numbers, lists, parsed JSON. What was not seen is left out. `BODY` is text, read
 * as JSON where a path asks for it (so is a `VALUE` that is text); `HEADER` is a map or an object with lower-case names.
 */
export type Facts = Readonly<Partial<Record<Placeholder, unknown>>>;

export type Literal = string | number | boolean | null;

/** `[BODY].items[0].ok` is `{of: 'BODY', path: ['items', 0, 'ok']}`; names of headers are in lower case. */
export type Path = { readonly of: Placeholder; readonly path: readonly (string | number)[] };

/** A side of a comparison. */
export type Operand =
  | { readonly literal: Literal }
  | { readonly list: readonly Literal[] }
  /** Both inclusive. */
  | { readonly from: number; readonly to: number }
  | Path
  | { readonly len: Path };

export const operators = [
  '==',
  '!=',
  '<=',
  '>=',
  '<',
  '>',
  'in',
  'not in',
  'contains',
  'not contains',
  'matches',
  'not matches',
] as const;
export type Operator = (typeof operators)[number];

/** One expression as people wrote it, and as it was parsed once when it was saved. */
export type Condition = {
  readonly text: string;
  readonly left: Operand;
  readonly operator: Operator;
  readonly right: Operand;
};

/** Where a value is captured from, as written and as parsed. */
export type Source = Path & { readonly text: string };

/** Every placeholder that the conditions speak of: what a probe need not know costs it nothing. */
export const placeholdersIn = (conditions: readonly Condition[]): ReadonlySet<Placeholder> => {
  const found = new Set<Placeholder>();
  const look = (operand: Operand): void => {
    if ('of' in operand) found.add(operand.of);
    if ('len' in operand) look(operand.len);
  };
  for (const { left, right } of conditions) {
    look(left);
    look(right);
  }
  return found;
};

/** A config as people wrote it: each parsed condition or source in it stands as its text again, however deep. */
export const asWritten = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(asWritten);
  if (value === null || typeof value !== 'object') return value;
  if (isParsed(value)) return value.text;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, asWritten(one)]));
};

/** Headers named like these fields hold texts, never objects or lists. */
const isParsed = (value: object): value is Condition | Source =>
  'text' in value &&
  typeof value.text === 'string' &&
  (('left' in value && typeof value.left === 'object') || ('path' in value && Array.isArray(value.path)));
