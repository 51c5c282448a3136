import * as z from 'zod';
import { isoInstant, line, timeZoneField } from '../platform/api/fields.ts';
import { severities } from '../platform/events.ts';
import { weekdays } from '../platform/wall-clock.ts';
import { type ChannelType, channelTypes } from './channel.ts';
import { channelKinds } from './kinds/registry.ts';
import type { ChannelInput } from './resolve-channel.ts';

const name = line(100).meta({
  description: 'Unique in the stack. A channel with another name is another channel.',
  examples: ['on call'],
});

const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'Give a time of day such as 22:00.');

const quietHours = z
  .strictObject({
    from: timeOfDay,
    until: timeOfDay.meta({ description: 'Past midnight when it is the earlier one.' }),
    timeZone: timeZoneField.optional(),
    weekdays: z
      .array(z.enum(weekdays))
      .min(1)
      .max(7)
      .refine((days) => new Set(days).size === days.length, 'Name each weekday once.')
      .optional()
      .meta({ description: 'The days on which they begin; every day when left out.' }),
    exceptFrom: z
      .enum(severities)
      .optional()
      .meta({ description: 'What is at least so severe is told all the same; `critical` when left out.' }),
  })
  .refine(({ from, until }) => from !== until, {
    error: 'Give another time than `from`; for whole days leave the channel out of the rules.',
    path: ['until'],
  })
  .meta({
    id: 'QuietHours',
    description: 'While they last the channel is told nothing; the rest waits for their end.',
  });

/** Everything about a channel that does not depend on its type. */
const shared = {
  fallback: name
    .optional()
    .meta({ description: 'The channel that is told in its place while this one cannot be reached.' }),
  quietHours: quietHours.optional(),
  tellsResolved: z
    .boolean()
    .default(true)
    .meta({ description: 'Whether it is told that something is right again.' }),
  isActive: z.boolean().default(true),
};

const configs = channelTypes.map((type) => {
  const id = `${type[0]?.toUpperCase()}${type.slice(1)}ChannelConfig`;
  return { type, config: channelKinds[type].config(z).meta({ id }) };
});

const ofEachType = (identity: z.ZodRawShape) => {
  const variants = configs.map(({ type, config }) =>
    z.strictObject({ ...identity, type: z.literal(type), config: config.prefault({}), ...shared }),
  );
  const [first, ...others] = variants;
  if (!first) throw new Error('no type of channel is registered');
  return z.discriminatedUnion('type', [first, ...others], {
    error: (issue) =>
      issue.code === 'invalid_union' ? `Give one of ${channelTypes.join(', ')}.` : undefined,
  });
};

/** A channel as people define it, over the API and in `homeostat.yaml` alike. */
export const channelDefinitionSchema = ofEachType({ name }) as unknown as z.ZodType<ChannelInput>;

/** The whole definition anew. The name identifies the channel: it may be repeated, not changed. */
export const channelReplacementSchema = ofEachType({ name: name.optional() }) as unknown as z.ZodType<
  Omit<ChannelInput, 'name'> & { name?: string }
>;

export const channelTypeSchema = z.enum(channelTypes as readonly [ChannelType, ...ChannelType[]]);

export const channelIdSchema = z
  .string()
  .regex(/^[0-9a-f]{16}$/)
  .meta({ description: 'The id of a channel.' });

/** A channel as answers show it. */
export const channelViewSchema = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    type: channelTypeSchema,
    config: z
      .record(z.string(), z.unknown())
      .meta({ description: 'Secrets stand in it as references only.' }),
    fallback: z.string().optional(),
    quietHours: z
      .strictObject({
        from: z.string(),
        until: z.string(),
        timeZone: z.string().optional(),
        weekdays: z.array(z.string()).optional(),
        exceptFrom: z.enum(severities).optional(),
      })
      .optional(),
    tellsResolved: z.boolean(),
    isActive: z.boolean(),
    managedBy: z.enum(['file', 'api', 'builtin']),
    revision: z.int(),
    createdAt: isoInstant,
    updatedAt: isoInstant,
  })
  .meta({ id: 'Channel' });
type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;
export type ChannelView = DeepReadonly<z.output<typeof channelViewSchema>>;
