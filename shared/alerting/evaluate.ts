import { inParallel } from '../platform/in-parallel.ts';
import type { Table } from '../storage/table.ts';
import { keyOfAlert, loadAlerts, type StoredAlert } from './alerts-store.ts';
import { advance, closeAlert } from './lifecycle.ts';
import { type Raised, type RaiseTools, tellAlerts } from './raise.ts';
import type { RuleRecord } from './rule.ts';
import { type Settling, settleAlert } from './settle-alert.ts';
import type { Reading } from './types/type.ts';

export type EvaluateTools = Omit<RaiseTools, 'state'> & {
  readonly state: Pick<Table, 'get' | 'batchGet' | 'query' | 'put' | 'update'>;
};

/** Readings of one rule, in the order in which they happened where several are of one subject. */
export type Judged = { readonly rule: RuleRecord; readonly readings: readonly Reading[] };

/** Alerts settled at once; those of one subject and rule one after the other. */
const atOnce = 8;

/**
 * Brings alerts to what was decided about them, and tells what follows. Each group is about one alert, in order. All are
 * tried; the first error is thrown at the end.
 */
export const settleAll = async (groups: Iterable<readonly Settling[]>, tools: RaiseTools): Promise<void> => {
  const raised: Raised[] = [];
  const failures: unknown[] = [];
  await inParallel(groups, atOnce, async (settlings) => {
    const [first] = settlings;
    if (!first) return;
    let current = first.found;
    try {
      for (const settling of settlings) current = await settleAlert({ ...settling, found: current }, tools);
    } catch (error) {
      failures.push(error);
    }
    // What an earlier, killed delivery left is done now, too.
    if (current.isUntold || current.version !== first.found.version) {
      raised.push({ stored: current, rule: first.rule });
    }
  });
  await tellAlerts(raised, tools);
  if (failures.length > 0) throw failures[0];
};

/** Applies readings made at events: the alerts they are about are read first, all together. */
export const applyReadings = async (
  judged: readonly Judged[],
  now: number,
  tools: EvaluateTools,
): Promise<void> => {
  const keys = judged.flatMap(({ rule, readings }) =>
    readings.map(({ subject }) => keyOfAlert(rule.id, subject.key)),
  );
  const found = await loadAlerts(tools.state, keys);
  const settlings = judged.flatMap(({ rule, readings }) =>
    readings.flatMap((reading) => {
      const alert = found.get(keyOfAlert(rule.id, reading.subject.key).sk);
      return alert ? [readingSettling(rule, reading, alert, now)] : [];
    }),
  );
  await settleAll(Map.groupBy(settlings, ({ found: { key } }) => key.sk).values(), tools);
};

export const readingSettling = (
  rule: RuleRecord,
  reading: Reading,
  found: StoredAlert,
  now: number,
): Settling => ({
  found,
  rule,
  decide: (alert) => advance(rule, alert, reading, now),
});

/** Ends an alert whose rule or subject is no more, with the reason, or what its cooldown held back; others stay as they are. */
export const closing = (
  found: StoredAlert,
  rule: RuleRecord | undefined,
  reason: string,
  now: number,
): Settling => ({
  found,
  rule,
  decide: (alert) => alert && closeAlert(alert, now, reason, false),
});

/** Whether it is kept until its condition changes: it waits, fires, is held back by its cooldown, or was resolved by hand. */
export const isActive = ({ alert }: StoredAlert): boolean =>
  alert !== undefined &&
  (alert.state !== 'resolved' || alert.held !== undefined || alert.isResolvedByHand === true);
