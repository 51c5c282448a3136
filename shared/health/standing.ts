import { toIso } from '../platform/clock.ts';
import type { CheckStanding } from './check.ts';
import type { CheckState } from './head.ts';

/** Two slots may be lost (a late run, a redelivery) and a message may wait a minute and a half before we doubt. */
const patienceMs = (intervalSeconds: number): number => 2 * intervalSeconds * 1000 + 90_000;

const unknown = (reason: string): CheckStanding => ({
  status: 'unknown',
  lastCheckedAt: null,
  responseTimeMs: null,
  reason,
  since: null,
});

export const notScheduled = unknown('not scheduled yet');

/**
 * How a check stands at `now`. A state that should have been renewed long ago says nothing about the present:
 * staleness is computed when read, for nobody is there to write it when the runner stands still.
 */
export const standingOf = (
  check: { readonly isPaused: boolean; readonly intervalSeconds: number; readonly placedAt: number },
  state: CheckState | undefined,
  now: number,
): CheckStanding => {
  const lastCheckedAt = state?.at ?? null;
  if (check.isPaused) return { ...unknown('paused'), lastCheckedAt };
  const lastSignAt = Math.max(state?.at ?? 0, check.placedAt);
  const isStale = now - lastSignAt > patienceMs(check.intervalSeconds);
  if (state === undefined) {
    return unknown(
      isStale ? `no result since it was scheduled at ${toIso(check.placedAt)}` : 'not checked yet',
    );
  }
  if (isStale) return { ...unknown(`no result since ${toIso(state.at)}`), lastCheckedAt };
  const { status, responseTimeMs, reason, since } = state;
  return { status, lastCheckedAt, responseTimeMs, reason, since };
};
