import { toIso } from '../platform/clock.ts';
import type { BrakeWorld, CheckFacts, WatchFacts } from './brake-facts.ts';
import { isForChecks, natureOf } from './nature.ts';
import type { Hold } from './remediation.ts';

/** From so many failing checks on half of a deployment means that something else is wrong. */
const massFailureFrom = 3;

const isInTrouble = ({ status }: CheckFacts): boolean => status === 'unhealthy' || status === 'degraded';

const occasioning = ({ plan }: BrakeWorld, { checks }: WatchFacts): readonly CheckFacts[] =>
  checks.filter(({ checkId }) => plan.occasion.checkIds.includes(checkId));

/**
 * Half of a deployment does not fail at once by itself: restarting one part after the other would only make it worse
 * (fault 15). A release that broke everything is the exception, for going back is what helps then.
 */
export const massFailureHolds = ({ plan }: BrakeWorld, { total, failing }: WatchFacts): readonly Hold[] => {
  if (natureOf(plan) !== 'finding') return [];
  if (failing.length < massFailureFrom || failing.length * 2 < total) return [];
  const named = failing.slice(0, 3).join(', ');
  return [
    {
      brake: 'mass_failure',
      reason: `${failing.length} of ${total} checks of ${plan.deploymentId} fail at once (${named}${failing.length > 3 ? ' …' : ''}): the cause is not in one resource, a person should look at it.`,
    },
  ];
};

/**
 * Trouble that comes from a parent outside of what is healed is not healed at the child. A parent inside of it counts for
 * itself, and its children do not count.
 */
export const parentHolds = (world: BrakeWorld, facts: WatchFacts): readonly Hold[] => {
  if (!isForChecks(world.plan)) return [];
  const isInside = (checkId: string) => world.plan.occasion.checkIds.includes(checkId);
  const roots = occasioning(world, facts)
    .filter(isInTrouble)
    .filter(({ parentDown }) => parentDown === undefined || !isInside(parentDown.checkId));
  const [first] = roots;
  if (!first?.parentDown || !roots.every(({ parentDown }) => parentDown !== undefined)) return [];
  return [
    {
      brake: 'parent_down',
      reason: `${first.name} is in trouble because its parent ${first.parentDown.name} is down.`,
    },
  ];
};

/** While our own way out fails nothing can be told, nor verified. A person's wish is tried once, and not again. */
export const blindHolds = ({ plan, attempt }: BrakeWorld, { blind }: WatchFacts): readonly Hold[] => {
  const [first] = blind;
  if (!first || (natureOf(plan) === 'person' && attempt === 1)) return [];
  return [
    {
      brake: 'monitor_blind',
      reason: `The monitor is blind (${first.network}) since ${toIso(first.since)}: neither targets nor canaries answer, so nobody knows what is down.`,
    },
  ];
};

/** What is unknown is never healed, and nothing is tried again whose success nobody could see. */
export const unknownHolds = (world: BrakeWorld, facts: WatchFacts): readonly Hold[] => {
  const { plan, attempt } = world;
  const isFirst = attempt === 1;
  if (isFirst && !isForChecks(plan)) return [];
  const asked = isForChecks(plan) ? occasioning(world, facts) : facts.checks;
  if (asked.some(isInTrouble)) return [];
  const unknown = asked.find(({ status }) => status === 'unknown');
  if (!unknown) return [];
  return [
    {
      brake: 'unknown_status',
      reason: unknown.isPaused
        ? `${unknown.name} is paused: nobody knows whether it is down.`
        : `${unknown.name} is unknown: nobody knows whether it is down.`,
    },
  ];
};
