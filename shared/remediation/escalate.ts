import { type Finding, noteFinding } from '../findings/index.ts';
import { publishPending } from '../platform/outbox/index.ts';
import type { PlannedResource } from './plan.ts';
import type { Remediation, RemediationStatus } from './remediation.ts';
import type { RemedyWorld } from './remedy-world.ts';

/** What people have to look at themselves. */
const trouble: readonly RemediationStatus[] = ['failed', 'unknown', 'held'];
/** What shows that the resource is as it should be, by whatever remedy. */
const relief: readonly RemediationStatus[] = ['succeeded', 'confirmed', 'not_needed'];

/**
 * Calls people by a finding, one for each resource of a deployment however many remedies fail at it, and resolves it when
 * one succeeds. Said again, or late, it changes nothing.
 */
export const escalate = async (world: RemedyWorld, remediation: Remediation): Promise<void> => {
  const { plan, status, reason, endedAt } = remediation;
  const state = trouble.includes(status) ? 'open' : relief.includes(status) ? 'resolved' : undefined;
  if (state === undefined) return;
  const resources = new Map(plan.actions.map(({ resource }) => [resource.name, resource] as const));
  for (const resource of resources.values()) {
    await note(world, {
      state,
      deploymentId: plan.deploymentId,
      resource,
      title: titleOf(remediation, resource),
      reason: `${reason} (${plan.occasion.title})`.slice(0, 1000),
      tags: { workflow: plan.workflow, remediation: plan.hash, status },
      details: { checkIds: plan.verification.checkIds },
      at: endedAt ?? remediation.updatedAt,
    });
  }
};

const titleOf = ({ plan, status, watchedAt }: Remediation, { name }: PlannedResource): string =>
  plan.watch && watchedAt === undefined && status !== 'held'
    ? `Nobody knows whether the release of ${name} holds`
    : status === 'unknown'
      ? `Nobody knows how the remediation of ${name} ended`
      : status === 'held'
        ? `The remediation of ${name} was held back`
        : `The remediation of ${name} did not help`;

/** That a resource is well again, however it came about: its check answers. */
export const resolveEscalation = (
  world: RemedyWorld,
  about: {
    readonly deploymentId: string;
    readonly resource: Pick<PlannedResource, 'name'>;
    readonly reason: string;
    readonly at: number;
  },
): Promise<void> => note(world, { ...about, state: 'resolved', title: '', tags: {}, details: {} });

type Note = Pick<Finding, 'state' | 'title' | 'reason' | 'tags' | 'details'> & {
  readonly deploymentId: string;
  readonly resource: Pick<PlannedResource, 'name'>;
  readonly at: number;
};

const note = async (world: RemedyWorld, { resource, ...said }: Note): Promise<void> => {
  const { pending } = await noteFinding(world, {
    ...said,
    source: 'homeostat',
    kind: 'remediation',
    resource: resource.name,
    key: 'remediation',
    severity: 'critical',
  });
  if (!pending) return;
  try {
    await publishPending(world, [pending]);
  } catch (error) {
    world.onTrouble('a finding was not published now; the sweeper sends it', error as Error);
  }
};
