import { hiddenValues, isLookedAt, withSecrets } from '../health/index.ts';
import type { Clock } from '../platform/clock.ts';
import type { Table } from '../storage/table.ts';
import type { HttpPost, SendPorts } from './kinds/kind.ts';
import { sendBuckets } from './notification.ts';
import { sendBucket } from './store.ts';

export type HeartbeatWorld = {
  readonly state: Pick<Table, 'queryDue'>;
  readonly telemetry: Pick<Table, 'query' | 'batchGet'>;
  readonly clock: Clock;
  /** As the setting gives it; empty: there is none. */
  readonly heartbeatUrl: string;
  readonly secret: (name: string) => Promise<string>;
  readonly post: SendPorts['post'];
};

export type Heartbeat =
  | { readonly kind: 'off' }
  | { readonly kind: 'pinged' }
  /** All is well here, but nobody was there to be told. */
  | { readonly kind: 'unheard'; readonly reason: string }
  /** No sign of life is given, so that the one who waits for it raises the alarm. */
  | { readonly kind: 'unwell'; readonly reason: string };

/** Whatever becomes due is looked at within a minute or two; so long after, nobody looks. */
const stuckAfterMs = 10 * 60_000;

/**
 * Gives a sign of life to an outside address, but only while Homeostat does its work: checks have fresh results, and
 * what is to be told is being told. A sign of life from a monitor that only ticks would be worse than none. Writes
 * nothing; a repeat is one more sign of life.
 */
export const pingHeartbeat = async (world: HeartbeatWorld): Promise<Heartbeat> => {
  if (world.heartbeatUrl === '') return { kind: 'off' };
  const reason = await whatIsWrong(world);
  if (reason !== undefined) return { kind: 'unwell', reason };
  const hiding = hiddenValues();
  try {
    const url = await withSecrets(world.heartbeatUrl, {
      secret: async (name) => {
        const value = await world.secret(name);
        hiding.remember(value);
        return value;
      },
    });
    const { status } = await world.post(requestTo(url.trim()));
    return status >= 200 && status < 300
      ? { kind: 'pinged' }
      : { kind: 'unheard', reason: `the heartbeat address answered with ${status}` };
  } catch (error) {
    return { kind: 'unheard', reason: hiding.hide((error as Error).message) };
  }
};

const whatIsWrong = async ({ state, telemetry, clock }: HeartbeatWorld): Promise<string | undefined> => {
  const now = clock();
  try {
    const [silent, ...stuck] = await Promise.all([
      isLookedAt(telemetry, now),
      ...Array.from({ length: sendBuckets }, (_, bucket) =>
        state.queryDue(sendBucket(bucket), now - stuckAfterMs, 1),
      ),
    ]);
    const waiting = stuck.flat().length;
    return waiting > 0 ? `notifications have been due for more than ten minutes` : silent;
  } catch (error) {
    return `the tables cannot be read: ${(error as Error).message}`;
  }
};

/**
 * GET, as every such service takes it. An address with `bearer` as its user (`https://bearer:TOKEN@host/path`) is asked
 * by POST with that token, as heartbeat checks of another Homeostat want it.
 */
const requestTo = (text: string): HttpPost => {
  const url = URL.parse(text);
  if (url?.username !== 'bearer') return { method: 'GET', url: text, body: '' };
  const headers = { authorization: `Bearer ${decodeURIComponent(url.password)}` };
  url.username = '';
  url.password = '';
  return { method: 'POST', url: url.href, headers, body: '' };
};
