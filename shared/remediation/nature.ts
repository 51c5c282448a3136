import type { Occasion, Plan } from './plan.ts';

/**
 * On whose account a plan is: of a policy about something that was found, of a release that failed, of a scaling rule,
 * or of a person. Some brakes hold what runs by itself and not what a person wants done.
 */
export type Nature = 'finding' | 'release' | 'scaling' | 'person';

const natures = {
  unhealthy: 'finding',
  exhausted: 'finding',
  drift: 'finding',
  violation: 'finding',
  cost: 'finding',
  idle: 'finding',
  oversized: 'finding',
  remediation: 'finding',
  asked: 'person',
  undo: 'person',
  release: 'release',
  scaling: 'scaling',
} as const satisfies Record<Occasion['kind'], Nature>;

export const natureOf = ({ occasion }: { readonly occasion: Pick<Plan['occasion'], 'kind'> }): Nature =>
  natures[occasion.kind];

/** Whether the plan is for the sake of checks that are in trouble. */
export const isForChecks = ({ occasion }: Pick<Plan, 'occasion'>): boolean =>
  occasion.kind === 'unhealthy' || occasion.kind === 'exhausted' || occasion.kind === 'release';
