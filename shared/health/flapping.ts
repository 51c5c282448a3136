/** So many of the last outcomes are remembered: as many as the greatest `failureWindow`. */
export const outcomesKept = 20;

/** So many turns among them, and a check flaps; so few, and it ceased to. Between them it stays what it was. */
const turnsStarting = 8;
const turnsEnding = 3;

/** A leading 1 above the bits marks how many outcomes there are. */
const full = 1 << outcomesKept;

/** The last outcomes after one more. */
export const nextOutcomes = (outcomes: number, isFailure: boolean): number => {
  const next = (outcomes << 1) | Number(isFailure);
  return next < full * 2 ? next : (next & (full - 1)) | full;
};

const countOf = (outcomes: number): number => 31 - Math.clz32(outcomes);

/** How often the outcomes went from success to failure or back. */
export const turnsIn = (outcomes: number): number => {
  const count = countOf(outcomes);
  // Each bit beside its neighbour; the oldest has none.
  return count < 2 ? 0 : bitsIn((outcomes ^ (outcomes >> 1)) & ((1 << (count - 1)) - 1));
};

export const bitsIn = (marks: number): number => {
  let count = 0;
  for (let left = marks; left !== 0; left &= left - 1) count++;
  return count;
};

/** With hysteresis, so that a check at the border is not told of each time. */
export const flaps = (wasFlapping: boolean, outcomes: number): boolean =>
  turnsIn(outcomes) >= (wasFlapping ? turnsEnding + 1 : turnsStarting);

export const flappingReason = (outcomes: number): string => {
  const turns = turnsIn(outcomes);
  return `${turns} ${turns === 1 ? 'turn' : 'turns'} between success and failure in the last ${countOf(outcomes)} results`;
};
