export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;

export const hourOf = (at: number): number => Math.floor(at / hourMs) * hourMs;
/** Days are UTC's. */
export const dayOf = (at: number): number => Math.floor(at / dayMs) * dayMs;

/**
 * A run ends at most three minutes after its slot (a minute of lateness, the runner's own minute, one redelivery that
 * only folds); ten leave room, and after that an hour's results are all there.
 */
export const settleMs = 10 * 60_000;

/** Hours that begin before this are over and settled. */
export const settledUntil = (now: number): number => hourOf(now - settleMs);
