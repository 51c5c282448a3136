import { bucketOf, type NewId } from '../platform/ids.ts';

/** Plans that meet on one item: each conflict means that another one got on. */
const maximumRounds = 25;

export type Patience = {
  readonly newId: NewId;
  /** Waits before a conflicting write is tried again, ms; real time by default. */
  readonly pause?: ((milliseconds: number) => Promise<void>) | undefined;
};

const inRealTime = (milliseconds: number): Promise<void> =>
  new Promise((done) => setTimeout(done, milliseconds));

/**
 * Runs load → decide → write again while somebody else's write came between, a little later each time and never in step
 * with whoever it met. Throws when it never ends; the caller then does nothing.
 */
export const contended = async (
  what: string,
  { newId, pause = inRealTime }: Patience,
  round: () => Promise<'written' | 'conflict'>,
): Promise<void> => {
  for (let tries = 1; tries <= maximumRounds; tries++) {
    if ((await round()) === 'written') return;
    await pause(bucketOf(newId(), 20 * Math.min(tries, 10)) + 1);
  }
  throw new Error(`${what} was changed by others under ${maximumRounds} tries`);
};
