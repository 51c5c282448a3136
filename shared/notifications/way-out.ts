import {
  type Attempt,
  CannotTell,
  directResolve,
  judgeAddresses,
  type NetworkPolicy,
  openPorts,
  parseRanges,
  type Resolve,
  resolveOnce,
  systemResolve,
  TargetFailed,
  withDeadline,
} from '../health/index.ts';
import type { Clock } from '../platform/clock.ts';
import { NotSent } from './kinds/kind.ts';

/** A guarded way to receivers: the one that probes take, with its judgement of addresses, its pinning and its deadline. */
export type Way = {
  /** Runs one exchange with `host`. Throws NotSent: final where an address is refused, for it would be again. */
  reach<T>(host: string, port: number, exchange: (attempt: Attempt) => Promise<T>): Promise<T>;
};

export type WayOptions = {
  /** Comma-separated CIDR ranges. */
  readonly allowedPrivateRanges: string;
  readonly insideLambda: boolean;
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** Of tests; the machine's own otherwise. */
  readonly resolve?: Resolve;
};

export const openWay = (options: WayOptions): Way => {
  const { allowedPrivateRanges, insideLambda, clock, timeoutMs } = options;
  const policy = { allowedPrivateRanges: parseRanges(allowedPrivateRanges), insideLambda, insideVpc: false };
  const resolve = options.resolve ?? (insideLambda ? directResolve() : systemResolve);
  return {
    async reach(host, port, exchange) {
      const { result } = await withDeadline(
        {
          timeoutMs,
          // Made anew for each: a name may mean another address next time, and a literal is never asked for.
          network: { policy, resolve: judging(resolveOnce(resolve), port, policy) },
          wanted: new Set(),
          now: clock,
          portsOf: () => openPorts({ now: clock }),
          hide: (text) => text,
          conceal: () => {},
        },
        exchange,
      );
      if (!(result instanceof Error)) return result;
      throw notSentOf(result, host);
    },
  };
};

/** Judged where they are resolved, so that a refusal is told apart from a network that fails. */
const judging =
  (resolve: Resolve, port: number, policy: NetworkPolicy): Resolve =>
  async (host) => {
    const addresses = await resolve(host);
    const judged = judgeAddresses(host, port, addresses, policy);
    if ('refusal' in judged) throw new NotSent(judged.refusal, { isFinal: true });
    return addresses;
  };

const notSentOf = (error: Error, host: string): NotSent => {
  if (error instanceof NotSent) return error;
  if (error instanceof TargetFailed || error instanceof CannotTell) {
    return new NotSent(`${host} could not be reached: ${error.message}`);
  }
  return new NotSent(`sending to ${host} failed: ${error.message}`);
};
