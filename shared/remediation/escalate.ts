import {
  type Finding,
  type FindingKind,
  findingIdOf,
  loadFinding,
  type Noted,
  noteFinding,
  resolveFinding,
} from '../findings/index.ts';
import { publishPending } from '../platform/outbox/index.ts';
import { hasChanged } from './decide-close.ts';
import { natureOf } from './nature.ts';
import type { PlannedResource } from './plan.ts';
import type { Remediation, RemediationStatus } from './remediation.ts';
import type { RemedyWorld } from './remedy-world.ts';
import { withSavings } from './savings.ts';
import { showsByItself } from './world-changed.ts';

/** What people have to look at themselves. */
const trouble: readonly RemediationStatus[] = ['failed', 'unknown', 'held'];
/** What shows that the resource is as it should be, by whatever remedy. */
const relief: readonly RemediationStatus[] = ['succeeded', 'confirmed', 'not_needed'];

/**
 * Calls people by a finding, one for each resource of a deployment however many remedies fail at it, and resolves it when
 * one succeeds. Of an unknown outcome it stays as it is until a person had the resource changed: no other plan, and no
 * check that answers, says what that remedy did. Said again, or late, it changes nothing.
 */
export const escalate = async (world: RemedyWorld, remediation: Remediation): Promise<void> => {
  const { plan, status, reason, endedAt } = remediation;
  const isTrouble = trouble.includes(status) || isLeftFailed(remediation);
  const state = isTrouble ? 'open' : relief.includes(status) ? 'resolved' : undefined;
  if (state === undefined) return;
  const resources = new Map(plan.actions.map(({ resource }) => [resource.name, resource] as const));
  for (const resource of resources.values()) {
    if (!isLookedAt(remediation) && (await isOpenEnded(world, remediation, resource))) continue;
    await note(world, {
      state,
      deploymentId: plan.deploymentId,
      resource,
      title: titleOf(remediation, resource),
      reason: `${reason} (${plan.occasion.title})`.slice(0, 1000),
      tags: { workflow: plan.workflow, remediation: plan.hash, status: standingOf(remediation) },
      details: { checkIds: plan.verification.checkIds },
      at: endedAt ?? remediation.updatedAt,
    });
  }
};

/** Its release failed, and the world overtook the plan that would have rolled it back. */
const isLeftFailed = ({ plan, status, watchedAt }: Remediation): boolean =>
  status === 'superseded' && plan.watch !== undefined && watchedAt !== undefined;

/** A person wished for it, and it helped. */
const isLookedAt = ({ plan, status }: Remediation): boolean =>
  natureOf(plan) === 'person' && status === 'succeeded';

/** Nobody knows how a release stands that was only watched: then nothing was changed. */
const standingOf = (remediation: Remediation): string =>
  remediation.status === 'unknown' && !hasChanged(remediation) ? 'unwatched' : remediation.status;

/** Whether people were called to the resource because nobody knows what another plan did to it. */
const isOpenEnded = async (
  { state }: RemedyWorld,
  { plan: { deploymentId, hash } }: Remediation,
  { name }: PlannedResource,
): Promise<boolean> => {
  const called = await loadFinding(state, findingIdOf({ ...calledFor, deploymentId, resource: name }));
  return called?.state === 'open' && called.tags.status === 'unknown' && called.tags.remediation !== hash;
};

/** The finding by which people are called to a resource, beside its deployment and name. */
export const calledFor = { source: 'homeostat', kind: 'remediation', key: 'remediation' } as const;

/** What is read of the resource itself: when that is as wanted it is right again, whoever found it. */
const readable: readonly string[] = ['drift', 'violation', 'idle', 'oversized'] satisfies FindingKind[];

/**
 * What was found is right again, once reading what was changed shows it. Whoever found it may say otherwise later: then it
 * opens anew, as another occurrence.
 */
export const resolveOccasion = async (world: RemedyWorld, remediation: Remediation): Promise<void> => {
  const { plan, status, reason, endedAt, updatedAt } = remediation;
  if (status !== 'succeeded' && status !== 'not_needed') return;
  if (!readable.includes(plan.occasion.kind) || !plan.actions.every(showsByItself)) return;
  const noted = await resolveFinding(world, plan.occasion.id, {
    // «7.1» is the second plan for the seventh occurrence.
    occurrence: Number(plan.occasion.occurrence.split('.')[0]),
    reason: `${withSavings(reason.slice(0, 900), plan)} (plan ${plan.hash.slice(0, 12)})`,
    at: endedAt ?? updatedAt,
  });
  if (noted) await publish(world, noted);
};

const titleOf = ({ plan, status, watchedAt }: Remediation, { name }: PlannedResource): string => {
  if (status === 'superseded') return `The release of ${name} failed and was not rolled back`;
  if (plan.watch && watchedAt === undefined && status !== 'held')
    return `Nobody knows whether the release of ${name} holds`;
  return status === 'unknown'
    ? `Nobody knows how the remediation of ${name} ended`
    : status === 'held'
      ? `The remediation of ${name} was held back`
      : `The remediation of ${name} did not help`;
};

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
  const noted = await noteFinding(world, {
    ...said,
    ...calledFor,
    resource: resource.name,
    severity: 'critical',
  });
  await publish(world, noted);
};

const publish = async (world: RemedyWorld, { pending }: Noted): Promise<void> => {
  if (!pending) return;
  try {
    await publishPending(world, [pending]);
  } catch (error) {
    world.onTrouble('a finding was not published now; the sweeper sends it', error as Error);
  }
};
