import { policyDefinitionSchema, resolvePolicy, type WrittenPolicy } from '../policies/api.ts';
import { resolveScaler, scalerDefinitionSchema, type WrittenScaler } from '../scaling/api.ts';
import { durationText, type Fields, isMap, withDurations, withoutDeepDefaults } from './lean.ts';

const resolveScalerFields = (fields: Fields): unknown => resolveScaler(scalerDefinitionSchema.parse(fields));

export const scalerInFile = (scaler: WrittenScaler): Fields =>
  withDurations(
    withoutDeepDefaults({ ...scaler }, resolveScalerFields, ['deploymentId', 'name', 'target', 'series']),
    ['window', 'scaleOutCooldown', 'scaleInCooldown'],
  );

const resolvePolicyFields = (fields: Fields): unknown => resolvePolicy(policyDefinitionSchema.parse(fields));

/** What people call things themselves: no field of ours, whatever its name. */
const ofTheirOwn: readonly string[] = ['params', 'tags'];

/** What has more digits than the texts take stays the number that it is. */
const isPlain = (value: unknown): value is number =>
  typeof value === 'number' && /^\d{1,3}(\.\d{1,3})?$/.test(String(value));

const percentText = (value: unknown): unknown => (isPlain(value) ? `${value}%` : value);
const timeText = (value: unknown): unknown => (typeof value === 'number' ? durationText(value) : value);

/** How each field is said in a file, where that is not as the API says it. */
const texts: Readonly<Record<string, (value: unknown) => unknown>> = {
  wait: timeText,
  expires: timeText,
  cooldown: timeText,
  detection_period: timeText,
  threshold: percentText,
  max_percent: percentText,
  detection: (value) => (isPlain(value) ? `usage < ${value}%` : value),
  max_scale: (value) => (isPlain(value) ? `${value}x` : value),
  approval: (value) => (isMap(value) && Object.keys(value).join() === 'mode' ? value.mode : value),
};

const asPeopleSay = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(asPeopleSay);
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, held]) => {
      if (ofTheirOwn.includes(name)) return [name, held];
      const inner = asPeopleSay(held);
      return [name, Object.hasOwn(texts, name) ? texts[name]?.(inner) : inner];
    }),
  );
};

/** A policy as a file says it: without what goes without saying, in percent and durations. */
export const policyInFile = (policy: WrittenPolicy): Fields => {
  const lean = withoutDeepDefaults({ ...policy }, resolvePolicyFields, ['name', 'action', 'mode']);
  return asPeopleSay(lean) as Fields;
};
