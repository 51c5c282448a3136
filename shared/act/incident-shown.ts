import type { Incident, IncidentMember } from '../incidents/index.ts';
import { toIso } from '../platform/clock.ts';
import { severities } from '../platform/events.ts';
import type { IncidentShown } from './page.ts';

const mostShown = 10;

/** `2026-01-31 12:00 UTC` */
export const instantShown = (at: number): string => `${toIso(at).slice(0, 16).replace('T', ' ')} UTC`;

/** A principal as people say it: `link:email (Ada)` is Ada through email. */
export const personShown = (principal: string | undefined): string => {
  const [, channel, name] = /^link:(.*?)(?: \((.*)\))?$/s.exec(principal ?? '') ?? [];
  if (channel === undefined) return principal ?? 'somebody';
  return name === undefined ? `somebody through ${channel}` : `${name} through ${channel}`;
};

export const incidentShown = (
  incident: Incident,
): Pick<IncidentShown, 'title' | 'severity' | 'status' | 'facts'> => {
  const { title, severity, status, deploymentId, openedAt, firing, resolved, resolvedAt } = incident;
  return {
    title,
    severity,
    status,
    facts: [
      ...(deploymentId === null ? [] : ([['Deployment', deploymentId]] as const)),
      ['Since', instantShown(openedAt)],
      ...(resolvedAt === undefined ? [] : ([['Resolved', instantShown(resolvedAt)]] as const)),
      ['Alerts', `${firing} firing, ${resolved} resolved`],
    ],
  };
};

/** Those that fire, the worst first. */
export const alertsShown = (members: readonly IncidentMember[]): Pick<IncidentShown, 'alerts' | 'others'> => {
  const firing = members
    .filter(({ state }) => state === 'firing')
    .sort((left, right) => severities.indexOf(right.severity) - severities.indexOf(left.severity));
  return {
    alerts: firing.slice(0, mostShown).map(({ subject, reason }) => ({ subject: subject.name, reason })),
    others: Math.max(0, firing.length - mostShown),
  };
};
