import type { SendWake } from '../alerting/index.ts';
import { channelsFor } from '../incidents/index.ts';
import {
  type Announcement,
  announce,
  type ChannelRecord,
  channelsTold,
  planIncidentId,
} from '../notifications/index.ts';
import type { Queue } from '../platform/aws/queue.aws.ts';
import type { Workflows } from '../platform/aws/workflows.aws.ts';
import type { Table } from '../storage/table.ts';
import { approvalsMissing } from './decide-approval.ts';
import type { PlannedAction } from './plan.ts';
import { isOver, type Remediation } from './remediation.ts';
import type { RemedyWorld } from './remedy-world.ts';
import { savingsSaid } from './savings.ts';
import type { ApprovalInput } from './steps.ts';
import { changeRemediation } from './store.ts';

export type AskWorld = RemedyWorld & {
  readonly state: Pick<Table, 'get' | 'query' | 'put' | 'update'>;
  readonly incidents: Pick<Queue, 'send'>;
  readonly workflows: Pick<Workflows, 'answer'>;
};

/** `asked`: the step waits. The rest: people decided before it did, and it was told so. */
export type Asked = 'asked' | 'approved' | 'rejected';

/**
 * Keeps which step waits for people, in the item that they decide on, and asks them once. Either the decision finds the
 * token there, or this finds the decision: nobody waits for an answer that was given. The same again changes nothing; a
 * later step of the same plan takes the place of the one that waited before.
 */
export const ask = async (world: AskWorld, { planHash, taskToken }: ApprovalInput): Promise<Asked> => {
  const { remediation, answer } = await changeRemediation<Asked>(world, planHash, (found, now) => {
    if (isOver(found.status)) return { answer: 'rejected' };
    if (approvalsMissing(found) === 0) return { answer: 'approved' };
    if (found.status === 'waiting' && found.taskToken === taskToken) return { answer: 'asked' };
    return { draft: waiting(found, taskToken, now), answer: 'asked' };
  });
  if (answer !== 'asked') {
    await world.workflows.answer(taskToken, { decision: answer });
    return answer;
  }
  await tellPeople(world, remediation);
  return answer;
};

/** The time to approve begins with the question, where nobody could answer before. */
const waiting = (found: Remediation, taskToken: string, now: number) => {
  const { approval } = found.plan;
  const approveBy = found.approveBy ?? now + approval.expiresSeconds * 1000;
  const isFirst = found.taskToken === undefined;
  const people = approval.people === 1 ? 'somebody' : `${approval.people} people`;
  const reason = `it waits for ${people} to approve it`;
  const entry = {
    at: now,
    kind: 'asked',
    by: 'homeostat',
    attempt: found.attempt,
    text: `People are asked to approve it until ${new Date(approveBy).toISOString()}.`,
  } as const;
  return {
    remediation: {
      ...found,
      taskToken,
      approveBy,
      ...(found.status !== 'waiting' && { status: 'waiting' as const, reason }),
    },
    entries: isFirst ? [entry] : [],
  };
};

const tellPeople = async (world: AskWorld, remediation: Remediation): Promise<void> => {
  const { plan } = remediation;
  const now = world.clock();
  const labels = { workflow: plan.workflow, environment: plan.environment, ...labelOfPolicy(remediation) };
  const telling = {
    deploymentId: plan.deploymentId,
    name: titleOf(remediation),
    severity: plan.occasion.severity,
  };
  const channels = await channelsFor(world.state, { ...telling, labels }, now);
  await announce(world, channels, askingOf(remediation));
  await wake(world, channels, plan.hash);
};

const labelOfPolicy = ({ plan }: Remediation): Readonly<Record<string, string>> =>
  plan.policy === null ? {} : { policy: plan.policy.name };

/** A message that is lost costs a minute: the notifier sends what waits. */
const wake = async (world: AskWorld, channels: readonly ChannelRecord[], planHash: string): Promise<void> => {
  try {
    await world.incidents.send(
      channels.map(({ id }) => {
        const body: SendWake = { kind: 'send', channelId: id, incidentId: planIncidentId(planHash) };
        return { body, group: id };
      }),
    );
  } catch (error) {
    world.onTrouble(
      'the channels were not told now of a plan that waits; they are within a minute',
      error as Error,
    );
  }
};

/** Pure: what people are told of a plan that waits for them. The same plan is told in the same words. */
export const askingOf = (remediation: Remediation): Announcement => {
  const { plan, startedAt, approveBy = startedAt + plan.approval.expiresSeconds * 1000 } = remediation;
  return {
    ...about(remediation),
    no: 1,
    kind: 'approval',
    status: 'firing',
    at: startedAt,
    by: plan.madeBy,
    lines: linesOf(remediation),
    plan: { hash: plan.hash, approveBy },
  };
};

const about = (remediation: Remediation) => {
  const { plan, startedAt } = remediation;
  const incidentId = planIncidentId(plan.hash);
  return {
    incidentId,
    groupKey: incidentId,
    severity: plan.occasion.severity,
    deploymentId: plan.deploymentId,
    title: titleOf(remediation),
    openedAt: startedAt,
    firing: 0,
    resolved: 0,
    alerts: [],
  } as const;
};

const titleOf = ({ plan: { actions, occasion } }: Remediation): string => {
  const [first] = actions;
  const what = actions.length === 1 && first ? first.summary : `${actions.length} actions`;
  return `${what} (${occasion.title})`.slice(0, 300);
};

const linesOf = ({ plan }: Remediation): readonly string[] => [
  ...plan.actions.map(lineOf),
  ...[savingsSaid(plan)].filter((one) => one !== undefined),
  plan.policy === null ? 'A person asked for it.' : `The policy ${plan.policy.name} asks for it.`,
  ...(plan.approval.people > 1 ? [`${plan.approval.people} different people must approve it.`] : []),
  ...(plan.approval.by.length > 0 ? [`Only these count: ${plan.approval.by.join(', ')}.`] : []),
];

const lineOf = ({ summary, resource, risk, undo }: PlannedAction): string =>
  `${summary} [${resource.type} ${resource.id}; risk ${risk}; ${undo === undefined ? 'cannot be undone' : 'can be undone'}]`;

/**
 * Tells those who were asked what became of it, once: trackers and pagers close what the question opened. Nothing while it
 * waits, and nothing to whom was not asked.
 */
export const tellDecided = async (
  world: RemedyWorld & { readonly state: Pick<Table, 'get' | 'query' | 'put' | 'update'> },
  remediation: Remediation,
): Promise<void> => {
  const { plan, status, approvals, rejectedBy, updatedAt, reason } = remediation;
  if (status === 'waiting' || plan.approval.mode !== 'manual') return;
  const channels = await channelsTold(world.state, planIncidentId(plan.hash));
  if (channels.length === 0) return;
  const by = rejectedBy ?? (approvals.length > 0 ? approvals.map((one) => one.by).join(', ') : undefined);
  await announce(world, channels, {
    ...about(remediation),
    no: 2,
    kind: 'resolved',
    status: 'resolved',
    at: updatedAt,
    resolvedAt: updatedAt,
    ...(by !== undefined && { by }),
    note: reason,
    plan: { hash: plan.hash, approveBy: remediation.approveBy ?? updatedAt },
  });
};
