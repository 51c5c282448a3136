/** Cut, not rounded: with any downtime it is never 100. */
export const percentOf = (share: number): number => Math.floor(share * 1_000_000) / 10_000;
