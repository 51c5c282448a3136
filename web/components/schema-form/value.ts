import { type Field, fieldOf, type Member, type Way } from './field.ts';
import { type Fields, isFields, type JsonSchema, type RootSchema, resolved } from './schema.ts';

/** With the member, or without it where nothing is given. */
export const withMember = (fields: Fields, name: string, value: unknown): Fields => {
  if (value !== undefined) return { ...fields, [name]: value };
  const { [name]: _left, ...others } = fields;
  return others;
};

/** What something begins with that was just added. */
export const startOf = (schema: JsonSchema, root: RootSchema): unknown => {
  const field = fieldOf(schema, root);
  switch (field.kind) {
    case 'group':
      return startOfGroup(field, root);
    case 'list':
    case 'several':
      return [];
    case 'map':
      return {};
    case 'either':
      return startOf(field.ways[firstWay(field, root)]?.schema ?? {}, root);
    case 'choice':
      return field.options[0]?.value;
    default:
      return undefined;
  }
};

/** One of several kinds, of which the form shows one as chosen from the beginning: then it is sent, too. */
const isChosen = ({ schema }: Member, root: RootSchema): boolean => {
  const field = fieldOf(schema, root);
  return (
    field.kind === 'either' && field.discriminator !== undefined && isFields(resolved(schema, root).default)
  );
};

const startOfGroup = ({ members }: Extract<Field, { kind: 'group' }>, root: RootSchema): Fields => {
  const needed = members
    .filter((member) => member.isRequired || isChosen(member, root))
    .map(({ name, schema }) => [name, startOf(schema, root)] as const)
    .filter(([, value]) => value !== undefined);
  return Object.fromEntries(needed);
};

const typeOf = (value: unknown): string => {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
};

/** Whether a value has the form of a way: its type, its constants, and what it must have. */
const fits = (value: unknown, schema: JsonSchema, root: RootSchema): boolean => {
  const { type, const: constant, enum: several, properties = {}, required = [] } = resolved(schema, root);
  if (constant !== undefined) return value === constant;
  if (several) return several.includes(value);
  const own = typeOf(value);
  if (type !== own && !(type === 'integer' && own === 'number')) return false;
  if (!isFields(value)) return true;
  const isOfConstants = Object.entries(properties).every(
    ([name, { const: one }]) => one === undefined || value[name] === one,
  );
  return isOfConstants && required.every((name) => name in value);
};

/** How many of an object's fields a way knows. */
const knownIn = (value: unknown, schema: JsonSchema): number =>
  isFields(value) ? Object.keys(value).filter((name) => schema.properties?.[name]).length : 0;

/** The way that something new begins with: plain text where that may be, else the first. */
const firstWay = ({ ways, discriminator }: Extract<Field, { kind: 'either' }>, root: RootSchema): number => {
  const text = ways.findIndex(({ schema }) => fieldOf(schema, root).kind === 'text');
  return discriminator === undefined ? Math.max(0, text) : 0;
};

/** Which of the ways a value is of: the one it fits, else the one it comes closest to, else the one that begins. */
export const wayOf = (
  value: unknown,
  either: Extract<Field, { kind: 'either' }>,
  root: RootSchema,
): number => {
  const { ways, discriminator } = either;
  if (discriminator !== undefined) {
    const said = isFields(value) ? value[discriminator] : undefined;
    const found = ways.findIndex(({ schema }) => schema.properties?.[discriminator]?.const === said);
    return Math.max(0, found);
  }
  const found = ways.findIndex(({ schema }) => fits(value, schema, root));
  if (found >= 0) return found;
  if (value === undefined) return firstWay(either, root);
  const known = ways.map(({ schema }) => (typeOf(value) === schema.type ? 1 : 0) + knownIn(value, schema));
  return known.indexOf(Math.max(...known));
};

/** What was filled in of a way, with what says that it is of that way. */
export const ofWay = (value: unknown, way: Way, discriminator: string | undefined): unknown => {
  const said = discriminator === undefined ? undefined : way.schema.properties?.[discriminator]?.const;
  return discriminator === undefined || said === undefined || !isFields(value)
    ? value
    : { ...value, [discriminator]: said };
};

const sameSchema = (left: JsonSchema | undefined, right: JsonSchema | undefined): boolean =>
  left !== undefined && right !== undefined && JSON.stringify(left) === JSON.stringify(right);

/**
 * The value after another way was chosen. What both ways have keeps what was given; what only the new one has is as
 * it was when that way was left (`before`), or as it begins.
 */
export const switched = (
  value: unknown,
  from: Way | undefined,
  to: Way,
  { before, root }: { readonly before?: unknown; readonly root: RootSchema },
): unknown => {
  const start = startOf(to.schema, root);
  if (!isFields(start)) return before ?? start;
  const kept = isFields(value) ? value : {};
  const shared = Object.entries(kept).filter(([name]) =>
    sameSchema(from?.schema.properties?.[name], to.schema.properties?.[name]),
  );
  return { ...start, ...(isFields(before) && before), ...Object.fromEntries(shared) };
};

/**
 * The body to change, of what a reading operation answered: only the fields that the body takes, null as left out.
 * What lies deeper is taken as it is.
 */
export const bodyFrom = (root: RootSchema, view: unknown): Fields => {
  if (!isFields(view)) return {};
  const field = fieldOf(root, root);
  const schema =
    field.kind === 'either' ? field.ways[wayOf(view, field, root)]?.schema : resolved(root, root);
  const { properties = {} } = schema ?? {};
  return Object.fromEntries(
    Object.entries(view).filter(([name, value]) => properties[name] !== undefined && value !== null),
  );
};

const isSame = (left: unknown, right: unknown): boolean => JSON.stringify(left) === JSON.stringify(right);

/** Without what the schema says it is anyway, as a file would write it: short. Lists stay as they are. */
export const withoutDefaults = (schema: JsonSchema, root: RootSchema, value: unknown): unknown => {
  const field = fieldOf(schema, root);
  if (field.kind === 'either') {
    const way = field.ways[wayOf(value, field, root)];
    return way ? withoutDefaults(way.schema, root, value) : value;
  }
  if (field.kind !== 'group' || !isFields(value)) return value;
  const lean = Object.entries(value).map(([name, held]) => {
    const member = field.members.find((one) => one.name === name);
    if (!member) return [name, held] as const;
    const less = withoutDefaults(member.schema, root, held);
    const usual = resolved(member.schema, root).default;
    const isUsual = !member.isRequired && usual !== undefined && isSame(less, usual);
    return [name, isUsual ? undefined : less] as const;
  });
  return Object.fromEntries(lean.filter(([, held]) => held !== undefined));
};
