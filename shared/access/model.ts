import * as z from 'zod';
import { scopes } from '../platform/api/caller.ts';
import { deploymentIdField, isoInstant, line, pageOf } from '../platform/api/fields.ts';
import { tokenIdPattern } from './token.ts';

const reach = z.union([z.literal('*'), z.array(deploymentIdField).min(1).max(50)]);

export const tokenInputSchema = z.strictObject({
  name: line(100).meta({ description: 'Who or what uses it; for people.' }),
  scopes: z
    .array(z.enum(scopes))
    .min(1, 'Give at least one scope.')
    .transform((given) => scopes.filter((scope) => given.includes(scope)))
    .meta({ description: 'What it may do. None contains another.' }),
  deployments: z
    .union([z.literal('*'), z.array(deploymentIdField).min(1).max(50)], {
      error: 'Give "*" for all deployments, or a list of 1 to 50 deployment ids.',
    })
    .meta({ description: 'The deployments it reaches: `*` or a list.' }),
  expiresInDays: z
    .int()
    .min(1)
    .max(3650)
    .nullable()
    .default(90)
    .meta({ description: 'Null for a token that never expires.' }),
});

export const tokenViewSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  scopes: z.array(z.enum(scopes)),
  deployments: reach,
  createdBy: z.string(),
  createdAt: isoInstant,
  expiresAt: isoInstant.nullable(),
  lastUsedAt: isoInstant.nullable().meta({ description: 'To the hour.' }),
  revokedAt: isoInstant.nullable(),
});

/** What a token may do, as whoever holds it learns. */
export const ownTokenSchema = z.strictObject({
  principal: z.string().meta({ description: '`admin` for the first token, `token:<id>` for the others.' }),
  name: z.string().nullable().meta({ description: 'Null for the first token.' }),
  scopes: z.array(z.enum(scopes)),
  deployments: z.union([z.literal('*'), z.array(z.string())]),
  expiresAt: isoInstant.nullable(),
});

export const newTokenSchema = tokenViewSchema.extend({
  token: z
    .string()
    .nullable()
    .meta({ description: 'The token itself, this once; null when the request is repeated.' }),
});

export const tokenPageSchema = pageOf(tokenViewSchema);

export const tokenIdSchema = z.string().regex(tokenIdPattern).meta({ description: 'The id of a token.' });
