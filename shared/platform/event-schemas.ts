import * as z from 'zod';
import { checkStatuses, type EventDetails, type EventType, eventSource } from './events.ts';

/** What consumers of the bus may rely on; a test holds these against the types that publishers use. */

const status = z.enum(checkStatuses);
const instant = z.string().meta({ format: 'date-time' });
const tags = z.record(z.string(), z.string());
const count = z.number().int().min(0);

const envelope = {
  id: z.string().meta({ description: 'The same change always has the same id: drop what you have seen.' }),
  at: instant.meta({ description: 'When it happened, not when it was published.' }),
  accountId: z.string(),
  region: z.string(),
};
const check = {
  ...envelope,
  checkId: z.string(),
  deploymentId: z.string(),
  name: z.string(),
};

export const eventSchemas = {
  'check.changed': z
    .object({ ...check, revision: count, change: z.enum(['created', 'updated', 'removed']) })
    .meta({
      description: 'The definition of a check was written or removed, or people paused or resumed it.',
    }),
  'check.status_changed': z
    .object({
      ...check,
      type: z.string(),
      target: z.string(),
      from: status,
      to: status,
      reason: z.string(),
      responseTimeMs: z.number().nullable(),
      tags,
    })
    .meta({ description: 'A check went from one status to another.' }),
  'check.flapping': z
    .object({
      ...check,
      type: z.string(),
      target: z.string(),
      state: z.enum(['started', 'ended']),
      turns: count.meta({ description: 'Turns between success and failure among the last results.' }),
      reason: z.string(),
      tags,
    })
    .meta({
      description:
        'A check began, or ceased, to go back and forth faster than its thresholds can make sense of.',
    }),
  'check.paced': z.object({ ...envelope, checkId: z.string(), pace: z.enum(['slow', 'usual']) }).meta({
    description: 'A check hung so often that it runs apart from the others, or answers well again.',
  }),
  'deployment.registered': z
    .object({ ...envelope, deploymentId: z.string(), environment: z.string(), revision: count })
    .meta({ description: 'A deployment was registered or registered otherwise.' }),
  'deployment.status_changed': z
    .object({
      ...envelope,
      deploymentId: z.string(),
      from: status,
      to: status,
      reason: z.string(),
      checks: z.object({
        total: count,
        healthy: count,
        degraded: count,
        unhealthy: count,
        unknown: count,
      }),
    })
    .meta({ description: 'The worst of a deployment’s checks changed.' }),
  'monitor.blind': z
    .object({
      ...envelope,
      location: z.string(),
      network: z.enum(['public', 'vpc']),
      state: z.enum(['started', 'ended']),
      since: instant,
      reason: z.string(),
    })
    .meta({
      description:
        'Homeostat’s own way out failed, so that what it could not reach says nothing; or it is back.',
    }),
} as const satisfies { readonly [T in EventType]: z.ZodType<EventDetails[T]> };

/**
 * One JSON Schema for all: an event as EventBridge delivers it. More fields may come with later versions, so nothing is
 * said against unknown ones.
 */
export const eventSchemaDocument = (): Readonly<Record<string, unknown>> => {
  const details = Object.entries(eventSchemas).map(([type, schema]) => {
    const { $schema: _dialect, ...json } = z.toJSONSchema(schema, { io: 'input' });
    return [type, json] as const;
  });
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Events of Homeostat',
    type: 'object',
    required: ['source', 'detail-type', 'detail'],
    properties: { source: { const: eventSource } },
    oneOf: details.map(([type]) => ({
      properties: { 'detail-type': { const: type }, detail: { $ref: `#/$defs/${type}` } },
    })),
    $defs: Object.fromEntries(details),
  };
};
