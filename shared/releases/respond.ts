import { readDeployment } from '../catalog/index.ts';
import { checkIdOf } from '../health/index.ts';
import type { FunctionClient } from '../platform/aws/function.aws.ts';
import type { Workflows } from '../platform/aws/workflows.aws.ts';
import type { EventDetails } from '../platform/events.ts';
import { publishPending } from '../platform/outbox/index.ts';
import { decidePolicy, loadPolicies } from '../policies/index.ts';
import {
  defaultRemedy,
  invokePlanner,
  isOver,
  isRefused,
  type PlanRequest,
  propose,
  type RemedyWorld,
  readRemediation,
  startWorkflow,
} from '../remediation/index.ts';
import type { Table } from '../storage/table.ts';
import { wantedOf } from './images.ts';
import type { Release } from './release.ts';
import { keepRelease, loadRelease } from './store.ts';
import { settleRelease } from './tell.ts';

export type ReleaseRespondWorld = RemedyWorld & {
  readonly state: Pick<Table, 'get' | 'query' | 'put' | 'update'>;
  readonly planner: Pick<FunctionClient, 'invoke'>;
  readonly workflows: Pick<Workflows, 'start'>;
  readonly keptDays: number;
};

/**
 * Answers that a release changed: one that finished is watched, by a workflow that would roll it back. The plan is made
 * before anything is wrong, so that what it goes back to is what was there. Told twice it is one plan: its hash holds the
 * release and what was read when it began.
 */
export const respondToRelease = async (
  world: ReleaseRespondWorld,
  { deploymentId, releaseId }: Pick<EventDetails['release.changed'], 'deploymentId' | 'releaseId'>,
): Promise<string> => {
  const release = (await loadRelease(world.state, deploymentId))?.release;
  if (release?.id !== releaseId) return 'Another release began since.';
  // A crash may have come between the write and its copy.
  await keepRelease(world.state, release, world.keptDays);
  if (release.state !== 'finished') return `Nothing follows from a release that is ${release.state}.`;
  const request = await requestOf(world, release);
  if (typeof request === 'string') return request;
  const plan = await invokePlanner(world.planner, request);
  if (isRefused(plan)) {
    await end(world, release, { state: 'failed', reason: `It cannot be watched: ${plan.refused}` });
    return plan.refused;
  }
  await startWorkflow(world, await propose(world, plan));
  return `The release ${release.version} is watched for ${release.windowSeconds} s.`;
};

/** What the policies say of a release that fails; where none speaks of it, a person is asked then. */
const requestOf = async (world: ReleaseRespondWorld, release: Release): Promise<PlanRequest | string> => {
  const { deploymentId, version, id, finishedAt = release.beganAt } = release;
  const deployment = (await readDeployment(world.state, deploymentId))?.definition;
  if (!deployment) return 'The deployment is not registered any more.';
  const found = {
    kind: 'release' as const,
    severity: 'error' as const,
    resource: deploymentId,
    tags: {},
    details: {},
    openedAt: finishedAt,
  };
  const decision = decidePolicy(await loadPolicies(world.state), found, { deployment, now: world.clock() });
  const says = decision.kind === 'remedy' && decision.remedy.action === 'rollback' ? decision : undefined;
  const { windowSeconds, maxBurnRate } = release;
  return {
    occasion: {
      kind: 'release',
      id,
      occurrence: String(finishedAt),
      title: `The release ${version} of ${deploymentId}`,
      severity: 'error',
      checkIds: (deployment.resources ?? []).flatMap(({ checks = [] }) =>
        checks.map((name) => checkIdOf(deploymentId, name)),
      ),
    },
    deploymentId,
    workflow: 'rollback',
    action: 'rollback',
    resources: wantedOf(release.before),
    policy: says ? { ...says.policy, section: says.section, limits: says.limits, brakes: says.brakes } : null,
    remedy: says?.remedy ?? defaultRemedy,
    watch: { windowSeconds, maxBurnRate, releaseId: id },
    madeBy: says ? `policy:${says.policy.name}` : release.by,
  };
};

/** A plan that watched a release ended: so does the release. */
export const respondToWatchEnded = async (
  world: ReleaseRespondWorld,
  { planHash }: Pick<EventDetails['remediation.changed'], 'planHash'>,
): Promise<string | undefined> => {
  const remediation = await readRemediation(world.state, planHash);
  const watch = remediation?.plan.watch;
  if (!remediation || !watch || !isOver(remediation.status)) return undefined;
  const { status, reason, plan } = remediation;
  const state = status === 'confirmed' ? 'confirmed' : status === 'succeeded' ? 'rolled_back' : 'failed';
  const release = (await loadRelease(world.state, plan.deploymentId))?.release;
  if (release?.id !== watch.releaseId) return undefined;
  await end(world, release, { state, reason });
  return `The release is ${state}.`;
};

const end = async (
  world: ReleaseRespondWorld,
  { deploymentId, id }: Release,
  ended: { readonly state: 'confirmed' | 'failed' | 'rolled_back'; readonly reason: string },
): Promise<void> => {
  const pending = await settleRelease(world, deploymentId, { ...ended, releaseId: id });
  if (!pending) return;
  try {
    await publishPending(world, [pending]);
  } catch (error) {
    world.onTrouble('the end of a release was not told now; the sweeper does', error as Error);
  }
};
