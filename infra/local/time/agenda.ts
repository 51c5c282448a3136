import type { HostClock } from './clock.ts';

export type Cancel = () => void;

/**
 * Everything the host will do later, in one place: schedule ticks, batch windows, retries, sweeps. On the real clock
 * a timer runs what is due; on a driven clock `runDue` does, after the clock was moved.
 */
export type Agenda = {
  at(dueAt: number, run: () => void): Cancel;
  /** The earliest instant at which something is due. */
  nextAt(): number | undefined;
  runDue(): void;
  stop(): void;
};

/** A sleeping laptop stops timers but not the wall clock: look again at least this often. */
const longestSleepMs = 15_000;

type Entry = { readonly dueAt: number; readonly order: number; readonly run: () => void };

export const createAgenda = (clock: HostClock): Agenda => {
  const entries = new Set<Entry>();
  let order = 0;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  const earliest = (): Entry | undefined => {
    let first: Entry | undefined;
    for (const entry of entries) {
      const before = first === undefined || entry.dueAt < first.dueAt;
      const same = first !== undefined && entry.dueAt === first.dueAt && entry.order < first.order;
      if (before || same) first = entry;
    }
    return first;
  };

  const arm = (): void => {
    if (clock.kind === 'driven' || stopped) return;
    clearTimeout(timer);
    const next = earliest();
    if (!next) return;
    const wait = Math.min(Math.max(next.dueAt - clock.now(), 0), longestSleepMs);
    timer = setTimeout(() => {
      runDue();
      arm();
    }, wait);
  };

  const runDue = (): void => {
    for (let next = earliest(); next && !stopped && next.dueAt <= clock.now(); next = earliest()) {
      entries.delete(next);
      next.run();
    }
  };

  return {
    at(dueAt, run) {
      const entry = { dueAt, order: order++, run };
      entries.add(entry);
      arm();
      return () => {
        entries.delete(entry);
      };
    },
    nextAt: () => earliest()?.dueAt,
    runDue,
    stop() {
      stopped = true;
      clearTimeout(timer);
      entries.clear();
    },
  };
};
