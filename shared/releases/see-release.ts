import { blindSince, checksIn, openSight } from '../health/index.ts';
import type { Clock } from '../platform/clock.ts';
import type { ReleaseSeen, Remediation } from '../remediation/index.ts';
import type { Table } from '../storage/table.ts';
import { decideWatch, type Watched } from './decide-watch.ts';
import type { Release } from './release.ts';
import { loadRelease } from './store.ts';

export type SeeWorld = {
  readonly state: Pick<Table, 'get' | 'query'>;
  readonly telemetry: Pick<Table, 'get' | 'batchGet' | 'query'>;
  readonly clock: Clock;
};

/** How the release stands that a plan would roll back. Changes nothing. */
export const seeRelease = async (world: SeeWorld, { plan }: Remediation): Promise<ReleaseSeen> => {
  const stored = await loadRelease(world.state, plan.deploymentId);
  const release = stored?.release;
  if (!release || release.id !== plan.watch?.releaseId)
    return { verdict: 'superseded', reason: 'another release began' };
  const now = world.clock();
  const { windowSeconds, maxBurnRate, sloTargetPercent, finishedAt = now } = release;
  const { verdict, reason } = decideWatch({
    windowSeconds,
    maxBurnRate,
    sloTargetPercent,
    finishedAt,
    now,
    checks: await watched(world, release, { finishedAt, now }),
    isBlind: await isBlind(world, release.deploymentId, now),
  });
  return { verdict, reason };
};

/** What each check of the deployment saw since the release finished. */
const watched = async (
  world: SeeWorld,
  { deploymentId, unhealthyBefore }: Release,
  { finishedAt, now }: { readonly finishedAt: number; readonly now: number },
): Promise<readonly Watched[]> => {
  const sight = openSight(world);
  const [statuses, [series = []]] = await Promise.all([
    sight.statuses({ deploymentId }, { fresh: true }),
    sight.read([{ series: 'check.failure', selector: { deploymentId }, fromAt: finishedAt, toAt: now }]),
  ]);
  return statuses.map(({ subject, status }) => {
    const seen = series.find((one) => one.subject.key === subject.key);
    const points = seen?.points ?? [];
    return {
      name: subject.name,
      status,
      looks: points.length,
      failed: points.filter(({ value }) => value > 0).length,
      expected: Math.floor((now - finishedAt) / 1000 / (seen?.intervalSeconds ?? 60)),
      wasUnhealthy: unhealthyBefore.includes(subject.name),
    };
  });
};

/** Of the networks that the deployment's checks are looked at from, one is blind. */
const isBlind = async (
  { state, telemetry }: SeeWorld,
  deploymentId: string,
  now: number,
): Promise<boolean> => {
  const shards = new Map<string, string>();
  for await (const page of checksIn(state, [deploymentId])) {
    for (const { placements, definition } of page) {
      const [place] = placements;
      if (place) shards.set(definition.network, place.shard);
    }
  }
  const since = await Promise.all([...shards.values()].map((shard) => blindSince(telemetry, shard, now)));
  return since.some((at) => at !== undefined);
};

/** Names of the checks that are unhealthy now. */
export const unhealthyNow = async (world: SeeWorld, deploymentId: string): Promise<readonly string[]> => {
  const statuses = await openSight(world).statuses({ deploymentId }, { fresh: true });
  return statuses.filter(({ status }) => status === 'unhealthy').map(({ subject }) => subject.name);
};
