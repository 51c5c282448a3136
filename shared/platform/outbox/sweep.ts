import { ConditionFailed } from '../../storage/condition.ts';
import type { Table } from '../../storage/table.ts';
import type { Bus } from '../aws/bus.aws.ts';
import { dueBuckets, type Pending, pendingOf, publishPending } from './outbox.ts';

/** One look takes so many items of a bucket; the rest comes with the next look. */
const itemsPerLook = 100;
/** What the bus refuses waits this long, so that it does not stand before the others of its bucket. */
const postponeMs = 5 * 60_000;

type Ports = {
  readonly state: Pick<Table, 'queryDue' | 'get' | 'update'>;
  readonly bus: Pick<Bus, 'publish'>;
};

export type Sweep = { readonly published: number; readonly postponed: number };

/**
 * Publishes events that a crash left in the registry, oldest first, until nothing is due or `untilAt` has come.
 * The index only hints: it lags and may name an item that was cleared, so each is read consistently and decided
 * on what is there. Running twice at once publishes an event twice, with the same id. A bucket that fails does not
 * keep the others waiting; what failed is thrown when all had their turn.
 */
export const sweep = async (ports: Ports, clock: () => number, untilAt: number): Promise<Sweep> => {
  const startedAt = clock();
  const failures: unknown[] = [];
  let published = 0;
  let postponed = 0;
  for (let bucket = 0; bucket < dueBuckets; bucket++) {
    try {
      for (let more = true; more && clock() < untilAt; ) {
        const look = await sweepOnce(ports, bucket, startedAt);
        published += look.published;
        postponed += look.postponed;
        more = look.more;
      }
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  return { published, postponed };
};

const sweepOnce = async (
  ports: Ports,
  bucket: number,
  startedAt: number,
): Promise<Sweep & { more: boolean }> => {
  const hints = await ports.state.queryDue(`DUE#${bucket}`, startedAt, itemsPerLook);
  const found = await Promise.all(hints.map((hint) => pendingAt(ports, hint, startedAt)));
  const pending = found.filter((item): item is Pending => item !== undefined);
  const left = await publishPending(ports, pending);
  await Promise.all(left.map((item) => postpone(ports, item, startedAt)));
  // A full look that moved nothing would only find the same stale hints again.
  const more = hints.length === itemsPerLook && pending.length > 0;
  return { published: pending.length - left.length, postponed: left.length, more };
};

const pendingAt = async (
  ports: Ports,
  key: { readonly pk: string; readonly sk: string },
  now: number,
): Promise<Pending | undefined> => {
  const item = await ports.state.get(key, { consistent: true });
  return item && typeof item.dueAt === 'number' && item.dueAt <= now ? pendingOf(item) : undefined;
};

const postpone = async (ports: Ports, item: Pending, now: number): Promise<void> => {
  try {
    await ports.state.update(
      item.key,
      { set: { dueAt: now + postponeMs } },
      { equals: { revision: item.revision } },
    );
  } catch (error) {
    // Written again meanwhile: the new version has its own instant.
    if (!(error instanceof ConditionFailed)) throw error;
  }
};
