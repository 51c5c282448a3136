import { toIso } from '../../platform/clock.ts';
import { webAddress } from '../escape.ts';
import { downtimeMs, render } from '../render.ts';
import { bodyText } from '../render-text.ts';
import type { Outgoing } from './kind.ts';

/** Grows only by fields; what would break a reader gets another number. */
const schemaName = 'homeostat.notification/1';

const isoOrNull = (instant: number | undefined): string | null =>
  instant === undefined ? null : toIso(instant);

/** Homeostat's own payload (docs/channels.md). The same announcement always gives the same one. */
export const ownPayload = (outgoing: Outgoing) => {
  const { announcement, channelName, dedupeKey, incidentKey, links } = outgoing;
  const { alerts, resolvedAt, by, note, inPlaceOf, lines, plan, openedAt, at, ...told } = announcement;
  const rendered = render(outgoing);
  const downtime = downtimeMs(announcement);
  return {
    schema: schemaName,
    id: dedupeKey,
    incidentKey,
    channel: channelName,
    incidentId: told.incidentId,
    groupKey: told.groupKey,
    no: told.no,
    kind: told.kind,
    status: told.status,
    severity: told.severity,
    deploymentId: told.deploymentId,
    title: rendered.title,
    text: bodyText(rendered),
    at: toIso(at),
    openedAt: toIso(openedAt),
    resolvedAt: isoOrNull(resolvedAt),
    downtimeSeconds: downtime === undefined ? null : Math.round(downtime / 1000),
    by: by ?? null,
    firing: told.firing,
    resolved: told.resolved,
    alerts: alerts.map((alert) => ({
      alertId: alert.alertId,
      rule: alert.ruleName,
      subject: alert.subject,
      state: alert.state,
      severity: alert.severity,
      reason: alert.reason,
      value: alert.value,
      firedAt: toIso(alert.firedAt),
      resolvedAt: isoOrNull(alert.resolvedAt),
      labels: alert.labels,
      runbookUrl: webAddress(alert.runbookUrl) ?? null,
    })),
    note: note ?? null,
    inPlaceOf: inPlaceOf ?? null,
    lines: lines ?? [],
    plan: plan === undefined ? null : { hash: plan.hash, approveBy: toIso(plan.approveBy) },
    links: {
      incident: links.incident ?? null,
      acknowledge: links.acknowledge ?? null,
      silence: links.silence ?? null,
      approve: links.approve ?? null,
      console: links.console ?? null,
    },
  };
};
