import { type CheckRecord, type DayBar, readDayBars } from '../../health/index.ts';
import type { Table } from '../../storage/table.ts';
import { barDays } from './page-model.ts';

const dayMs = 86_400_000;
/** The day that runs changes slowly; how a check stands now is told beside it, and read anew each time. */
const freshMs = 5 * 60_000;
/** 90 days of a check are some 10 KB. */
const mostChecks = 1000;

type Kept = { readonly bars: readonly DayBar[]; readonly readAt: number };

const dayOf = (at: number): number => Math.floor(at / dayMs) * dayMs;

/**
 * The days of checks. A day before yesterday does not change any more: of a check that was read before only the days
 * since are read again, and those at most each five minutes.
 */
export class Bars {
  readonly #kept = new Map<string, Kept>();

  async of(
    telemetry: Pick<Table, 'query' | 'batchGet'>,
    check: Pick<CheckRecord, 'id' | 'createdAt' | 'placements'>,
    now: number,
  ): Promise<readonly DayBar[]> {
    // Removed and made again it begins anew.
    const name = `${check.id}@${check.createdAt}`;
    const known = this.#kept.get(name);
    if (known && now - known.readAt < freshMs && dayOf(now) === dayOf(known.readAt)) return known.bars;
    // Yesterday, as it was known then, lacked what came after midnight.
    const missing = known ? (dayOf(now) - dayOf(known.readAt)) / dayMs + 2 : barDays;
    const read = await readDayBars(telemetry, check, now, Math.min(barDays, missing));
    const bars = joined(known?.bars ?? [], read, dayOf(now) - (barDays - 1) * dayMs);
    this.#keep(name, { bars, readAt: now });
    return bars;
  }

  #keep(name: string, kept: Kept): void {
    this.#kept.delete(name);
    this.#kept.set(name, kept);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= mostChecks) break;
      this.#kept.delete(oldest);
    }
  }
}

/** The days from `from` on, oldest first, what was read last before what is known; a day of which nothing is known is there too. */
const joined = (known: readonly DayBar[], read: readonly DayBar[], from: number): readonly DayBar[] => {
  const byDay = new Map([...known, ...read].map((bar) => [bar.dayAt, bar]));
  return Array.from({ length: barDays }, (_, at) => {
    const dayAt = from + at * dayMs;
    return (
      byDay.get(dayAt) ?? {
        dayAt,
        uptimePercent: null,
        downtimeSeconds: 0,
        knownSeconds: 0,
        maintenanceSeconds: 0,
      }
    );
  });
};

/** Looks of the last two minutes may still be under way. */
const inFlightMs = 120_000;

/** Cut, not rounded: with any downtime it is never 100. */
const percent = (share: number): number => Math.floor(share * 1_000_000) / 10_000;

/** Uptime over all days, and how much of the time is known in which a look was due, maintenance left out. */
export const uptimeOf = (
  bars: readonly DayBar[],
  { createdAt }: Pick<CheckRecord, 'createdAt'>,
  now: number,
): { readonly uptimePercent: number | null; readonly coveragePercent: number | null } => {
  const sum = (pick: (bar: DayBar) => number): number => bars.reduce((total, bar) => total + pick(bar), 0);
  const known = sum((bar) => bar.knownSeconds);
  const from = Math.max(createdAt, bars[0]?.dayAt ?? now);
  const due = Math.max(0, now - inFlightMs - from) / 1000 - sum((bar) => bar.maintenanceSeconds);
  return {
    uptimePercent: known > 0 ? percent(Math.max(0, 1 - sum((bar) => bar.downtimeSeconds) / known)) : null,
    coveragePercent: due > 0 ? percent(Math.min(1, known / due)) : known > 0 ? 100 : null,
  };
};
