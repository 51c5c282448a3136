/** What was opened, to be closed in the opposite order. */
export type Undo = {
  add(step: () => unknown): void;
  /** Runs every step once, also when one of them fails; the first failure is thrown at the end. */
  all(): Promise<void>;
};

export const createUndo = (): Undo => {
  const steps: (() => unknown)[] = [];
  return {
    add: (step) => void steps.push(step),
    async all() {
      let failure: unknown;
      for (let step = steps.pop(); step; step = steps.pop()) {
        try {
          await step();
        } catch (error) {
          failure ??= error;
        }
      }
      if (failure !== undefined) throw failure;
    },
  };
};
