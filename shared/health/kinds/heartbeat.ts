import type * as Zod from 'zod';
import { durationHint, durationPattern, readableSeconds, secondsOf } from '../../platform/duration.ts';
import type { Ping } from '../probing/ports.ts';
import type { CheckKind, Probed, Verdict } from './kind.ts';

/** Seconds. */
type HeartbeatConfig = { readonly every: number; readonly grace?: number };

const longestSeconds = 400 * 86_400;

/** Where nobody says how late a ping may be: a tenth of what lies between two, at least a minute, at most an hour. */
export const graceOf = ({ every, grace }: HeartbeatConfig): number =>
  grace ?? Math.min(3600, Math.max(60, every / 10));

const duration = (z: typeof Zod, shortest: number) =>
  z
    .union([z.number(), z.string().regex(durationPattern, { error: durationHint })], { error: durationHint })
    .transform(secondsOf)
    .refine((seconds) => seconds >= shortest && seconds <= longestSeconds, {
      error: `Give ${readableSeconds(shortest)} to ${readableSeconds(longestSeconds)}.`,
    });

/**
 * Healthy while others tell often enough that they are: a job, a backup, a machine behind a firewall. Nothing is
 * connected to; what is judged is the last ping.
 */
export const heartbeat: CheckKind = {
  class: 'heartbeat',
  placeholders: [],
  // A ping that is missing is missing: looking again finds nothing else.
  defaults: { failureThreshold: 1, successThreshold: 1, retries: 0 },
  definition: (z) => ({
    target: z
      .literal('heartbeat', { error: 'Leave the target out: a heartbeat comes to us.' })
      .default('heartbeat'),
    config: z.strictObject({
      every: duration(z, 1).meta({
        description: 'How often a ping is expected: seconds, or a duration such as `5m` or `1d`.',
      }),
      grace: duration(z, 0).optional().meta({
        description: 'How late a ping may be; a tenth of `every`, from 1 min to 1 h, when left out.',
      }),
    }),
  }),

  async probe(check, attempt) {
    return judge(check, await attempt.ports.lastPing(check.id), attempt.now());
  },
};

const judge = (
  check: Pick<Probed, 'config' | 'placedAt' | 'resumedAt' | 'seed'>,
  ping: Ping | undefined,
  now: number,
): Verdict => {
  const config = check.config as HeartbeatConfig;
  const patienceMs = (config.every + graceOf(config)) * 1000;
  const expected = `one is expected every ${readableSeconds(config.every)}`;
  // Whoever pauses a check often stops what pings it too: the first ping after the pause has its whole time again.
  if (now - (check.resumedAt ?? 0) < patienceMs && now - (ping?.at ?? 0) >= patienceMs) {
    return { status: 'unknown', reason: 'waiting for the first ping after the pause' };
  }
  if (!ping) {
    if (now - check.placedAt >= patienceMs) {
      return { status: 'unhealthy', reason: `no ping since ${instant(check.placedAt)}, ${expected}` };
    }
    // A check that moved left its last ping behind. What was known of it holds until the next one is due.
    const { status = 'unknown', reason = null } = check.seed ?? {};
    return status === 'healthy'
      ? { status, reason: null }
      : { status, reason: reason ?? 'waiting for the first ping' };
  }
  if (now - ping.at >= patienceMs) {
    return { status: 'unhealthy', reason: `no ping since ${instant(ping.at)}, ${expected}` };
  }
  if (!ping.isFailure) return { status: 'healthy', reason: null };
  return {
    status: 'unhealthy',
    reason: `the ping at ${instant(ping.at)} told of a failure${ping.message ? `: ${ping.message}` : ''}`,
  };
};

const instant = (at: number): string => new Date(at).toISOString().replace(/\.\d{3}Z$/, 'Z');
