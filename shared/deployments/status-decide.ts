import type { CheckStatus } from '../platform/events.ts';

/** What the status of a whole needs to know of each part. */
export type Part = { readonly name: string; readonly status: CheckStatus; readonly isPaused: boolean };

/** Checks that are not paused, by status. */
export type Counts = Readonly<Record<CheckStatus | 'total', number>>;

export type Whole = {
  readonly status: CheckStatus;
  /** A sentence that names the worst checks. */
  readonly reason: string;
  readonly counts: Counts;
};

export const noCounts: Counts = { total: 0, healthy: 0, degraded: 0, unhealthy: 0, unknown: 0 };

/**
 * How a whole stands: as the worst of its parts. Of a part that is unknown nothing is said, so it speaks only when
 * nothing is known of any, else a check just defined would take a healthy deployment down to unknown; how many are
 * unknown is counted. Paused parts do not count at all.
 */
export const wholeOf = (parts: readonly Part[]): Whole => {
  const running = parts.filter((part) => !part.isPaused);
  const counts: Record<CheckStatus | 'total', number> = { ...noCounts, total: running.length };
  for (const { status } of running) counts[status]++;
  const status = worstFirst.find((one) => counts[one] > 0) ?? 'unknown';
  return { status, reason: reasonOf(status, running, counts), counts };
};

const worstFirst: readonly CheckStatus[] = ['unhealthy', 'degraded', 'healthy', 'unknown'];

/** So many names stand in a reason; a name has at most a hundred characters or so, and a reason is one line. */
const mostNames = 3;

const reasonOf = (status: CheckStatus, running: readonly Part[], counts: Counts): string => {
  const { total, unknown } = counts;
  if (total === 0) return 'it has no check that runs';
  if (status === 'unknown') return `nothing is known of its ${total === 1 ? 'check' : `${total} checks`}`;
  if (status === 'healthy') {
    if (unknown > 0)
      return `${counts.healthy} of ${total} checks ${are(counts.healthy)} healthy, and of ${unknown} nothing is known`;
    return total === 1 ? 'its check is healthy' : `all of its ${total} checks are healthy`;
  }
  const names = running
    .filter((part) => part.status === status)
    .map((part) => part.name)
    .sort();
  const more = names.length - mostNames;
  const shown = names.slice(0, mostNames).join(', ') + (more > 0 ? ` and ${more} more` : '');
  return `${names.length} of ${total} checks ${are(names.length)} ${status}: ${shown}`;
};

const are = (count: number): string => (count === 1 ? 'is' : 'are');
