import { ConditionFailed } from '../../storage/condition.ts';
import type { Item, Table } from '../../storage/table.ts';
import { rollupKey } from '../keys.ts';

/** How far a shard is summed up, epoch ms: every hour and every day that begins before is made. */
export type Progress = { readonly hoursUntil: number; readonly daysUntil: number };

export const fromProgressItem = (item: Item | undefined): Progress => ({
  hoursUntil: Number(item?.hoursUntil ?? 0),
  daysUntil: Number(item?.daysUntil ?? 0),
});

/** Notes it unless another run came further meanwhile. */
export const writeProgress = async (
  telemetry: Pick<Table, 'put'>,
  shard: string,
  { hoursUntil, daysUntil }: Progress,
): Promise<void> => {
  try {
    await telemetry.put(
      { ...rollupKey(shard), v: 1, hoursUntil, daysUntil },
      { below: { hoursUntil: hoursUntil + 1, daysUntil: daysUntil + 1 } },
    );
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
  }
};
