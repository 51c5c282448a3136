import { writeVersion } from '../platform/outbox/index.ts';
import type { Table } from '../storage/index.ts';
import { backoffSeconds } from './backoff.ts';
import { contended, type Patience } from './contended.ts';
import { fromHealItem, type HealItem, healFields, pruned, untouched } from './heal-item.ts';
import type { Plan, PlannedResource } from './plan.ts';
import type { Hold, RemediationStatus } from './remediation.ts';
import { resourceHolds } from './resource-brakes.ts';
import { healKey, resourcesOf } from './resource-key.ts';

export type HealPorts = Patience & { readonly state: Pick<Table, 'get' | 'put' | 'update'> };

type Attempt = { readonly plan: Plan; readonly attempt: number; readonly now: number };

/** What clocks may be apart, and steps may be late. */
const slackSeconds = 600;
const applySeconds = 60;

/** From the gate until the attempt is verified and the next one is at the gate again, with time to spare. */
export const leaseSecondsOf = (plan: Pick<Plan, 'verification' | 'attempts'>, attempt: number): number =>
  applySeconds +
  plan.verification.afterSeconds +
  plan.verification.deadlineSeconds +
  backoffSeconds(plan.attempts.backoff, attempt) +
  slackSeconds;

type Taken = { readonly heal: HealItem } | { readonly holds: readonly Hold[] };

/** What taking the lease makes of the item: the same attempt again changes no count. Pure. */
export const decideLease = (heal: HealItem, { plan, attempt, now }: Attempt, name: string): Taken => {
  const known = pruned(heal, now);
  const holds = resourceHolds({ plan, attempt, now, name, heal: known });
  if (holds.length > 0) return { holds };
  const isMine = (other: { readonly planHash: string; readonly attempt: number }) =>
    other.planHash === plan.hash && other.attempt === attempt;
  return {
    heal: {
      ...known,
      lease: { planHash: plan.hash, attempt, untilAt: now + leaseSecondsOf(plan, attempt) * 1000 },
      attempts: [
        ...known.attempts.filter((other) => !isMine(other)),
        { planHash: plan.hash, attempt, at: now },
      ],
      revision: heal.revision + 1,
    },
  };
};

/** The item as it is now; what nobody ever touched has revision 0. */
export const readHeal = async (
  state: Pick<Table, 'get'>,
  resource: Pick<PlannedResource, 'type' | 'id'>,
): Promise<HealItem> => {
  const item = await state.get(healKey(resource), { consistent: true });
  return item ? fromHealItem(item) : untouched(resource);
};

/** load → decide → one write, again while another plan wrote between; `undefined` writes nothing. */
const changeHeal = (
  ports: HealPorts,
  resource: PlannedResource,
  now: number,
  decide: (heal: HealItem) => HealItem | undefined,
): Promise<void> =>
  contended(`What is remembered of ${resource.name}`, ports, async () => {
    const heal = await readHeal(ports.state, resource);
    const next = decide(heal);
    if (!next) return 'written';
    return writeVersion(ports.state, {
      key: healKey(resource),
      expected: heal.revision === 0 ? undefined : heal.revision,
      fields: healFields({ ...next, revision: heal.revision + 1 }, now),
      attempt: ports.newId(),
      now,
    });
  });

/**
 * Takes the lease of each resource of the plan and counts the attempt; all of them, or none and why. Always in the same
 * order, and nothing is waited for: two plans cannot hold each other up. Asking again for the same attempt changes nothing.
 */
export const takeLeases = async (ports: HealPorts, asked: Attempt): Promise<readonly Hold[]> => {
  for (const resource of resourcesOf(asked.plan)) {
    let holds: readonly Hold[] = [];
    await changeHeal(ports, resource, asked.now, (heal) => {
      const taken = decideLease(heal, asked, resource.name);
      holds = 'holds' in taken ? taken.holds : [];
      return 'heal' in taken ? taken.heal : undefined;
    });
    if (holds.length > 0) {
      await giveBackLeases(ports, asked);
      return holds;
    }
  }
  return [];
};

/** As if the attempt had never asked: nothing was changed. */
export const giveBackLeases = async (ports: HealPorts, { plan, attempt, now }: Attempt): Promise<void> => {
  const isMine = (other: { readonly planHash: string; readonly attempt: number }) =>
    other.planHash === plan.hash && other.attempt === attempt;
  for (const resource of resourcesOf(plan)) {
    await changeHeal(ports, resource, now, ({ lease, ...heal }) => {
      const isHeld = lease !== undefined && isMine(lease);
      if (!isHeld && !heal.attempts.some(isMine)) return undefined;
      return {
        ...heal,
        lease: isHeld ? undefined : lease,
        attempts: heal.attempts.filter((other) => !isMine(other)),
      };
    });
  }
};

/** Whether the attempt holds each of its resources: looked at once more before anything is changed. */
export const holdsLeases = async (
  state: Pick<Table, 'get'>,
  { plan, attempt, now }: Attempt,
): Promise<boolean> => {
  for (const resource of resourcesOf(plan)) {
    const { lease } = await readHeal(state, resource);
    const isHeld = lease?.planHash === plan.hash && lease.attempt === attempt && lease.untilAt > now;
    if (!isHeld) return false;
  }
  return true;
};

/** Frees what the plan holds; what another one holds by now stays. Again: changes nothing. */
export const freeLeases = async (ports: HealPorts, plan: Plan, now: number): Promise<void> => {
  for (const resource of resourcesOf(plan)) {
    await changeHeal(ports, resource, now, ({ lease, ...heal }) =>
      lease?.planHash === plan.hash ? heal : undefined,
    );
  }
};

/**
 * Remembers how a plan ended that changed its resources, or may have; starts the cooldown of each, and frees its leases.
 * Not for a plan that never began to apply. Again: changes nothing.
 */
export const noteVerdict = async (
  ports: HealPorts,
  { plan, status, now }: { readonly plan: Plan; readonly status: RemediationStatus; readonly now: number },
): Promise<void> => {
  const verdict = {
    planHash: plan.hash,
    workflow: plan.workflow,
    occasion: plan.occasion.kind,
    status,
    at: now,
  };
  for (const resource of resourcesOf(plan)) {
    await changeHeal(ports, resource, now, (heal) => {
      const { lease, ...known } = pruned(heal, now);
      const isMine = lease?.planHash === plan.hash;
      const isNoted = known.verdicts.some((other) => other.planHash === plan.hash && other.status === status);
      if (isNoted && !isMine) return undefined;
      const others = known.verdicts.filter(({ planHash }) => planHash !== plan.hash);
      return {
        ...known,
        lease: isMine ? undefined : lease,
        verdicts: isNoted ? known.verdicts : [...others, verdict],
        cooldownUntil: isNoted
          ? known.cooldownUntil
          : Math.max(known.cooldownUntil ?? 0, now + plan.brakes.cooldownSeconds * 1000),
      };
    });
  }
};
