import { writeVersion } from '../platform/outbox/index.ts';
import type { Item, Table, Value } from '../storage/index.ts';
import { contended, type Patience } from './contended.ts';
import { type Bounds, decideLimits, isBounded, type Remedied, type Touched } from './decide-limits.ts';
import { hourMs } from './heal-item.ts';
import type { Plan } from './plan.ts';
import type { Hold } from './remediation.ts';
import { resourceKeyOf, resourcesOf } from './resource-key.ts';

export type LimitPorts = Patience & { readonly state: Pick<Table, 'get' | 'put' | 'update'> };

/** What one plan changed, or is about to change. */
export type Reserved = {
  readonly planHash: string;
  readonly keys: readonly string[];
  readonly remedy: string;
  readonly at: number;
};

/** `LIMIT#<policyId>#<environment>` / `HOUR` in `state`: the plans of the last hour. Expires two hours after the last. */
type LimitItem = { readonly reserved: readonly Reserved[]; readonly revision: number };

/** 100 KB of an item's 400, with ARNs as ids; no policy that has a limit gets there. */
const mostKeys = 1000;

export const limitKey = (policyId: string, environment: string) => ({
  pk: `LIMIT#${policyId}#${environment}`,
  sk: 'HOUR',
});

const fromItem = (item: Item | undefined): LimitItem =>
  item === undefined
    ? { reserved: [], revision: 0 }
    : { reserved: item.reserved as unknown as readonly Reserved[], revision: Number(item.revision) };

const isWithinHour =
  (now: number) =>
  ({ at }: Reserved): boolean =>
    at > now - hourMs;

/** The resources that other plans of the policy changed within the hour in the environment. */
export const readChanged = async (
  state: Pick<Table, 'get'>,
  plan: Plan,
  now: number,
): Promise<readonly Remedied[]> => {
  if (!plan.policy) return [];
  const item = await state.get(limitKey(plan.policy.id, plan.environment), { consistent: true });
  return changedBy(fromItem(item).reserved, plan.hash, now);
};

const changedBy = (reserved: readonly Reserved[], planHash: string, now: number): readonly Remedied[] =>
  reserved
    .filter(isWithinHour(now))
    .filter((other) => other.planHash !== planHash)
    .flatMap(({ keys, remedy }) => keys.map((key) => ({ key, remedy })));

/** What the reservation of a plan makes of the item: the same plan again is counted once. Pure. */
export const decideReservation = (
  reserved: readonly Reserved[],
  given: Reservation,
): { readonly reserved: readonly Reserved[] } | { readonly hold: Hold } => {
  const { plan, bounds, now, inNeed, total } = given;
  const own = resourcesOf(plan).map(resourceKeyOf);
  const hold = decideLimits(bounds, { own, inNeed, changed: changedBy(reserved, plan.hash, now), total });
  if (hold) return { hold };
  const others = reserved.filter(isWithinHour(now)).filter(({ planHash }) => planHash !== plan.hash);
  const next = [...others, { planHash: plan.hash, keys: own, remedy: bounds.remedy, at: now }];
  if (next.reduce((sum, { keys }) => sum + keys.length, 0) > mostKeys) {
    return {
      hold: {
        brake: 'blast_radius',
        reason: `More than ${mostKeys} resources were changed within an hour: nothing more is done.`,
      },
    };
  }
  return { reserved: next };
};

export type Reservation = Pick<Touched, 'inNeed' | 'total'> & {
  readonly plan: Plan;
  readonly bounds: Bounds;
  readonly now: number;
};

/**
 * Counts the plan's resources as changed within the hour, unless that is more than is allowed: then why. One item decides
 * it by compare-and-set, so that plans which ask at once cannot exceed it together. Without a limit there is nothing to count.
 */
export const reserveLimits = async (ports: LimitPorts, given: Reservation): Promise<Hold | undefined> => {
  const { plan, bounds, now } = given;
  if (!plan.policy || !isBounded(bounds)) return undefined;
  let hold: Hold | undefined;
  await changeLimits(ports, plan, now, (reserved) => {
    const decided = decideReservation(reserved, given);
    hold = 'hold' in decided ? decided.hold : undefined;
    return 'reserved' in decided ? decided.reserved : undefined;
  });
  return hold;
};

/** Gives back what the plan reserved: nothing was changed. Again: changes nothing. */
export const releaseLimits = (ports: LimitPorts, plan: Plan, now: number): Promise<void> =>
  changeLimits(ports, plan, now, (reserved) =>
    reserved.some(({ planHash }) => planHash === plan.hash)
      ? reserved.filter(({ planHash }) => planHash !== plan.hash)
      : undefined,
  );

const changeLimits = async (
  ports: LimitPorts,
  { policy, environment }: Plan,
  now: number,
  decide: (reserved: readonly Reserved[]) => readonly Reserved[] | undefined,
): Promise<void> => {
  if (!policy) return;
  const key = limitKey(policy.id, environment);
  await contended(`What the policy «${policy.name}» did within the hour`, ports, async () => {
    const { reserved, revision } = fromItem(await ports.state.get(key, { consistent: true }));
    const next = decide(reserved);
    if (!next) return 'written';
    return writeVersion(ports.state, {
      key,
      expected: revision === 0 ? undefined : revision,
      fields: {
        reserved: next as unknown as Value,
        expiresAt: Math.floor(now / 1000) + (2 * hourMs) / 1000,
        revision: revision + 1,
      },
      attempt: ports.newId(),
      now,
    });
  });
};
