/** Does the work for each, at most so many at once. Throws the first error when all that began has ended. */
export const inParallel = async <T>(
  all: Iterable<T> | AsyncIterable<T>,
  atOnce: number,
  work: (one: T) => Promise<void>,
): Promise<void> => {
  const running = new Set<Promise<void>>();
  const errors: unknown[] = [];
  for await (const one of all) {
    if (errors.length > 0) break;
    const task: Promise<void> = work(one)
      .catch((error: unknown) => void errors.push(error))
      .finally(() => running.delete(task));
    running.add(task);
    if (running.size >= atOnce) await Promise.race(running);
  }
  await Promise.all(running);
  if (errors.length > 0) throw errors[0];
};
