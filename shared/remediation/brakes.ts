import { actionGrants } from '../platform/action-kinds.ts';
import type { BrakeWorld, Known } from './brake-facts.ts';
import { boundsOf, decideLimits } from './decide-limits.ts';
import { natureOf } from './nature.ts';
import { disabledHolds, exceptionHolds } from './policy-brakes.ts';
import type { BrakeName, Hold } from './remediation.ts';
import { attemptsHold, cooldownHold, flappingHold, leaseHold, type ResourceCase } from './resource-brakes.ts';
import { resourceKeyOf, resourcesOf } from './resource-key.ts';
import { blindHolds, massFailureHolds, parentHolds, unknownHolds } from './watch-brakes.ts';

type Brake = (world: BrakeWorld) => readonly Hold[];

/** What could not be read may be read in a minute; until then it holds. */
const lookAgainMs = 60_000;

/** Decides on what was read; what could not be read holds, and says so. */
const given =
  <T>(
    brake: BrakeName,
    what: string,
    of: (world: BrakeWorld) => Known<T>,
    decide: (world: BrakeWorld, value: T) => readonly Hold[],
  ): Brake =>
  (world) => {
    const known = of(world);
    if ('value' in known) return decide(world, known.value);
    return [
      {
        brake,
        reason: `${what} could not be read, so nothing is done: ${known.unreadable}`,
        untilAt: world.now + lookAgainMs,
      },
    ];
  };

const eachResource = (brake: BrakeName, decide: (one: ResourceCase) => Hold | undefined): Brake =>
  given(
    brake,
    'What was done to its resources lately',
    ({ resources }) => resources,
    ({ plan, attempt, now }, resources) =>
      resources.flatMap(
        ({ resource, heal, writer }) =>
          decide({ plan, attempt, now, name: resource.name, heal, writer }) ?? [],
      ),
  );

const ofPolicy = (brake: BrakeName, decide: typeof disabledHolds): Brake =>
  given(
    brake,
    'The policy',
    ({ policy }) => policy,
    (world, standing) => (standing === undefined ? [] : decide(world, standing)),
  );

const ofWatch = (brake: BrakeName, decide: typeof blindHolds): Brake =>
  given(brake, 'How its checks stand', ({ watch }) => watch, decide);

const stopHolds: Brake = given(
  'stop_switch',
  'The stop switch',
  ({ stop }) => stop,
  (_, { isOn, by, reason }) =>
    isOn
      ? [
          {
            brake: 'stop_switch',
            reason: `All healing is stopped${by === undefined ? '' : ` by ${by}`}${reason === undefined || reason === '' ? '.' : `: ${reason}`}`,
          },
        ]
      : [],
);

const optInHolds: Brake = ({ plan, optedIn }) =>
  [...new Set(plan.actions.map(({ kind }) => kind))]
    .filter((kind) => !optedIn.includes(kind) || !Object.hasOwn(actionGrants, kind))
    .map((kind) => ({
      brake: 'not_opted_in',
      reason: `The action ${kind} is not switched on: add it to \`actions\` of the stack's configuration and deploy.`,
    }));

const windowHolds = ofPolicy('outside_window', ({ plan }, { window }) =>
  window === undefined || natureOf(plan) === 'person' ? [] : [window],
);

const maintenanceHolds: Brake = given(
  'maintenance',
  'Maintenance',
  ({ maintenance }) => maintenance,
  ({ plan }, maintenance) => {
    const nature = natureOf(plan);
    if (!maintenance || nature === 'person' || nature === 'scaling') return [];
    return [
      {
        brake: 'maintenance',
        reason: `${maintenance.name}: what happens now is expected.`,
        ...(maintenance.untilAt !== undefined && { untilAt: maintenance.untilAt }),
      },
    ];
  },
);

const blastHolds: Brake = given(
  'blast_radius',
  'How many resources are in need',
  ({ need }) => need,
  ({ plan, policy }, { inNeed, changed, total }) => {
    const bounds = boundsOf(plan, 'value' in policy ? policy.value?.decision : undefined);
    const own = resourcesOf(plan).map(resourceKeyOf);
    const hold = decideLimits(bounds, { own, inNeed, changed, total });
    return hold ? [hold] : [];
  },
);

/**
 * Every brake, in the order in which they are told.
 *
 * | brake                                                | holds what a person wants done, too |
 * |------------------------------------------------------|-------------------------------------|
 * | stop_switch, policy_disabled, not_opted_in, blast_radius, attempts, lease_held | yes       |
 * | monitor_blind, unknown_status                        | from the second attempt on          |
 * | the others                                           | no                                  |
 *
 * A scaling rule is not held by maintenance, mass failure, a parent or flapping: growing is its way to help. A release is
 * rolled back although half of its deployment fails.
 */
const brakes: Record<BrakeName, Brake> = {
  stop_switch: stopHolds,
  policy_disabled: ofPolicy('policy_disabled', disabledHolds),
  policy_exception: ofPolicy('policy_exception', exceptionHolds),
  not_opted_in: optInHolds,
  outside_window: windowHolds,
  maintenance: maintenanceHolds,
  parent_down: ofWatch('parent_down', parentHolds),
  monitor_blind: ofWatch('monitor_blind', blindHolds),
  unknown_status: ofWatch('unknown_status', unknownHolds),
  mass_failure: ofWatch('mass_failure', massFailureHolds),
  blast_radius: blastHolds,
  attempts: eachResource('attempts', attemptsHold),
  cooldown: eachResource('cooldown', cooldownHold),
  flapping: eachResource('flapping', flappingHold),
  lease_held: eachResource('lease_held', leaseHold),
};

/**
 * All that holds the plan back at this moment, each with its reason; empty: nothing does. Pure. What the policies say
 * otherwise today is told once: a window or an exception says it better than «nothing would be done».
 */
export const decideBrakes = (world: BrakeWorld): readonly Hold[] => {
  const holds = Object.values(brakes).flatMap((brake) => brake(world));
  const isSaidBetter = holds.some(({ brake }) => brake === 'outside_window' || brake === 'policy_exception');
  return holds.filter(({ brake }) => brake !== 'policy_disabled' || !isSaidBetter);
};
