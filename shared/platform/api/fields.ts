import * as z from 'zod';
import { durationHint, durationPattern, secondsOf } from '../duration.ts';
import { DomainError } from '../errors.ts';
import { isTimeZone } from '../wall-clock.ts';
import { decodeCursor } from './cursor.ts';

/** Fields that several capabilities' schemas share. */

/** Control characters (newlines included) could forge log lines and headers; bidirectional overrides could forge what people read. */
const printable = /^[^\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]*$/u;

/** One line of visible text, at most `most` characters, not blank. */
export const line = (most: number) =>
  z
    .string()
    .min(1, 'Give at least one character.')
    .max(most, `Give at most ${most} characters.`)
    .regex(printable, 'Leave out control characters and line breaks.')
    .regex(/\S/, 'Give at least one visible character.');

/** Safe in paths, keys, file names and headers. */
export const deploymentIdField = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$/,
    'Give 1 to 100 letters, digits, dots, underscores, colons or hyphens, a letter or digit first.',
  )
  .meta({ description: 'The deployment this belongs to.', examples: ['web-shop'] });

/** Seconds as a number, or a duration as text (`500ms`, `10s`, `5m`, `1h`, `1d`); gives seconds. */
export const duration = z
  .union(
    [
      z.number().nonnegative({ error: durationHint }),
      z.string().regex(durationPattern, { error: durationHint }),
    ],
    { error: durationHint },
  )
  .transform(secondsOf);

export const timeZoneField = z
  .string()
  .max(64)
  .refine(isTimeZone, 'Give an IANA time zone such as Europe/Berlin or UTC.')
  .meta({ description: 'An IANA time zone; UTC when left out.', examples: ['Europe/Berlin'] });

/** At most 20 labels of people's own. */
export const tagsField = z
  .record(
    z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._:/-]{0,62}$/, 'Name a tag with 1 to 63 letters, digits or . _ : / -'),
    z
      .string()
      .max(200, 'Give at most 200 characters.')
      .regex(printable, 'Leave out control characters and line breaks.'),
  )
  .refine((tags) => Object.keys(tags).length <= 20, 'Give at most 20 tags.');

/** An ISO 8601 instant in a query; gives epoch milliseconds. */
export const instant = z.iso
  .datetime({ offset: true, error: 'Give an ISO 8601 instant such as 2026-01-31T12:00:00Z.' })
  .transform((text) => Math.max(0, Date.parse(text)));

/** ISO 8601 in an answer. */
export const isoInstant = z.iso.datetime();

export const owners = z.enum(['file', 'api']);

export const paging = (mostItems: number, usualItems: number) => ({
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(mostItems)
    .default(usualItems)
    .meta({ description: `How many items at most, 1 to ${mostItems}.` }),
  cursor: z.string().max(500).optional().meta({
    description:
      '`next` of the page before; opaque. A page may hold fewer items than asked and still have a next.',
  }),
});

/** `{items, next}`: `next` is null on the last page. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.strictObject({ items: z.array(item), next: z.string().nullable() });

/** Where a listing goes on, from the caller's cursor. */
export const positionFrom = (
  cursor: string | undefined,
  valid: (position: string) => boolean,
): string | undefined => {
  if (cursor === undefined) return undefined;
  const position = decodeCursor(cursor);
  if (!position || !valid(position)) {
    throw new DomainError(
      'MALFORMED_REQUEST',
      'The cursor is not one that this API gave. Start again without it.',
      [{ path: 'cursor', message: 'Give the `next` of the page before, unchanged, or leave it out.' }],
    );
  }
  return position;
};
