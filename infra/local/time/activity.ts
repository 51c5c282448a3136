/**
 * Counts what is under way inside the host: invocations, requests, deliveries. A driven clock moves only when nothing
 * is, and a clean stop waits for it.
 */
export type Activity = {
  /** Marks something as under way until the promise settles, and returns the promise. */
  during<T>(work: Promise<T>): Promise<T>;
  readonly count: () => number;
  /** Resolves when nothing is under way; at once when nothing is. */
  idle(): Promise<void>;
};

export const createActivity = (): Activity => {
  let count = 0;
  let waiting: (() => void)[] = [];

  const finish = (): void => {
    count--;
    if (count > 0) return;
    const ready = waiting;
    waiting = [];
    for (const resume of ready) resume();
  };

  return {
    during<T>(work: Promise<T>): Promise<T> {
      count++;
      work.then(finish, finish);
      return work;
    },
    count: () => count,
    idle: () => (count === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
  };
};
