/** Where time comes in. Instants are epoch milliseconds everywhere inside; ISO 8601 only at the edges. */
export type Clock = () => number;

/** The machine's clock. In the local host a preload replaces Date, so this is also the driven clock. */
export const systemClock: Clock = () => Date.now();

export const toIso = (instant: number): string => new Date(instant).toISOString();
