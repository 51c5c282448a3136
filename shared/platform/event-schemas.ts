import * as z from 'zod';
import {
  type AuditAction,
  checkStatuses,
  type EventDetails,
  type EventType,
  eventSource,
  severities,
} from './events.ts';

/** What consumers of the bus may rely on; a test holds these against the types that publishers use. */

const status = z.enum(checkStatuses);
const instant = z.string().meta({ format: 'date-time' });
const severity = z.enum(severities);
const tags = z.record(z.string(), z.string());
const deploymentId = z.string().nullable().meta({ description: 'Null where it belongs to none.' });
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
  'rule.changed': z
    .object({
      ...envelope,
      ruleId: z.string(),
      deploymentId,
      name: z.string(),
      revision: count,
      change: z.enum(['created', 'updated', 'removed']),
    })
    .meta({ description: 'A rule was written or removed.' }),
  'alert.state_changed': z
    .object({
      ...envelope,
      alertId: z.string(),
      eventId: z.string().meta({ description: 'The episode, as under /alerts/events.' }),
      ruleId: z.string(),
      ruleName: z.string(),
      type: z.string(),
      deploymentId,
      subject: z.string(),
      severity,
      from: z.enum(['inactive', 'pending', 'firing', 'resolved']),
      to: z.enum(['pending', 'firing', 'resolved']),
      value: z.number().nullable(),
      reason: z.string(),
      labels: tags,
      incidentId: z.string().nullable(),
    })
    .meta({ description: 'A rule became true for one subject, or ceased to be.' }),
  'incident.changed': z
    .object({
      ...envelope,
      incidentId: z.string(),
      deploymentId,
      title: z.string(),
      severity,
      status: z.enum(['open', 'acknowledged', 'resolved']),
      change: z.enum([
        'opened',
        'grown',
        'acknowledged',
        'unacknowledged',
        'escalated',
        'reopened',
        'resolved',
      ]),
      by: z.string().nullable(),
      firing: count,
      resolved: count,
    })
    .meta({
      description: 'An incident was opened, joined, acknowledged, escalated, reopened or resolved.',
    }),
  'finding.changed': z
    .object({
      ...envelope,
      findingId: z.string(),
      kind: z.string() as z.ZodType<EventDetails['finding.changed']['kind']>,
      state: z.enum(['open', 'resolved']),
      severity,
      deploymentId,
      resource: z.string(),
      title: z.string(),
      reason: z.string(),
      tags,
    })
    .meta({ description: 'Something wrong was found by comparing, or is right again.' }),
  'plan.decided': z
    .object({
      ...envelope,
      planHash: z.string(),
      deploymentId,
      decision: z.enum(['approved', 'rejected']),
      by: z.string(),
      reason: z.string(),
    })
    .meta({ description: 'Somebody approved or rejected a plan, or its time ended.' }),
  'remediation.changed': z
    .object({
      ...envelope,
      remediationId: z.string(),
      planHash: z.string(),
      deploymentId,
      workflow: z.enum(['heal', 'drift', 'cost', 'rollback', 'scale']),
      status: z.string(),
      actions: z.array(z.string()).meta({ description: 'Kinds of its actions.' }),
      resources: z.array(z.string()),
      findingId: z.string(),
      checkIds: z.array(z.string()),
      attempt: count,
      by: z.string(),
      reason: z.string(),
    })
    .meta({ description: 'A remediation went from one state to another.' }),
  'release.changed': z
    .object({
      ...envelope,
      releaseId: z.string(),
      deploymentId: z.string(),
      version: z.string(),
      state: z.enum(['began', 'finished', 'confirmed', 'failed', 'rolled_back', 'superseded']),
      reason: z.string(),
    })
    .meta({ description: 'A release of a deployment began, finished, was confirmed or rolled back.' }),
  'notification.undelivered': z
    .object({
      ...envelope,
      channelId: z.string(),
      channelName: z.string(),
      incidentId: z.string(),
      since: instant,
      reason: z.string(),
    })
    .meta({ description: 'A channel did not take a notification for so long that trying ended.' }),
  'notification.told': z
    .object({
      ...envelope,
      channelName: z.string(),
      incidentId: z.string(),
      kind: z.string(),
      status: z.enum(['firing', 'resolved']),
      severity,
      deploymentId,
      title: z.string(),
      text: z.string(),
      dedupeKey: z.string(),
      url: z.string(),
    })
    .meta({ description: 'What a channel of the type eventbridge tells.' }),
  'audit.recorded': z
    .object({
      ...envelope,
      by: z.string(),
      action: z.string() as z.ZodType<AuditAction>,
      kind: z.string(),
      subjectId: z.string(),
      name: z.string(),
      deploymentId,
      before: z.unknown(),
      after: z.unknown(),
    })
    .meta({ description: 'Somebody wrote something; before and after, with secrets hidden.' }),
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
