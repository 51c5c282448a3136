import { ConditionFailed } from '../storage/condition.ts';
import type { Item, Table } from '../storage/table.ts';
import { headKey } from './keys.ts';
import type { Ping } from './probing/ports.ts';
import { cutEvidence } from './slot-results.ts';

const prefix = 'PING#';

/** The last ping of one heartbeat, in the shard that runs it: one item a check, overwritten by each newer ping. */
export const pingKey = (shard: string, checkId: string) => ({
  pk: headKey(shard).pk,
  sk: `${prefix}${checkId}`,
});

/**
 * Keeps a ping. The newest `at` wins: one that comes late or twice changes nothing. `expiresAt` in epoch SECONDS: give
 * what `pingExpiresAt` says.
 */
export const notePing = async (
  telemetry: Pick<Table, 'update'>,
  placement: { readonly shard: string },
  checkId: string,
  { at, isFailure, message }: Ping,
  expiresAt: number,
): Promise<void> => {
  try {
    await telemetry.update(
      pingKey(placement.shard, checkId),
      {
        set: {
          v: 1,
          at,
          isFailure,
          message: message === null ? null : cutEvidence(message),
          expiresAt,
        },
      },
      { below: { at } },
    );
  } catch (error) {
    // A newer one is there, or this very one whose acknowledgement was lost.
    if (!(error instanceof ConditionFailed)) throw error;
  }
};

/** The last ping of every heartbeat in a shard, by check id. Consistent: a ping just acknowledged is seen. */
export const readPings = async (
  telemetry: Pick<Table, 'query'>,
  shard: string,
): Promise<ReadonlyMap<string, Ping>> => {
  const pings = new Map<string, Ping>();
  for (let after: string | undefined, more = true; more; more = after !== undefined) {
    const page = await telemetry.query({
      pk: headKey(shard).pk,
      beginsWith: prefix,
      ...(after !== undefined && { after }),
      consistent: true,
    });
    for (const item of page.items) pings.set(item.sk.slice(prefix.length), fromItem(item));
    after = page.next;
  }
  return pings;
};

const fromItem = (item: Item): Ping => ({
  at: Number(item.at),
  isFailure: item.isFailure === true,
  message: typeof item.message === 'string' ? item.message : null,
});

/** A missing ping must be told by its age for long after it is due. */
const keptSeconds = 30 * 86_400;

/** Epoch seconds: until when a ping of a heartbeat with this config is kept. */
export const pingExpiresAt = (ping: Pick<Ping, 'at'>, config: Readonly<Record<string, unknown>>): number => {
  const expected = Number(config.every ?? 0) + Number(config.grace ?? 0);
  return Math.ceil(ping.at / 1000 + expected + keptSeconds);
};
