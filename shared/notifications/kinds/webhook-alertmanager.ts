import { toIso } from '../../platform/clock.ts';
import { sha256 } from '../../platform/ids.ts';
import type { AlertFacts, Announcement } from '../announcement.ts';
import { oneLine, webAddress } from '../escape.ts';
import { render } from '../render.ts';
import { bodyText } from '../render-text.ts';
import type { Outgoing } from './kind.ts';

type Texts = Readonly<Record<string, string>>;
type AlertmanagerAlert = {
  readonly status: 'firing' | 'resolved';
  readonly labels: Texts;
  readonly annotations: Texts;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL: string;
  readonly fingerprint: string;
};

/** Go's zero time: what Alertmanager writes for an alert that has not ended. */
const notEnded = '0001-01-01T00:00:00Z';

/**
 * The payload of Alertmanager's webhook receiver, version 4
 * (https://prometheus.io/docs/alerting/latest/configuration/#webhook_config), with these fields and no others.
 */
export const alertmanagerPayload = (outgoing: Outgoing) => {
  const { announcement, channelName, incidentKey, links } = outgoing;
  const rendered = render(outgoing);
  const url = links.incident ?? links.approve ?? '';
  const alerts =
    announcement.alerts.length > 0
      ? announcement.alerts.map((alert) => alertOf(alert, announcement, url))
      : [incidentAsAlert(announcement, incidentKey, url)];
  return {
    version: '4',
    groupKey: announcement.groupKey,
    truncatedAlerts: Math.max(0, announcement.firing + announcement.resolved - alerts.length),
    status: announcement.status,
    receiver: channelName,
    groupLabels: deploymentLabel(announcement.deploymentId),
    commonLabels: common(alerts.map(({ labels }) => labels)),
    commonAnnotations: {
      ...common(alerts.map(({ annotations }) => annotations)),
      summary: rendered.title,
      description: bodyText(rendered),
    },
    externalURL: url === '' ? '' : new URL(url).origin,
    alerts,
  };
};

const deploymentLabel = (deploymentId: string | null): Texts =>
  deploymentId === null ? {} : { deployment: deploymentId };

/** Prometheus allows letters, digits and underscores in the names of labels. */
const labelName = (name: string): string => name.replace(/[^A-Za-z0-9_]/g, '_').replace(/^(?=\d)/, '_');

const labelsOf = (labels: Texts): Texts =>
  Object.fromEntries(Object.entries(labels).map(([name, value]) => [labelName(name), oneLine(value)]));

const alertOf = (alert: AlertFacts, announcement: Announcement, url: string): AlertmanagerAlert => {
  const runbook = webAddress(alert.runbookUrl);
  return {
    status: alert.state,
    labels: {
      ...labelsOf(alert.labels),
      ...deploymentLabel(announcement.deploymentId),
      subject: oneLine(alert.subject),
      severity: alert.severity,
      alertname: oneLine(alert.ruleName),
    },
    annotations: {
      summary: oneLine(`${alert.ruleName}: ${alert.subject}`),
      description: oneLine(alert.reason),
      ...(alert.value !== null && { value: String(alert.value) }),
      ...(runbook !== undefined && { runbook_url: runbook }),
    },
    startsAt: toIso(alert.firedAt),
    endsAt:
      alert.state === 'resolved'
        ? toIso(alert.resolvedAt ?? announcement.resolvedAt ?? announcement.at)
        : notEnded,
    generatorURL: url,
    fingerprint: fingerprintOf(alert.alertId),
  };
};

/** Receivers look at alerts only, and a digest or a test has none. */
const incidentAsAlert = (
  { title, severity, status, openedAt, resolvedAt, at, deploymentId, lines }: Announcement,
  incidentKey: string,
  url: string,
): AlertmanagerAlert => ({
  status,
  labels: { alertname: oneLine(title), severity, ...deploymentLabel(deploymentId) },
  annotations: { summary: oneLine(title), description: (lines ?? []).map(oneLine).join('\n') },
  startsAt: toIso(openedAt),
  endsAt: status === 'resolved' ? toIso(resolvedAt ?? at) : notEnded,
  generatorURL: url,
  fingerprint: fingerprintOf(incidentKey),
});

/** 64 bits in hex, as Alertmanager's. */
const fingerprintOf = (id: string): string => sha256(id).slice(0, 16);

/** What all of them have, with the same value. */
const common = (all: readonly Texts[]): Texts => {
  const [first = {}, ...others] = all;
  return Object.fromEntries(
    Object.entries(first).filter(([name, value]) =>
      others.every((other) => Object.hasOwn(other, name) && other[name] === value),
    ),
  );
};
