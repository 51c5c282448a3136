import type { AffectedCheck, Incident, IncidentMember } from './incident.ts';

/** So many checks are remembered as affected: some 20 KB of an item's 400. */
export const mostAffected = 200;

/**
 * Of these types an alert says how the check itself fares towards those who use it. The others tell of missing results
 * (which is our own blindness, and no news of the target), of findings, or of alarms of elsewhere.
 */
const tellsOfUse: ReadonlySet<string> = new Set([
  'downtime',
  'error_rate',
  'performance',
  'threshold',
  'custom',
  'composite',
]);

/**
 * What the check's status was when the alert was judged: reasons of the type downtime begin with it. Undefined for other
 * types, and when the reason says something else.
 */
const statusIn = ({ ruleType, reason }: Pick<IncidentMember, 'ruleType' | 'reason'>): string | undefined =>
  ruleType === 'downtime' ? /^(unhealthy|degraded|unknown)\b/.exec(reason)?.[1] : undefined;

/**
 * The checks that the incident is about, as somebody outside may know it: only by alerts that people were told of, or
 * would have been had there been a channel. What was muted, mere information, or held back by its parent is not there.
 */
export const affectedChecks = (
  { affected = {}, told, held }: Pick<Incident, 'affected' | 'told' | 'held'>,
  members: readonly IncidentMember[],
  now: number,
): Readonly<Record<string, AffectedCheck>> => {
  const firing = Map.groupBy(
    members.filter(
      (member) =>
        member.state === 'firing' &&
        member.severity !== 'info' &&
        tellsOfUse.has(member.ruleType) &&
        statusIn(member) !== 'unknown' &&
        (Object.hasOwn(told, member.alertId) || held[member.alertId] === 'channel'),
    ),
    ({ subject }) => subject.checkId,
  );
  const next: Record<string, AffectedCheck> = {};
  for (const [checkId, known] of Object.entries(affected)) {
    next[checkId] = firing.has(checkId)
      ? { at: known.at, isDown: known.isDown }
      : { ...known, clearedAt: known.clearedAt ?? clearedAt(members, checkId) ?? now };
  }
  for (const [checkId, alerts] of firing) {
    if (checkId === undefined) continue;
    if (!Object.hasOwn(next, checkId) && Object.keys(next).length >= mostAffected) continue;
    const isDown = alerts.some((alert) => statusIn(alert) === 'unhealthy');
    const at = alerts.reduce((first, { firedAt }) => Math.min(first, firedAt), now);
    const known = Object.hasOwn(next, checkId) ? next[checkId] : undefined;
    next[checkId] = { at: known?.at ?? at, isDown: isDown || (known?.isDown ?? false) };
  }
  return next;
};

/** When the last of the check's alerts ended. */
const clearedAt = (members: readonly IncidentMember[], checkId: string): number | undefined =>
  members
    .filter(({ subject, state }) => subject.checkId === checkId && state === 'resolved')
    .map(({ resolvedAt, firedAt }) => resolvedAt ?? firedAt)
    .reduce<number | undefined>((last, at) => Math.max(last ?? at, at), undefined);
