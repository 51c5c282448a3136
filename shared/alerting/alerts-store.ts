import type { HomeostatEvent } from '../platform/events.ts';
import { asValue, unsentOf } from '../platform/outbox/index.ts';
import { ConditionFailed } from '../storage/condition.ts';
import type { Item, Key, Table, Value } from '../storage/table.ts';
import { type Alert, alertIdOf, alertKey, alertPartition, timerBucketOf } from './alert.ts';

/** An alert's item: how it stands, what follows from its last change and is not done yet, and when its time comes. */
export type StoredAlert = {
  readonly key: Key;
  /** Undefined: it is inactive, and the item only remembers how far its numbers had come. */
  readonly alert: Alert | undefined;
  /** Grows with each write; what the next one is conditioned on. Undefined: there is no item. */
  readonly version: number | undefined;
  /** The last `seq` that was ever given out: a new alert of the same subject goes on from there. */
  readonly lastSeq: number;
  /** Events that the bus did not take yet. */
  readonly unsent: readonly HomeostatEvent[];
  /** The incident does not know of this version yet. */
  readonly isUntold: boolean;
  /** Epoch ms: when time alone changes it. */
  readonly wakeAt: number | undefined;
  /** Epoch ms: when it need not be kept any longer; undefined while it must. */
  readonly keptUntil: number | undefined;
};

export const keyOfAlert = (ruleId: string, subjectKey: string): Key =>
  alertKey(ruleId, alertIdOf(ruleId, subjectKey));

export const noAlert = (key: Key): StoredAlert => ({
  key: { pk: key.pk, sk: key.sk },
  alert: undefined,
  version: undefined,
  lastSeq: 0,
  unsent: [],
  isUntold: false,
  wakeAt: undefined,
  keptUntil: undefined,
});

export const fromAlertItem = (item: Item): StoredAlert => ({
  key: { pk: item.pk, sk: item.sk },
  alert: item.alert as unknown as Alert | undefined,
  version: Number(item.version),
  lastSeq: Number(item.seq),
  unsent: unsentOf(item),
  isUntold: item.untold === true,
  wakeAt: typeof item.wakeAt === 'number' ? item.wakeAt : undefined,
  keptUntil: typeof item.keptUntil === 'number' ? item.keptUntil : undefined,
});

export const loadAlert = async (state: Pick<Table, 'get'>, key: Key): Promise<StoredAlert> => {
  const item = await state.get(key, { consistent: true });
  return item ? fromAlertItem(item) : noAlert(key);
};

/** Alerts at these keys, as they are now, by sort key; what has no item is there as none. */
export const loadAlerts = async (
  state: Pick<Table, 'batchGet'>,
  keys: readonly Key[],
): Promise<Map<string, StoredAlert>> => {
  const found = new Map(keys.map((key) => [key.sk, noAlert(key)]));
  const wanted = [...found.values()].map(({ key }) => key);
  for (const item of await state.batchGet(wanted, { consistent: true }))
    found.set(item.sk, fromAlertItem(item));
  return found;
};

/** All alerts of one rule, active and lately resolved. */
export const alertsOfRule = (state: Pick<Table, 'query'>, ruleId: string): Promise<StoredAlert[]> =>
  readAll(state, ruleId, { beginsWith: `${ruleId}#` });

/** Those of all rules whose ids begin so: of a deployment's own. */
export const alertsOfDeployment = (state: Pick<Table, 'query'>, prefix: string): Promise<StoredAlert[]> =>
  readAll(state, prefix, { beginsWith: prefix });

/** So many alerts within the range of a run's rules are read at once; beyond, each deployment's are asked for alone. */
const usualAlerts = 200;

/**
 * The alerts of these rules, which share a family. Alerts are few, so one query over the whole range is mostly one
 * small page; when much is wrong at once, in deployments between, only those of the rules' own are read. A copy that
 * lags is good enough: whoever decides on it finds the item changed when it writes, or writes nothing until the next tick.
 */
export const alertsOfRules = async (
  state: Pick<Table, 'query'>,
  ruleIds: readonly string[],
): Promise<StoredAlert[]> => {
  const sorted = [...ruleIds].sort();
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (first === undefined || last === undefined) return [];
  const mine = new Set(ruleIds);
  const isMine = ({ key }: StoredAlert): boolean => mine.has(key.sk.slice(0, key.sk.indexOf('#')));
  const page = await state.query({
    pk: alertPartition(first),
    from: `${first}#`,
    to: `${last}#~`,
    limit: usualAlerts,
  });
  if (page.next === undefined) return page.items.map(fromAlertItem).filter(isMine);
  const prefixes = [...new Set(sorted.map((id) => id.slice(0, 8)))];
  const found = await Promise.all(prefixes.map((prefix) => readAll(state, prefix, { beginsWith: prefix })));
  return found.flat().filter(isMine);
};

const readAll = async (
  state: Pick<Table, 'query'>,
  ruleId: string,
  range: { readonly beginsWith: string },
): Promise<StoredAlert[]> => {
  const found: StoredAlert[] = [];
  let after: string | undefined;
  do {
    const page = await state.query({
      pk: alertPartition(ruleId),
      ...range,
      consistent: true,
      ...(after !== undefined && { after }),
    });
    found.push(...page.items.map(fromAlertItem));
    after = page.next;
  } while (after !== undefined);
  return found;
};

/** How long whoever wrote has to do what follows, before the notifier has it done again. */
export const redoneAfterMs = 30_000;
type Next = Pick<StoredAlert, 'alert' | 'unsent' | 'isUntold' | 'wakeAt' | 'keptUntil'>;
type Write = { readonly attempt: string; readonly now: number };

/** When it must be looked at again: for its own time, or for what a crash would leave behind. */
const dueOf = ({ unsent, isUntold, wakeAt }: Next, now: number): number | undefined => {
  const redoAt = isUntold || unsent.length > 0 ? now + redoneAfterMs : undefined;
  if (redoAt === undefined) return wakeAt;
  return Math.min(redoAt, wakeAt ?? redoAt);
};

/** Nothing expires of which anything is left to be told. */
const expiryOf = ({ unsent, isUntold, keptUntil }: Next): number | undefined =>
  isUntold || unsent.length > 0 || keptUntil === undefined ? undefined : Math.ceil(keptUntil / 1000);

/** Writes the next version; undefined when somebody else wrote meanwhile. */
export const writeAlert = async (
  state: Pick<Table, 'get' | 'put'>,
  previous: StoredAlert,
  next: Next,
  { attempt, now }: Write,
): Promise<StoredAlert | undefined> => {
  const { key } = previous;
  const version = (previous.version ?? 0) + 1;
  const lastSeq = Math.max(previous.lastSeq, next.alert?.seq ?? 0);
  const dueAt = dueOf(next, now);
  const expiresAt = expiryOf(next);
  const item: Item = {
    ...key,
    v: 1,
    version,
    seq: lastSeq,
    attempt,
    ...(next.alert && { alert: next.alert as unknown as Value }),
    ...(next.unsent.length > 0 && { outbox: asValue(next.unsent) }),
    ...(next.isUntold && { untold: true }),
    ...(next.wakeAt !== undefined && { wakeAt: next.wakeAt }),
    ...(next.keptUntil !== undefined && { keptUntil: next.keptUntil }),
    ...(dueAt !== undefined && { due: timerBucketOf(key), dueAt }),
    ...(expiresAt !== undefined && { expiresAt }),
  };
  const condition =
    previous.version === undefined
      ? { vacantAt: Math.floor(now / 1000) }
      : { equals: { version: previous.version } };
  const written = { ...next, key, version, lastSeq };
  try {
    await state.put(item, condition);
    return written;
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    // The SDK repeats a write whose acknowledgement was lost: it then fails against itself.
    const found = await state.get(key, { consistent: true });
    return found?.attempt === attempt ? written : undefined;
  }
};

/** Notes what was done of what this version had left, and when its time comes. A newer version carries its own. */
export const settleLeft = async (
  state: Pick<Table, 'update'>,
  stored: StoredAlert,
  left: Pick<StoredAlert, 'unsent' | 'isUntold' | 'wakeAt'>,
  now: number,
): Promise<void> => {
  if (stored.version === undefined) return;
  const { alert, keptUntil } = stored;
  const next = { ...left, alert, keptUntil };
  const dueAt = dueOf(next, now);
  const fields: Readonly<Record<string, Value | undefined>> = {
    outbox: left.unsent.length > 0 ? asValue(left.unsent) : undefined,
    untold: left.isUntold ? true : undefined,
    wakeAt: left.wakeAt,
    due: dueAt === undefined ? undefined : timerBucketOf(stored.key),
    dueAt,
    expiresAt: expiryOf(next),
  };
  const set = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  const remove = Object.keys(fields).filter((name) => fields[name] === undefined);
  try {
    await state.update(
      stored.key,
      { set: set as Readonly<Record<string, Value>>, remove },
      { equals: { version: stored.version } },
    );
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
  }
};
