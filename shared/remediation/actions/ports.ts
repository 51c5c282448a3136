import type { Clock } from '../../platform/clock.ts';
import type { CallMade } from '../remediation.ts';

/**
 * What actions reach the world by. Each service is opened when first used; with `credentials` of an assumed role for
 * `apply`, with the function's own for reading. The openers stand in `shared/platform/aws/actions/*.aws.ts`.
 */
export type ActionPorts = {
  readonly clock: Clock;
  /** Ends what hangs. */
  readonly signal: AbortSignal;
};

/** Takes note of each call, in order. */
export type OnCall = (call: CallMade) => void;
