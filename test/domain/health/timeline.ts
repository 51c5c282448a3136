import { fold } from '../../../shared/health/fold.ts';
import { emptyHead, type Head } from '../../../shared/health/head.ts';
import type { PlanEntry } from '../../../shared/health/plan.ts';
import type { Results, Seen } from '../../../shared/health/slot-results.ts';
import type { CheckStatus } from '../../../shared/platform/events.ts';
import { noon, planOf, seen, statusChanges } from './builders.ts';

export const place = { accountId: '123456789012', region: 'eu-central-1' };
export const minute = 60_000;

const without = { statusCode: undefined as never, phases: {} };

/** Up, slow, down, hanging, unknown, blind; small letters are the same in a maintenance window. */
export const letters: Record<string, Partial<Seen>> = {
  U: { status: 'healthy' },
  S: { status: 'degraded', reason: 'answered in 900 ms, degraded above 500 ms' },
  D: { status: 'unhealthy', reason: 'connect ECONNREFUSED 192.0.2.1:443', ...without },
  T: { status: 'unhealthy', reason: 'no answer within 5 s', timedOut: true, ...without },
  '?': { status: 'unknown', reason: 'no name server answered', phases: {} },
  B: { status: 'unknown', reason: 'the monitor is blind', isBlind: true, phases: {} },
  u: { status: 'healthy', inMaintenance: true },
  d: { status: 'unhealthy', reason: 'connect ECONNREFUSED 192.0.2.1:443', inMaintenance: true, ...without },
};

export const words: Record<CheckStatus, string> = {
  healthy: 'up',
  unhealthy: 'down',
  unknown: '?',
  degraded: 'slow',
};

export const slotIn = (
  shard: string,
  number: number,
  one: Partial<Seen>,
  given: Partial<Results> = {},
): Results => ({
  shard,
  at: noon + number * minute,
  planVersion: 1,
  attempt: 'a',
  loopDelayMs: 1,
  seen: [seen(1, one)],
  ...given,
});

type Given = { readonly entry?: Partial<PlanEntry>; readonly start?: Head; readonly shard?: string };

/** Folds a line such as `U D D .` (a dot is a gap), a slot a minute, and tells the status after each. */
export const timeline = (line: string, { entry = {}, shard = 'home.public.60.0', start }: Given = {}) => {
  const plan = planOf(shard, [1], { 1: entry });
  let head = start ?? emptyHead(shard);
  const statuses = line.split(' ').map((letter, at) => {
    const given = letters[letter];
    if (given) head = fold(head, plan, [slotIn(shard, at + 1, given)], place).head;
    return words[head.checks.get(1)?.status ?? 'unknown'];
  });
  const numberOf = (at: string) => (Date.parse(at) - noon) / minute;
  return {
    head,
    state: head.checks.get(1),
    statuses: statuses.join(' '),
    changes: statusChanges(head.outbox).map(({ from, to }) => `${words[from]}>${words[to]}`),
    /** Everything else that is told, with the slot it was told of. */
    signals: head.outbox.flatMap(({ type, detail }) => {
      const slot = numberOf(detail.at);
      if (type === 'check.status_changed') return [];
      return [type === 'check.paced' ? `${slot}: ${detail.pace}` : `${slot}: ${detail.state}`];
    }),
  };
};
