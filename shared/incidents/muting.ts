import type { IncidentMember } from './incident.ts';
import { type Labels, matches } from './matchers.ts';
import type { Mute } from './mute.ts';
import { isActiveAt } from './mutes-store.ts';

/** What silences, maintenance and routes go by: the subject's labels, and what is known of rule and alert. */
export const labelsOf = (
  member: Pick<IncidentMember, 'ruleName' | 'ruleType' | 'subject' | 'severity'>,
): Labels => ({
  ...member.subject.labels,
  ...(member.subject.deploymentId !== null && { deployment: member.subject.deploymentId }),
  subject: member.subject.name,
  rule: member.ruleName,
  ruleType: member.ruleType,
  severity: member.severity,
});

/**
 * The mute that holds for these labels at `now`, of several the one that lasts longest; undefined when there is none. A
 * mute without a matcher holds for everything.
 */
export const isMuted = async (
  mutes: readonly Mute[],
  labels: Labels,
  now: number,
): Promise<Mute | undefined> => {
  let longest: Mute | undefined;
  for (const mute of mutes) {
    if (!(await isActiveAt(mute, now)) || !(await isMeant(mute, labels))) continue;
    if (longest === undefined || endOf(mute) > endOf(longest)) longest = mute;
  }
  return longest;
};

/** A pattern that an earlier version took and this one does not must not keep an incident from being told. */
const isMeant = (mute: Mute, labels: Labels): Promise<boolean> =>
  matches(mute.matchers, labels).catch(() => false);

const endOf = (mute: Mute): number => mute.endsAt ?? Number.POSITIVE_INFINITY;

/** Which of the members are muted, and by what, by alert id. */
export const mutedAmong = async (
  members: readonly IncidentMember[],
  mutes: readonly Mute[],
  now: number,
): Promise<ReadonlyMap<string, Mute>> => {
  const muted = new Map<string, Mute>();
  if (mutes.length === 0) return muted;
  for (const member of members) {
    const mute = await isMuted(mutes, labelsOf(member), now);
    if (mute) muted.set(member.alertId, mute);
  }
  return muted;
};
