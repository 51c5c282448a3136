import { toIso } from '../platform/clock.ts';
import { exceptionFor, type PolicyRecord } from '../policies/index.ts';
import type { BrakeWorld, PolicyStanding } from './brake-facts.ts';
import { natureOf } from './nature.ts';
import type { Hold } from './remediation.ts';

/** What is excepted from the policy is not touched by it, until the exception ends. */
export const exceptionHolds = (world: BrakeWorld, { record }: PolicyStanding): readonly Hold[] => {
  if (!record || natureOf(world.plan) === 'person') return [];
  const { exceptions, name } = record.definition;
  return world.plan.actions.flatMap(({ resource }) => {
    const exception = exceptionFor(exceptions, [resource.name, resource.id], world.now);
    if (!exception) return [];
    const { untilAt, reason } = exception;
    return [
      {
        brake: 'policy_exception' as const,
        reason: `${resource.name} is excepted from the policy «${name}» until ${toIso(untilAt)}: ${reason}`,
        untilAt,
      },
    ];
  });
};

const isGone = (record: PolicyRecord | undefined): record is undefined =>
  record === undefined || record.deletedAt !== undefined;

const disabled = (reason: string): readonly Hold[] => [{ brake: 'policy_disabled', reason }];

/**
 * Whether the policy still wants what the plan does. A plan may wait for days: the policy may be off by now, say something
 * else, or want people to approve what was approved by itself.
 */
export const disabledHolds = (world: BrakeWorld, standing: PolicyStanding): readonly Hold[] => {
  const { policy } = world.plan;
  const { record, decision } = standing;
  if (!policy) return [];
  if (isGone(record)) return disabled(`The policy «${policy.name}» was removed since the plan was made.`);
  if (!record.definition.isActive) return disabled(`The policy «${policy.name}» is switched off.`);
  // Of what a person wants, or what nobody can decide again, the policy says no more than that it is there.
  if (natureOf(world.plan) === 'person' || decision === undefined) return [];
  if (decision.kind === 'none')
    return disabled(`By the policies of today nothing would be done: ${decision.reason}`);
  if (decision.policy.id !== policy.id || decision.section !== policy.section) {
    return disabled(
      `By the policies of today «${decision.policy.name}» (${decision.section}) decides about it, and no longer «${policy.name}» (${policy.section}).`,
    );
  }
  const kinds = standing.kinds;
  const other = kinds && world.plan.actions.find(({ kind }) => !kinds.includes(kind));
  if (other) {
    return disabled(
      `The policy «${policy.name}» wants ${decision.remedy.action} today, and the plan would do ${other.kind}.`,
    );
  }
  const { approval } = decision.remedy;
  const people = approval.mode === 'manual' ? approval.people : 0;
  const asked = world.plan.approval.mode === 'manual' ? world.plan.approval.people : 0;
  return people > asked
    ? disabled(
        `The policy «${policy.name}» wants ${people === 1 ? 'somebody' : `${people} people`} to approve it today; the plan was made when it did not.`,
      )
    : [];
};
