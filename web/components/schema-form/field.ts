import { isFields, type JsonSchema, type RootSchema, resolved } from './schema.ts';

/** One of the values that a field may have. */
export type Option = { readonly value: unknown; readonly label: string };

/** One of the forms that a value may have, or one of the kinds of a whole object. */
export type Way = { readonly label: string; readonly schema: JsonSchema };

export type Member = { readonly name: string; readonly schema: JsonSchema; readonly isRequired: boolean };

/** How a schema is filled in. */
export type Field =
  | { readonly kind: 'text'; readonly forms: readonly JsonSchema[]; readonly isLong: boolean }
  | { readonly kind: 'instant' }
  | { readonly kind: 'choice'; readonly options: readonly Option[] }
  | { readonly kind: 'toggle' }
  | { readonly kind: 'several'; readonly options: readonly Option[] }
  | { readonly kind: 'list'; readonly item: JsonSchema; readonly least: number; readonly most: number }
  | { readonly kind: 'map'; readonly value: JsonSchema }
  | { readonly kind: 'group'; readonly members: readonly Member[] }
  | { readonly kind: 'either'; readonly ways: readonly Way[]; readonly discriminator: string | undefined }
  | { readonly kind: 'json' };

const typeOf = (schema: JsonSchema): string | undefined =>
  typeof schema.type === 'string' ? schema.type : undefined;

const scalars: readonly (string | undefined)[] = ['string', 'number', 'integer', 'boolean', 'null'];
const isScalar = (schema: JsonSchema): boolean => scalars.includes(typeOf(schema));
const isNull = (schema: JsonSchema): boolean => typeOf(schema) === 'null';

/** From so many characters on a text has several lines. */
const longText = 4000;

const optionsOf = (schema: JsonSchema): Option[] | undefined => {
  if (schema.enum) return schema.enum.map((value) => ({ value, label: String(value) }));
  return schema.const === undefined ? undefined : [{ value: schema.const, label: String(schema.const) }];
};

/** The field a schema is filled in with; what no field is for is given as JSON. */
export const fieldOf = (given: JsonSchema, root: RootSchema): Field => {
  const schema = resolved(given, root);
  const options = optionsOf(schema);
  if (options) return { kind: 'choice', options };
  const forms = schema.oneOf ?? schema.anyOf;
  if (forms) return fieldOfForms(forms, root);
  if (Array.isArray(schema.type))
    return fieldOfForms(
      schema.type.map((type: string) => ({ ...schema, type })),
      root,
    );
  switch (schema.type) {
    case 'boolean':
      return { kind: 'toggle' };
    case 'string':
      return schema.format === 'date-time'
        ? { kind: 'instant' }
        : { kind: 'text', forms: [schema], isLong: (schema.maxLength ?? 0) >= longText };
    case 'number':
    case 'integer':
      return { kind: 'text', forms: [schema], isLong: false };
    case 'array':
      return fieldOfArray(schema, root);
    case 'object':
      return fieldOfObject(schema);
    default:
      return { kind: 'json' };
  }
};

const fieldOfArray = ({ items, minItems = 0, maxItems }: JsonSchema, root: RootSchema): Field => {
  if (!items) return { kind: 'json' };
  const options = optionsOf(resolved(items, root));
  if (options) return { kind: 'several', options };
  return { kind: 'list', item: items, least: minItems, most: maxItems ?? Number.POSITIVE_INFINITY };
};

const fieldOfObject = ({ properties, required = [], additionalProperties }: JsonSchema): Field => {
  if (properties) {
    const members = Object.entries(properties).map(([name, schema]) => ({
      name,
      schema,
      isRequired: required.includes(name),
    }));
    return { kind: 'group', members };
  }
  // `{}` says of a value that it may be anything.
  return isFields(additionalProperties) && Object.keys(additionalProperties).length > 0
    ? { kind: 'map', value: additionalProperties as JsonSchema }
    : { kind: 'json' };
};

const fieldOfForms = (forms: readonly JsonSchema[], root: RootSchema): Field => {
  const all = forms.map((form) => resolved(form, root));
  const given = all.filter((form) => !isNull(form));
  const [only] = given;
  // Null is what is left out: a field that is emptied.
  if (only && given.length === 1 && (!isScalar(only) || only.format === 'date-time' || only.enum))
    return fieldOf(only, root);
  const options = given.map(optionsOf);
  if (options.every((some) => some !== undefined))
    return { kind: 'choice', options: different(options.flat()) };
  if (all.every(isScalar)) return { kind: 'text', forms: all, isLong: false };
  const discriminator = discriminatorOf(given);
  return {
    kind: 'either',
    discriminator,
    ways: given.map((schema) => ({ schema, label: wayLabel(schema, given, discriminator) })),
  };
};

/** `'1.2'` and `1.2` are one choice to whoever reads them. */
const different = (options: readonly (Option | undefined)[]): Option[] => {
  const byLabel = new Map<string, Option>();
  for (const option of options) if (option && !byLabel.has(option.label)) byLabel.set(option.label, option);
  return [...byLabel.values()];
};

/** The property that says which of several objects it is: each has another constant there. */
const discriminatorOf = (ways: readonly JsonSchema[]): string | undefined => {
  const [first] = ways;
  return Object.keys(first?.properties ?? {}).find((name) => {
    const values = ways.map((way) => way.properties?.[name]?.const);
    return values.every((value) => value !== undefined) && new Set(values).size === ways.length;
  });
};

const wayLabel = (
  schema: JsonSchema,
  ways: readonly JsonSchema[],
  discriminator: string | undefined,
): string => {
  if (discriminator !== undefined) return String(schema.properties?.[discriminator]?.const);
  if (schema.const !== undefined) return String(schema.const);
  if (schema.properties) {
    const others = ways.filter((way) => way !== schema);
    const own = (schema.required ?? []).filter((name) =>
      others.every((way) => !way.required?.includes(name)),
    );
    return (own.length > 0 ? own : (schema.required ?? ['object'])).map(labelOf).join(', ');
  }
  if (schema.type === 'array') return 'list';
  if (schema.enum) return schema.enum.map(String).join(' or ');
  return schema.type === 'string' ? 'text' : String(schema.type ?? 'JSON');
};

const acronyms: ReadonlySet<string> = new Set([
  'tls',
  'url',
  'id',
  'dns',
  'arn',
  'http',
  'ip',
  'api',
  'ttl',
  'sns',
]);

/** `failureThreshold`, `max_attempts` → `Failure threshold`, `Max attempts`; `verifyTls` → `Verify TLS`. */
export const labelOf = (name: string): string => {
  const words = name
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replaceAll('_', ' ')
    .toLowerCase()
    .split(' ')
    .map((word) => (acronyms.has(word) ? word.toUpperCase() : word))
    .join(' ');
  return words.replace(/^is (?=\w)/, '').replace(/^\w/, (letter) => letter.toUpperCase());
};
