import { type RootSchema, withoutDefaults } from '../../components/schema-form/index.ts';
import { durationText } from '../../components/schema-form/text.ts';

type Fields = Readonly<Record<string, unknown>>;

/** In this order people read a check. What is not named follows as it came. */
const order = [
  'deploymentId',
  'name',
  'type',
  'target',
  'interval',
  'timeout',
  'retries',
  'failureThreshold',
  'successThreshold',
  'degradedAbove',
  'conditions',
  'config',
];
const durations: readonly string[] = ['interval', 'timeout', 'degradedAbove'];

/** A file puts environment variables in for `${env:…}`: written so, the text stays as it is. */
const escaped = (value: unknown): unknown => {
  if (typeof value === 'string') return value.replaceAll(/\$\{env:[^}]*\}/g, (reference) => `$${reference}`);
  if (Array.isArray(value)) return value.map(escaped);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, held]) => [name, escaped(held)]));
};

const written = (name: string, value: unknown): unknown =>
  durations.includes(name) && typeof value === 'number' ? durationText(value) : escaped(value);

/** A check as `homeostat.yaml` has it: under `checks`, without what it is anyway. */
export const checkInFile = (
  schema: RootSchema,
  definition: Fields,
): { readonly checks: readonly [Fields] } => {
  const lean = withoutDefaults(schema, schema, definition) as Fields;
  const names = [
    ...order.filter((name) => lean[name] !== undefined),
    ...Object.keys(lean).filter((name) => !order.includes(name)),
  ];
  return { checks: [Object.fromEntries(names.map((name) => [name, written(name, lean[name])]))] };
};
