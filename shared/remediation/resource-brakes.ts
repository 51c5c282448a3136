import { toIso } from '../platform/clock.ts';
import { readableSeconds } from '../platform/duration.ts';
import { flapsOf, unknownOutcomeOf } from './flaps.ts';
import { dayMs, type HealItem, hourMs } from './heal-item.ts';
import { natureOf } from './nature.ts';
import type { Plan } from './plan.ts';
import type { Hold } from './remediation.ts';

/** One resource of a plan, with all that is remembered of it. */
export type ResourceCase = {
  readonly plan: Plan;
  readonly attempt: number;
  readonly now: number;
  /** As people call it. */
  readonly name: string;
  readonly heal: HealItem;
  readonly writer?: string | undefined;
};

export const leaseHold = ({ plan, now, name, heal }: ResourceCase): Hold | undefined => {
  const { lease } = heal;
  if (!lease || lease.untilAt <= now || lease.planHash === plan.hash) return undefined;
  return {
    brake: 'lease_held',
    reason: `${name} is being changed by the plan ${lease.planHash.slice(0, 12)}.`,
    untilAt: lease.untilAt,
  };
};

/**
 * Over all plans. The attempt that asks is not counted against itself when it asks twice. It ends by itself within an hour
 * and nobody waits for that: people should know now. What a person wants done it holds as well.
 */
export const attemptsHold = ({ plan, attempt, now, name, heal }: ResourceCase): Hold | undefined => {
  const most = plan.brakes.attemptsPerHour;
  const made = heal.attempts
    .filter((other) => other.at > now - hourMs)
    .filter((other) => other.planHash !== plan.hash || other.attempt !== attempt)
    .map(({ at }) => at)
    .sort((left, right) => left - right);
  if (made.length < most) return undefined;
  const free = made[made.length - most];
  return {
    brake: 'attempts',
    reason:
      free === undefined
        ? `No attempt at ${name} is allowed: attempts per hour is 0.`
        : `${name} was changed ${times(made.length)} within an hour, and ${most} are allowed: it is not changed again before ${toIso(free + hourMs)}, whoever asks.`,
  };
};

/** What a person wants done does not wait for it. */
export const cooldownHold = ({ plan, now, name, heal }: ResourceCase): Hold | undefined => {
  if (natureOf(plan) === 'person') return undefined;
  const unknown = unknownOutcomeOf(heal, now);
  if (unknown) {
    return {
      brake: 'cooldown',
      reason: `Nobody knows how the plan ${unknown.planHash.slice(0, 12)} left ${name}: a person looks at it before anything more is done.`,
      untilAt: unknown.at + dayMs,
    };
  }
  if (heal.cooldownUntil === undefined || heal.cooldownUntil <= now) return undefined;
  return {
    brake: 'cooldown',
    reason: `${name} was changed a short while ago and is left alone for ${readableSeconds(Math.ceil((heal.cooldownUntil - now) / 1000))} more.`,
    untilAt: heal.cooldownUntil,
  };
};

export const flappingHold = ({ plan, now, name, heal, writer }: ResourceCase): Hold | undefined => {
  const nature = natureOf(plan);
  if (nature === 'person' || nature === 'scaling') return undefined;
  const flaps = flapsOf(heal, plan, now);
  if (flaps < plan.brakes.flapsPerDay) return undefined;
  const who =
    writer === undefined ? 'Find out what makes it so' : `It was last written by ${writer}: settle it there`;
  return {
    brake: 'flapping',
    reason: `${name} was put right ${times(flaps)} within a day and is wrong again. ${who}.`,
  };
};

/** Whether it is worth asking who else writes the resource. */
export const isFlapping = (world: ResourceCase): boolean => flappingHold(world) !== undefined;

/** All that the memory of one resource says against changing it now. */
export const resourceHolds = (world: ResourceCase): readonly Hold[] =>
  [leaseHold, attemptsHold, cooldownHold, flappingHold].flatMap((brake) => brake(world) ?? []);

const times = (count: number): string => (count === 1 ? 'once' : count === 2 ? 'twice' : `${count} times`);
