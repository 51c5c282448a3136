import type { PlanEntry } from '../../../shared/health/plan.ts';
import { type NetworkPolicy, parseRanges } from '../../../shared/health/probing/guard.ts';
import { probeAll } from '../../../shared/health/probing/probe-all.ts';
import { type Resolve, resolveOnce, systemResolve } from '../../../shared/health/probing/resolve.ts';
import type { Seen } from '../../../shared/health/slot-results.ts';
import { entry } from './builders.ts';

export const loopback: NetworkPolicy = {
  allowedPrivateRanges: parseRanges('127.0.0.0/8'),
  insideLambda: false,
  insideVpc: false,
};

export type Given = {
  resolve?: Resolve;
  policy?: NetworkPolicy;
  isUnhealthy?: boolean;
  budgetMs?: number;
  concurrency?: number;
};

export const look = async (given: Partial<PlanEntry>, options: Given = {}): Promise<Seen> => {
  const [seen] = (await lookAll([{ retries: 0, ...given }], options)).seen;
  if (!seen) throw new Error('the check was left out');
  return seen;
};

export const lookAll = (given: readonly Partial<PlanEntry>[], options: Given = {}) => {
  const { resolve = systemResolve, policy = loopback, isUnhealthy = false, ...rest } = options;
  const probe = probeAll({
    network: { resolve: resolveOnce(resolve), policy },
    onFault: (_entry, error) => {
      throw error;
    },
    ...rest,
  });
  return probe(
    given.map((one, at) => entry(at + 1, one)),
    () => isUnhealthy,
  );
};
