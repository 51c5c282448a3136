import { DomainError } from '../errors.ts';

/** Writers that meet on one item decide again on what the other wrote; so many meet only when something is wrong. */
const attempts = 5;

/**
 * Runs load → decide → write again while somebody else's write came between. `what` is what is written, as a sentence
 * begins: `The channel`. Throws CONFLICT when it never ends.
 */
export const settled = async <T>(what: string, round: () => Promise<T | 'conflict'>): Promise<T> => {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const result = await round();
    if (result !== 'conflict') return result;
  }
  throw new DomainError('CONFLICT', `${what} is being changed by many at once. Try again.`);
};
