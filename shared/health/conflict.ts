import { bucketOf, type NewId } from '../platform/ids.ts';

/** Writers that meet on one item: each conflict means another one got on, so few rounds are ever needed. */
export const maximumRounds = 12;

export type Patience = {
  readonly newId: NewId;
  /** Waits before a conflicting write is tried again, ms; real time by default. */
  readonly pause?: (milliseconds: number) => Promise<void>;
};

/** Longer each round, and never in step with whoever we met. */
export const waitABit = async (round: number, { newId, pause }: Patience): Promise<void> => {
  const milliseconds = bucketOf(newId(), 20 * round) + 5;
  await (pause ?? ((ms: number) => new Promise<void>((done) => setTimeout(done, ms))))(milliseconds);
};
