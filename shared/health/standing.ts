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

type Scheduled = { readonly intervalSeconds: number; readonly placedAt: number };

/**
 * Epoch ms: when the silence about a check became too long to say anything about the present; undefined while it is
 * not. One millisecond after the patience ends: slots lie on whole seconds, so none has this very instant.
 */
export const staleSince = (
  { intervalSeconds, placedAt }: Scheduled,
  state: CheckState | undefined,
  now: number,
): number | undefined => {
  const since = Math.max(state?.at ?? 0, placedAt) + patienceMs(intervalSeconds) + 1;
  return now >= since ? since : undefined;
};

/** Why a check is unknown whose results stopped coming, or never came. */
export const staleReason = (
  { placedAt }: Pick<Scheduled, 'placedAt'>,
  state: CheckState | undefined,
): string =>
  state === undefined
    ? `no result since it was scheduled at ${toIso(placedAt)}`
    : `no result since ${toIso(state.at)}`;

export const blindReason = 'the monitor is blind: neither its targets nor its canaries answer';

/**
 * How a check stands at `now`. A state that should have been renewed long ago says nothing about the present:
 * staleness is computed when read, for nobody is there to write it when the runner stands still.
 */
export const standingOf = (
  check: Scheduled & { readonly isPaused: boolean },
  state: CheckState | undefined,
  now: number,
): CheckStanding => {
  const lastCheckedAt = state?.at ?? null;
  if (check.isPaused) return { ...unknown('paused'), lastCheckedAt };
  const isStale = staleSince(check, state, now) !== undefined;
  if (isStale) return { ...unknown(staleReason(check, state)), lastCheckedAt };
  if (state === undefined) return unknown('not checked yet');
  if (state.isBlind) return { ...unknown(blindReason), lastCheckedAt };
  const { status, responseTimeMs, reason, since } = state;
  return { status, lastCheckedAt, responseTimeMs, reason, since };
};
