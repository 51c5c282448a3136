import { ConditionFailed } from '../../storage/condition.ts';
import type { Item, Key, Table, Value } from '../../storage/table.ts';
import type { Bus } from '../aws/bus.aws.ts';
import type { HomeostatEvent } from '../events.ts';
import { bucketOf } from '../ids.ts';

/**
 * An item that changed carries its unsent events itself, so that a write and its events are one write. They are
 * published right after it and cleared; what a crash leaves behind, the sweeper finds through the index `due`.
 */
export type Outbox = {
  readonly outbox: readonly HomeostatEvent[];
  readonly due: string;
  readonly dueAt: number;
};

/** An item of the registry that may have unsent events; clearing them is conditioned on its revision. */
export type Pending = {
  readonly key: Key;
  readonly revision: number;
  readonly outbox: readonly HomeostatEvent[];
};

export const dueBuckets = 8;
/** How long a writer has to publish by itself before the sweeper takes over: longer than any function's HTTP answer. */
export const sweepAfterMs = 30_000;

/**
 * How long a removed item stays as its own tombstone. The event that tells of the removal names the item and nothing
 * else, and may lie 14 days in its queue and among the dead letters, and as long again once it is redriven; only what
 * the item says then takes the thing out of the plans. It also outlives all results that name it, which are kept for
 * 30 days at most.
 */
export const tombstoneSeconds = 31 * 86_400;

export const dueBucketOf = (key: Key): string => `DUE#${bucketOf(`${key.pk}/${key.sk}`, dueBuckets)}`;

/** Writes of one item that nobody could be told of meanwhile; with 16 KB each they leave the item room below 400 KB. */
export const mostAudits = 20;

/**
 * The outbox after one more write, with its event or events. Of each type only the newest stays: consumers read the
 * item itself, so an older revision's event tells them nothing more, and the list cannot grow while the bus is away.
 * Only of `audit.recorded` each tells of a write of its own: the newest `mostAudits` stay.
 */
export const withEvent = (
  key: Key,
  unsent: readonly HomeostatEvent[],
  events: HomeostatEvent | readonly HomeostatEvent[],
  now: number,
): Outbox => {
  const added: readonly HomeostatEvent[] = Array.isArray(events) ? events : [events];
  const isRepeated = ({ type }: HomeostatEvent): boolean =>
    type !== 'audit.recorded' && added.some((event) => event.type === type);
  const all = [...unsent.filter((event) => !isRepeated(event)), ...added];
  const audits = all.filter(({ type }) => type === 'audit.recorded').slice(-mostAudits);
  return {
    outbox: all.filter((event) => event.type !== 'audit.recorded' || audits.includes(event)),
    due: dueBucketOf(key),
    dueAt: now + sweepAfterMs,
  };
};

export const unsentOf = (item: Item): readonly HomeostatEvent[] =>
  Array.isArray(item.outbox) ? (item.outbox as unknown as readonly HomeostatEvent[]) : [];

export const pendingOf = (item: Item): Pending | undefined => {
  const outbox = unsentOf(item);
  return outbox.length > 0 && typeof item.revision === 'number'
    ? { key: { pk: item.pk, sk: item.sk }, revision: item.revision, outbox }
    : undefined;
};

/** Events as an attribute. */
export const asValue = (events: readonly HomeostatEvent[]): Value => events as unknown as Value;

type Ports = { readonly state: Pick<Table, 'update'>; readonly bus: Pick<Bus, 'publish'> };

/**
 * Publishes what the items carry, then clears what the bus took. An item that was written again meanwhile is left
 * alone: its newer version carries the events on. Returns the items whose events the bus did not take. Throws when
 * the bus cannot be reached at all or a clearing fails; nothing is lost then, only published once more later.
 */
export const publishPending = async (
  ports: Ports,
  pending: readonly Pending[],
): Promise<readonly Pending[]> => {
  if (pending.length === 0) return [];
  const taken = new Set(await ports.bus.publish(pending.flatMap((item) => item.outbox)));
  const left: Pending[] = [];
  await Promise.all(
    pending.map(async (item) => {
      const unsent = item.outbox.filter((event) => !taken.has(event.detail.id));
      if (unsent.length > 0) left.push({ ...item, outbox: unsent });
      if (unsent.length < item.outbox.length) await clear(ports, item, unsent);
    }),
  );
  return left;
};

const clear = async (ports: Ports, item: Pending, unsent: readonly HomeostatEvent[]): Promise<void> => {
  const change =
    unsent.length === 0 ? { remove: ['outbox', 'due', 'dueAt'] } : { set: { outbox: asValue(unsent) } };
  try {
    await ports.state.update(item.key, change, { equals: { revision: item.revision } });
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
  }
};
