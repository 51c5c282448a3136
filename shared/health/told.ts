import { toIso } from '../platform/clock.ts';
import type { Place } from '../platform/environment.ts';
import type { CheckStatus } from '../platform/events.ts';
import { flappingReason, turnsIn } from './flapping.ts';
import type { CheckState, HealthEvent, StatusChanged } from './head.ts';
import type { Pace } from './pace.ts';
import type { PlanEntry } from './plan.ts';
import { isInVpc, parseShardId } from './shard.ts';

type Told = {
  readonly from: CheckStatus;
  readonly to: CheckStatus;
  /** Epoch ms: when it happened; makes the id. */
  readonly at: number;
  readonly reason: string;
  readonly responseTimeMs: number | null;
};

const subjectOf = ({ id, deploymentId, name, type, target, tags }: PlanEntry) => ({
  checkId: id,
  deploymentId,
  name,
  type,
  target,
  tags,
});

const originOf = ({ accountId, region }: Place, at: number) => ({ at: toIso(at), accountId, region });

export const statusChanged = (
  entry: PlanEntry,
  { from, to, at, reason, responseTimeMs }: Told,
  place: Place,
): StatusChanged => ({
  type: 'check.status_changed',
  detail: {
    id: `${entry.id}@${at}`,
    ...originOf(place, at),
    ...subjectOf(entry),
    from,
    to,
    reason,
    responseTimeMs,
  },
});

export const flappingChanged = (entry: PlanEntry, after: CheckState, place: Place): HealthEvent => ({
  type: 'check.flapping',
  detail: {
    id: `${entry.id}@${after.at}:flapping`,
    ...originOf(place, after.at),
    ...subjectOf(entry),
    state: after.isFlapping ? 'started' : 'ended',
    turns: turnsIn(after.outcomes),
    reason: flappingReason(after.outcomes),
  },
});

export const paceChanged = (entry: PlanEntry, pace: Pace, at: number, place: Place): HealthEvent => ({
  type: 'check.paced',
  detail: { id: `${entry.id}@${at}:paced`, ...originOf(place, at), checkId: entry.id, pace },
});

/** All shards of a location and network that find out tell it with one id. */
export const blindChanged = (
  shard: string,
  state: 'started' | 'ended',
  since: number,
  at: number,
  place: Place,
): HealthEvent => {
  const { location, class: className } = parseShardId(shard);
  const network = isInVpc(className) ? 'vpc' : 'public';
  return {
    type: 'monitor.blind',
    detail: {
      id: `blind:${location}.${network}@${since}:${state}`,
      ...originOf(place, at),
      location,
      network,
      state,
      since: toIso(since),
      reason:
        state === 'started'
          ? 'targets do not answer and no canary does: what cannot be reached is unknown'
          : 'targets or canaries answer again',
    },
  };
};
