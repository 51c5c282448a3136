import { checkKey } from '../../shared/health/check.ts';
import { toResultsItem } from '../../shared/health/slot-results.ts';
import { call } from './api-client.ts';
import type { Cloud } from './cloud.ts';

const shard = 'home.public.60.0';
const minute = 60_000;

/**
 * A check of the deployment, looked at once a minute until now: how many milliseconds each look took, the last one last.
 * Gives the instant of the last look, epoch ms.
 */
export const lookedAt = async (
  cloud: Pick<Cloud, 'state' | 'telemetry'>,
  { deploymentId, name }: { readonly deploymentId: string; readonly name: string },
  tookMs: readonly number[],
): Promise<number> => {
  const last = Math.floor(Date.now() / minute) * minute - minute;
  const body = { deploymentId, name, type: 'http', target: 'https://shop.example.com/' };
  const id = String((await call('POST', '/api/v1/monitoring/health-checks', { body })).json.id);
  const since = last - 86_400_000;
  const placements = [{ shard, no: 3, revision: 1, placedAt: since }];
  await cloud.state.update(checkKey(id), { set: { placements, createdAt: since, updatedAt: since } });
  for (const [back, total] of tookMs.toReversed().entries()) {
    const at = last - back * minute;
    const result = {
      no: 3,
      rev: 1,
      status: 'healthy' as const,
      reason: null,
      phases: { total },
      attempts: 1,
      statusCode: 200,
    };
    const run = { shard, at, planVersion: 1, attempt: 'a', loopDelayMs: 0, seen: [result] };
    await cloud.telemetry.put(toResultsItem(run, Math.floor(at / 1000) + 3 * 86_400));
  }
  return last;
};
