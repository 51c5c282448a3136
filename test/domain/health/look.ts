import type { PlanEntry } from '../../../shared/health/plan.ts';
import { type NetworkPolicy, parseRanges } from '../../../shared/health/probing/guard.ts';
import { CannotTell } from '../../../shared/health/probing/outcome.ts';
import type { ProbePorts } from '../../../shared/health/probing/ports.ts';
import { probeAll } from '../../../shared/health/probing/probe-all.ts';
import { type Resolve, resolveOnce, systemResolve } from '../../../shared/health/probing/resolve.ts';
import type { Seen } from '../../../shared/health/slot-results.ts';
import { entry } from './builders.ts';

export const loopback: NetworkPolicy = {
  allowedPrivateRanges: parseRanges('127.0.0.0/8'),
  insideLambda: false,
  insideVpc: false,
};

const closed = (what: string) => async () => {
  throw new CannotTell(`${what} cannot be asked in this test`);
};

/** Ports that nobody answers at, but for those given. */
export const portsWith = (given: Partial<ProbePorts> = {}): ProbePorts => ({
  secret: closed('secrets'),
  members: closed('other checks'),
  lastPing: closed('pings'),
  invoke: closed('functions'),
  describe: closed('AWS'),
  ...given,
});

/** Ports that know these secrets and no others. */
export const secretsPort = (secrets: Readonly<Record<string, string>>): ProbePorts =>
  portsWith({
    secret: async (name) => {
      const value = secrets[name];
      if (value === undefined) throw new CannotTell(`there is no secret ${name}`);
      return value;
    },
  });

export type Given = {
  ports?: ProbePorts;
  /** Epoch ms by the platform's clock; the wall's time when left out. */
  clock?: () => number;
  resolve?: Resolve;
  policy?: NetworkPolicy;
  isUnhealthy?: boolean;
  budgetMs?: number;
  concurrency?: number;
  onFault?: (entry: PlanEntry, error: Error) => void;
};

export const look = async (given: Partial<PlanEntry>, options: Given = {}): Promise<Seen> => {
  const [seen] = (await lookAll([{ retries: 0, ...given }], options)).seen;
  if (!seen) throw new Error('the check was left out');
  return seen;
};

export const lookAll = (given: readonly Partial<PlanEntry>[], options: Given = {}) => {
  const {
    resolve = systemResolve,
    policy = loopback,
    isUnhealthy = false,
    ports = portsWith(),
    clock = Date.now,
    ...rest
  } = options;
  const probe = probeAll({
    network: { resolve: resolveOnce(resolve), policy },
    ports,
    clock,
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
