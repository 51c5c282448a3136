import { within } from '../../shared/notifications/index.ts';

export type Part = {
  readonly name: string;
  /** What it may take before the next one begins; it is not stopped then, only not waited for. */
  readonly seconds: number;
  readonly work: () => Promise<unknown>;
};

/** One part after the other, whatever becomes of those before. Gives the names of those that failed or took too long. */
export const inTurn = async (
  parts: readonly Part[],
  onFault: (name: string, error: Error) => void,
): Promise<readonly string[]> => {
  const failed: string[] = [];
  for (const { name, seconds, work } of parts) {
    try {
      await within(seconds * 1000, `${name} did not end`, work);
    } catch (error) {
      failed.push(name);
      onFault(name, error as Error);
    }
  }
  return failed;
};
