import type { Table } from '../storage/table.ts';
import type { CheckRecord } from './check.ts';
import type { DayBar } from './history.ts';

export type { DayBar } from './history.ts';

/**
 * How a check was on each of so many days (UTC) until `now` (epoch ms), oldest first, today last. Reads one item a day,
 * and of the day that runs one an hour and one a slot. Sketches are loaded when first asked for.
 */
export const readDayBars = async (
  telemetry: Pick<Table, 'query' | 'batchGet'>,
  check: Pick<CheckRecord, 'id' | 'createdAt' | 'placements'>,
  now: number,
  days: number,
): Promise<DayBar[]> => (await import('./history.ts')).dayBarsOf(telemetry, check, now, days);
