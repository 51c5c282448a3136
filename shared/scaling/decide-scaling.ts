import type { ScalerDefinition, StepRule } from './scaler.ts';

/** When it last changed what it scales, epoch ms; undefined: never. */
export type ScalingState = {
  readonly scaledOutAt?: number | undefined;
  readonly scaledInAt?: number | undefined;
};

export type ScalingInput = {
  /** The aggregate over the window; undefined when the window holds no point, which says nothing. */
  readonly value: number | undefined;
  /** How many there are now. */
  readonly present: number;
  readonly state: ScalingState;
  /** Epoch ms. */
  readonly now: number;
};

export type ScalingDecision = {
  readonly change: 'out' | 'in' | 'none';
  readonly desired: number;
  /** A sentence, also when nothing changes. */
  readonly reason: string;
};

/**
 * A value this near to the target is at the target: what Kubernetes' HorizontalPodAutoscaler calls its tolerance (0.1).
 * Without it noise alone would change the count each time.
 */
export const tolerance = 0.1;

const isNear = (target: number, value: number): boolean => Math.abs(value / target - 1) <= tolerance;

const rounded = (value: number): string => String(Math.round(value * 100) / 100);

/** Whether nothing is to be done, however many there are: a bound that was changed waits for the next value beyond it. */
export const isAtTarget = (
  { scaling }: Pick<ScalerDefinition, 'scaling'>,
  value: number | undefined,
): boolean => value === undefined || (scaling.kind === 'target' && isNear(scaling.target, value));

/**
 * Desired = ceil(present × value ÷ target): the formula of target tracking (AWS Application Auto Scaling, Kubernetes).
 * Out always by at least one, in never beyond the formula: too many for a while costs less than too few.
 */
const tracked = (target: number, { value = 0, present }: ScalingInput): number => {
  if (isNear(target, value)) return present;
  const wanted = Math.ceil((present * value) / target - 1e-9);
  return value > target ? Math.max(wanted, present + 1) : Math.min(wanted, present);
};

const stepped = (steps: readonly StepRule[], { value = 0, present }: ScalingInput): number => {
  const step = steps.find(
    ({ from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY }) => value >= from && value < to,
  );
  if (!step) return present;
  if (step.unit === 'exact') return step.change;
  if (step.unit === 'count') return present + step.change;
  // Of a percentage at least one, as step scaling of Application Auto Scaling has it; rounded towards present below one.
  const delta = (present * step.change) / 100;
  const whole = delta > 0 ? Math.max(1, Math.floor(delta)) : Math.min(-1, Math.ceil(delta));
  return delta === 0 ? present : present + whole;
};

/** How many there should be, and why. Pure; the bounds win over everything else, cooldowns over the rule. */
export const decideScaling = (definition: ScalerDefinition, input: ScalingInput): ScalingDecision => {
  const { value, present, state, now } = input;
  const { min, max, scaling } = definition;
  const stay = (reason: string): ScalingDecision => ({ change: 'none', desired: present, reason });
  const to = (desired: number, reason: string): ScalingDecision => ({
    change: desired > present ? 'out' : 'in',
    desired,
    reason,
  });
  if (present < min) return to(min, `there are ${present}, fewer than the least of ${min}`);
  if (present > max && !definition.scaleInProtection)
    return to(max, `there are ${present}, more than the most of ${max}`);
  if (value === undefined) return stay('the window holds no point, which says nothing');
  const wanted = scaling.kind === 'target' ? tracked(scaling.target, input) : stepped(scaling.steps, input);
  const desired = Math.min(Math.max(wanted, min), Math.max(max, definition.scaleInProtection ? present : 0));
  const seen = `${definition.aggregate} of ${definition.series} is ${rounded(value)}`;
  if (desired === present) {
    return stay(
      wanted === present ? `${seen}: ${present} are right` : `${seen}: the bound of ${present} is reached`,
    );
  }
  const goal = scaling.kind === 'target' ? `target ${rounded(scaling.target)}` : 'its step';
  if (desired > present) {
    // A scale-out waits for the one before it only: after a scale-in more may be needed at once.
    const until = (state.scaledOutAt ?? Number.NEGATIVE_INFINITY) + definition.scaleOutCooldownSeconds * 1000;
    return now < until
      ? stay(
          `${seen}: ${desired} would be right, but it scaled out ${secondsSince(state.scaledOutAt, now)} ago`,
        )
      : to(desired, `${seen}, ${goal}: from ${present} to ${desired}`);
  }
  if (definition.scaleInProtection) return stay(`${seen}: fewer would do, but scaling in is switched off`);
  const last = Math.max(
    state.scaledOutAt ?? Number.NEGATIVE_INFINITY,
    state.scaledInAt ?? Number.NEGATIVE_INFINITY,
  );
  return now < last + definition.scaleInCooldownSeconds * 1000
    ? stay(`${seen}: ${desired} would do, but it scaled ${secondsSince(last, now)} ago`)
    : to(desired, `${seen}, ${goal}: from ${present} to ${desired}`);
};

const secondsSince = (at: number | undefined, now: number): string =>
  `${Math.max(0, Math.round((now - (at ?? now)) / 1000))} s`;
