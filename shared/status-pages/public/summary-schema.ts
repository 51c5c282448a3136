import * as z from 'zod';
import { isoInstant } from '../../platform/api/fields.ts';
import { incidentStates } from './page-model.ts';
import { publicStates } from './states.ts';

/** What `GET /status/{slug}/summary.json` answers. */

const state = z.enum(publicStates);

const updateSchema = z.strictObject({
  at: isoInstant,
  status: z
    .enum(incidentStates)
    .nullable()
    .meta({ description: 'What it brought the incident to; null for a text alone.' }),
  text: z.string(),
});

export const summarySchema = z
  .strictObject({
    page: z.strictObject({
      slug: z.string(),
      name: z.string(),
      url: z.string(),
      timeZone: z.string(),
      updatedAt: isoInstant.meta({ description: 'When all of this was read.' }),
      isStale: z.boolean().meta({
        description: 'It could not be read anew; after five minutes the state of all is unknown.',
      }),
    }),
    status: z.strictObject({ state, description: z.string().meta({ description: 'A sentence.' }) }),
    components: z.array(
      z.strictObject({
        name: z.string(),
        group: z.string(),
        status: state,
        uptimePercent90d: z.number().nullable().meta({ description: 'Null while nothing is known.' }),
        coveragePercent90d: z.number().nullable().meta({
          description: 'How much of the time is known in which the check was due; null while none was.',
        }),
      }),
    ),
    incidents: z.array(
      z.strictObject({
        id: z.string(),
        title: z.string(),
        status: z.enum(incidentStates),
        startedAt: isoInstant,
        resolvedAt: isoInstant.nullable(),
        components: z.array(z.string()),
        updates: z.array(updateSchema).meta({ description: 'Newest first.' }),
      }),
    ),
    maintenance: z.array(
      z.strictObject({
        status: z.enum(['running', 'scheduled']),
        startsAt: isoInstant,
        endsAt: isoInstant.nullable().meta({ description: 'Null: until further notice.' }),
        components: z.array(z.string()),
      }),
    ),
  })
  .meta({ id: 'StatusSummary' });
export type Summary = z.output<typeof summarySchema>;
