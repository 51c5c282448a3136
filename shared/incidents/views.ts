import * as z from 'zod';
import { subjectViewSchema, viewOfSubject } from '../alerting/api.ts';
import { isoInstant, pageOf } from '../platform/api/fields.ts';
import { toIso } from '../platform/clock.ts';
import { severities } from '../platform/events.ts';
import type { Incident, IncidentMember } from './incident.ts';
import { entryKinds, type TimelineEntry } from './timeline.ts';

/** What the routes of incidents answer with. */

const isoOrNull = (at: number | undefined): string | null => (at === undefined ? null : toIso(at));

export const incidentStatuses = ['open', 'acknowledged', 'resolved'] as const;

const incidentFields = {
  id: z.string(),
  deploymentId: z.string().nullable(),
  title: z.string(),
  severity: z.enum(severities),
  status: z.enum(incidentStatuses),
  openedAt: isoInstant,
  acknowledgedAt: isoInstant.nullable(),
  acknowledgedBy: z.string().nullable(),
  resolvedAt: isoInstant.nullable(),
  resolvedBy: z.string().nullable().meta({ description: 'Null where its alerts resolved by themselves.' }),
  duration: z.number().nullable().meta({ description: 'Seconds; null while it is not resolved.' }),
  firing: z.int().meta({ description: 'Its alerts that fire.' }),
  resolved: z.int().meta({ description: 'Its alerts that do not any more.' }),
  reopenings: z.int(),
  escalationStep: z.int().meta({ description: 'Steps of the escalation that were taken.' }),
  isFlapping: z
    .boolean()
    .meta({ description: 'It goes back and forth, and channels are told when it stands still.' }),
};
export const incidentViewSchema = z.strictObject(incidentFields).meta({ id: 'Incident' });
export const incidentPageSchema = pageOf(incidentViewSchema);

/** An incident as answers show it. */
export const viewOfIncident = (incident: Incident): z.output<typeof incidentViewSchema> => ({
  id: incident.id,
  deploymentId: incident.deploymentId,
  title: incident.title,
  severity: incident.severity,
  status: incident.status,
  openedAt: toIso(incident.openedAt),
  acknowledgedAt: isoOrNull(incident.acknowledgedAt),
  acknowledgedBy: incident.acknowledgedBy ?? null,
  resolvedAt: isoOrNull(incident.resolvedAt),
  resolvedBy: incident.resolvedBy ?? null,
  duration: incident.resolvedAt === undefined ? null : (incident.resolvedAt - incident.openedAt) / 1000,
  firing: incident.firing,
  resolved: incident.resolved,
  reopenings: incident.reopenings,
  escalationStep: incident.escalationStep,
  isFlapping: incident.flappingSince !== undefined,
});

const memberSchema = z.strictObject({
  alertId: z.string(),
  eventId: z.string().meta({ description: 'Of /api/v1/monitoring/alerts/events.' }),
  ruleId: z.string(),
  ruleName: z.string(),
  type: z.string(),
  subject: subjectViewSchema,
  state: z.enum(['firing', 'resolved']),
  severity: z.enum(severities),
  value: z.number().nullable(),
  reason: z.string(),
  firedAt: isoInstant,
  resolvedAt: isoInstant.nullable(),
  runbookUrl: z.string().nullable(),
  held: z.enum(['muted', 'parent', 'info', 'wait', 'channel']).nullable().meta({
    description:
      'Why nobody is told of it: a silence or maintenance, its parent is down, it is mere information, the group wait is not over, or there is no channel. Null where nothing holds it back.',
  }),
});

export const viewOfMember = (
  member: IncidentMember,
  { held }: Pick<Incident, 'held'>,
): z.output<typeof memberSchema> => ({
  alertId: member.alertId,
  eventId: member.eventId,
  ruleId: member.ruleId,
  ruleName: member.ruleName,
  type: member.ruleType,
  subject: viewOfSubject(member.subject),
  state: member.state,
  severity: member.severity,
  value: member.value,
  reason: member.reason,
  firedAt: toIso(member.firedAt),
  resolvedAt: isoOrNull(member.resolvedAt),
  runbookUrl: member.runbookUrl ?? null,
  held: (Object.hasOwn(held, member.alertId) ? held[member.alertId] : undefined) ?? null,
});

const toldSchema = z.strictObject({
  channelId: z.string(),
  channelName: z.string().nullable().meta({ description: 'Null where the channel is not there any more.' }),
  sent: z
    .array(z.strictObject({ no: z.int(), kind: z.string(), at: isoInstant }))
    .meta({ description: 'What the channel acknowledged, oldest first; at most the last twenty.' }),
  unsent: z
    .array(z.strictObject({ no: z.int(), kind: z.string(), at: isoInstant }))
    .meta({ description: 'What waits for it, in order.' }),
  failingSince: isoInstant.nullable(),
  nextAttemptAt: isoInstant.nullable(),
  lastError: z.string().nullable(),
  isUndelivered: z.boolean().meta({
    description: 'Trying ended: POST /api/v1/monitoring/notifications/redrive begins anew.',
  }),
});

export const incidentDetailSchema = z
  .strictObject({
    ...incidentFields,
    alerts: z.array(memberSchema).meta({ description: 'At most 1,000; those that fire come first.' }),
    notifications: z.array(toldSchema).meta({ description: 'What each channel was told.' }),
  })
  .meta({ id: 'IncidentDetail' });
export type ToldView = z.output<typeof toldSchema>;

export const timelineEntrySchema = z
  .strictObject({
    id: z.string(),
    at: isoInstant,
    kind: z.enum(entryKinds),
    text: z.string(),
    by: z.string().nullable().meta({ description: 'Null: Homeostat itself.' }),
    channels: z.array(z.string()).meta({ description: 'Ids of the channels that are told of it.' }),
    alertId: z.string().nullable(),
  })
  .meta({ id: 'TimelineEntry' });
export const timelinePageSchema = pageOf(timelineEntrySchema);

export const viewOfEntry = (entry: TimelineEntry): z.output<typeof timelineEntrySchema> => ({
  id: entry.id,
  at: toIso(entry.at),
  kind: entry.kind,
  text: entry.text,
  by: entry.by,
  channels: [...(entry.channels ?? [])],
  alertId: entry.alertId ?? null,
});
