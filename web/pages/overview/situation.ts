import type { Answer } from '../../client/call.ts';
import { type Check, shownStatus } from '../../client/checks.ts';

export type Incident = Answer<'listIncidents'>['items'][number];

export type WrongCheck = Pick<Check, 'id' | 'name' | 'deploymentId' | 'reason'> & {
  readonly status: 'unhealthy' | 'degraded';
  readonly since: string | null;
};

type UnhealthyCheck = Answer<'readOverview'>['unhealthy'][number];

const worstThenNewest = (left: WrongCheck, right: WrongCheck): number =>
  Number(left.status === 'degraded') - Number(right.status === 'degraded') ||
  (right.since ?? '').localeCompare(left.since ?? '') ||
  left.name.localeCompare(right.name);

/**
 * Every check that is known to be wrong, the worst and newest first. While the list is still being read, what the summary
 * names is there too: nobody waits for page ten to hear of an outage.
 */
export const wrongChecks = (
  checks: readonly Check[],
  unhealthy: readonly UnhealthyCheck[] = [],
): readonly WrongCheck[] => {
  const listed = new Set(checks.map(({ id }) => id));
  const found = checks.flatMap((check): WrongCheck[] => {
    const { id, name, deploymentId, reason, statusSince } = check;
    const status = shownStatus(check);
    if (status !== 'unhealthy' && status !== 'degraded') return [];
    return [{ id, name, deploymentId, reason, status, since: statusSince }];
  });
  const summed = unhealthy
    .filter(({ checkId }) => !listed.has(checkId))
    .map(({ checkId, ...rest }): WrongCheck => ({ id: checkId, ...rest, status: 'unhealthy' }));
  return [...found, ...summed].sort(worstThenNewest);
};

const severities: readonly Incident['severity'][] = ['critical', 'error', 'warning', 'info'];

/** What nobody has taken on first, then the gravest, then the oldest: it waits the longest. */
export const byUrgency = (left: Incident, right: Incident): number =>
  Number(left.status !== 'open') - Number(right.status !== 'open') ||
  severities.indexOf(left.severity) - severities.indexOf(right.severity) ||
  left.openedAt.localeCompare(right.openedAt);

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** Which checks' strips stand beside those of the wrong ones: by deployment and name, those that are looked at. */
export const othersOf = (
  checks: readonly Check[],
  wrong: readonly WrongCheck[],
  most: number,
): readonly Check[] => {
  const taken = new Set(wrong.map(({ id }) => id));
  return checks
    .filter(({ id, isPaused }) => !taken.has(id) && !isPaused)
    .toSorted(
      (left, right) =>
        Number(left.status === 'healthy') - Number(right.status === 'healthy') ||
        collator.compare(left.deploymentId, right.deploymentId) ||
        collator.compare(left.name, right.name),
    )
    .slice(0, most);
};

/** A look may be late by a restart or a slow target before nobody knows any more how things stand. */
const lateMs = 180_000;

/** Epoch ms after which, without a newer look, nothing can be said; undefined when no check was ever looked at. */
export const knownUntil = (checks: readonly Check[]): number | undefined =>
  checks.reduce<number | undefined>((latest, { lastChecked, interval, isPaused }) => {
    if (lastChecked === null || isPaused) return latest;
    const until = Date.parse(lastChecked) + 2 * interval * 1000 + lateMs;
    return latest === undefined ? until : Math.max(latest, until);
  }, undefined);

export type Calm = {
  /** `fine` only when everything was read, all that is looked at is healthy, and somebody looked lately. */
  readonly mood: 'fine' | 'unsure' | 'reading';
  readonly title: string;
  readonly detail: string;
};

type Known = {
  readonly counts: { readonly healthy: number; readonly unknown: number; readonly paused: number };
  readonly isWhole: boolean;
  readonly knownUntil: number | undefined;
  readonly now: number;
};

const many = (count: number, one: string, more: string): string => `${count} ${count === 1 ? one : more}`;

/** What to say when nothing is known to be wrong. What nobody knows is never called fine. */
export const calmOf = ({ counts, isWhole, knownUntil: until, now }: Known): Calm => {
  const { healthy, unknown, paused } = counts;
  if (!isWhole) {
    return {
      mood: 'reading',
      title: 'Nothing wrong so far',
      detail: 'The other checks are still being read.',
    };
  }
  const besides = paused > 0 ? ` ${many(paused, 'check is', 'checks are')} paused.` : '';
  if (healthy + unknown === 0) {
    return { mood: 'unsure', title: 'Nothing is looked at', detail: 'Every check is paused.' };
  }
  if (unknown > 0) {
    return {
      mood: 'unsure',
      title: 'Nothing is known to be wrong',
      detail: `${many(unknown, 'check is', 'checks are')} unknown; ${healthy} healthy.${besides}`,
    };
  }
  if (until === undefined || now > until) {
    return {
      mood: 'unsure',
      title: 'Nobody knows how things stand',
      detail: `All checks were healthy when they were last looked at, and that is too long ago.${besides}`,
    };
  }
  return {
    mood: 'fine',
    title: 'Everything is fine',
    detail: `${many(healthy, 'check is', 'checks are')} healthy.${besides}`,
  };
};

/** `$4.27`, `$8,709`; below a cent `under 1 ¢`. */
export const usd = (amount: number): string => {
  if (amount > 0 && amount < 0.01) return 'under 1 ¢';
  return amount < 100 ? `$${amount.toFixed(2)}` : `$${Math.round(amount).toLocaleString('en')}`;
};

/** `1.4 times as much`, `16 times as much`; undefined where there is nothing to say. */
export const comparedText = (ownUsd: number, otherUsd: number): string | undefined => {
  if (ownUsd <= 0 || otherUsd < ownUsd * 1.1) return undefined;
  const times = otherUsd / ownUsd;
  return `${times < 10 ? times.toFixed(1) : Math.round(times).toLocaleString('en')} times as much`;
};
