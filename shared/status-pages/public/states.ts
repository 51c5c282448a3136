/** How one system stands, or all of a page together, in the words of the public. */
export const publicStates = ['operational', 'degraded', 'down', 'maintenance', 'unknown'] as const;
export type PublicState = (typeof publicStates)[number];

export const stateWords: Readonly<Record<PublicState, string>> = {
  operational: 'Operational',
  degraded: 'Degraded',
  down: 'Down',
  maintenance: 'Under maintenance',
  unknown: 'Unknown',
};

/** A page's own state, with the sentence of its banner. */
export type Overall = { readonly state: PublicState; readonly sentence: string };

export const cannotSee: Overall = { state: 'unknown', sentence: 'Unknown: we cannot see at the moment' };

/**
 * The worst that is certain comes first; then what we cannot see, for that is never healthy; maintenance was announced.
 */
export const overallOf = (states: readonly PublicState[]): Overall => {
  const has = (state: PublicState): boolean => states.includes(state);
  const areAll = (state: PublicState): boolean => states.every((one) => one === state);
  if (states.length === 0) return { state: 'unknown', sentence: 'Nothing is shown on this page yet' };
  if (has('down')) {
    return { state: 'down', sentence: areAll('down') ? 'All systems are down' : 'Some systems are down' };
  }
  if (has('degraded')) {
    const sentence = areAll('degraded') ? 'All systems are degraded' : 'Some systems are degraded';
    return { state: 'degraded', sentence };
  }
  if (areAll('unknown')) return cannotSee;
  if (has('unknown')) {
    return { state: 'unknown', sentence: 'Unknown: we cannot see some systems at the moment' };
  }
  if (areAll('maintenance')) return { state: 'maintenance', sentence: 'Under maintenance' };
  if (has('maintenance')) return { state: 'maintenance', sentence: 'Some systems are under maintenance' };
  return { state: 'operational', sentence: 'All systems operational' };
};
