import { readDeployment } from '../catalog/index.ts';
import { type Finding, noteFinding, resourceOf } from '../findings/index.ts';
import { publishPending } from '../platform/outbox/index.ts';
import { decidePolicy, loadPolicies } from '../policies/index.ts';
import { type Answered, keepAnswered, loadAnswered } from './answered.ts';
import { isRefused } from './plan-request.ts';
import { invokePlanner } from './planner-message.ts';
import { propose } from './propose.ts';
import type { Remediation } from './remediation.ts';
import { requestFor } from './request-for.ts';
import type { RespondWorld } from './respond-world.ts';
import { startWorkflow } from './start-workflow.ts';

/** What became of it, in a sentence for the log. */
export type Response = {
  readonly reason: string;
  readonly remediation?: Remediation | undefined;
  /** Nothing more is planned of what is still wrong: people are to be called. */
  readonly isGivenUp?: true;
};

/** The world changed again and again under the plans: somebody else is at it, and people should know who. */
const mostRounds = 3;

/**
 * Answers an open finding once: what the policies say, a plan of it, its workflow. The same finding again goes on where
 * the answer stands; an older occurrence, or one that is right again, changes nothing. `after`: the hash of a plan that the
 * world overtook; then it is planned anew, at most three times in all. Throws what failed; then it is to be done again.
 */
export const respondToFinding = async (
  world: RespondWorld,
  finding: Finding,
  after?: string | undefined,
): Promise<Response> => {
  if (finding.state !== 'open') return { reason: 'It is right again: there is nothing to do.' };
  const stored = await loadAnswered(world.state, finding.id);
  const due = whatIsDue(stored?.answered, finding, after);
  if (due.kind === 'nothing') return due;
  if (due.kind === 'go on') return goOn(world, finding, due.answered);
  const answered = await answerOf(world, finding, due.round);
  if ('reason' in answered) return answered;
  const written = await keepAnswered(world, finding.id, stored, answered);
  if (written === 'written') return goOn(world, finding, answered);
  // Somebody answered it at the same time: what they wrote counts.
  return respondToFinding(world, finding, after);
};

type Due =
  | ({ readonly kind: 'nothing' } & Pick<Response, 'reason' | 'isGivenUp'>)
  | { readonly kind: 'go on'; readonly answered: Answered }
  | { readonly kind: 'answer'; readonly round: number };

/** Pure: what is to be done about an open finding, from how it was answered before. */
export const whatIsDue = (
  answered: Answered | undefined,
  { occurrence, updatedAt }: Pick<Finding, 'occurrence' | 'updatedAt'>,
  after?: string | undefined,
): Due => {
  if (answered && occurrence < answered.occurrence)
    return { kind: 'nothing', reason: 'It is late: a newer occurrence was answered.' };
  if (!answered || occurrence > answered.occurrence) {
    return after === undefined
      ? { kind: 'answer', round: 0 }
      : { kind: 'nothing', reason: 'The plan that the world overtook was of another occurrence.' };
  }
  if ('refused' in answered.answer) {
    // It was found anew, and what it lacked may be there now.
    return updatedAt > answered.updatedAt
      ? { kind: 'answer', round: answered.round }
      : { kind: 'go on', answered };
  }
  if (after === undefined || after !== answered.answer.plan.hash) return { kind: 'go on', answered };
  const round = answered.round + 1;
  return round < mostRounds
    ? { kind: 'answer', round }
    : {
        kind: 'nothing',
        reason: `The world changed under ${mostRounds} plans: people must look.`,
        isGivenUp: true,
      };
};

const answerOf = async (
  world: RespondWorld,
  finding: Finding,
  round: number,
): Promise<Answered | Response> => {
  const { state, clock, planner } = world;
  const { deploymentId, occurrence, updatedAt } = finding;
  const record = deploymentId === null ? undefined : await readDeployment(state, deploymentId);
  if (!record) return { reason: 'It belongs to no registered deployment, and only those are remedied.' };
  const { definition } = record;
  const decision = decidePolicy(await loadPolicies(state), finding, {
    deployment: definition,
    resource: resourceOf(definition, finding),
    now: clock(),
  });
  if (decision.kind === 'none') return { reason: decision.reason };
  const request = requestFor(finding, decision, definition, round);
  const answered = { occurrence, updatedAt, round };
  if ('refused' in request) return { ...answered, answer: request };
  const answer = await invokePlanner(planner, request);
  if (!isRefused(answer)) return { ...answered, answer: { plan: answer } };
  const { refused, isUnchanged } = answer;
  return { ...answered, answer: { refused, ...(isUnchanged && { isUnchanged }) } };
};

/** All of it is done once, however often it is begun. */
const goOn = async (world: RespondWorld, finding: Finding, { answer }: Answered): Promise<Response> => {
  if ('refused' in answer) {
    if (!answer.isUnchanged) await callPeople(world, finding, answer.refused);
    return { reason: `No plan could be made: ${answer.refused}` };
  }
  const remediation = await startWorkflow(world, await propose(world, answer.plan));
  return { reason: `The plan ${answer.plan.hash} is ${remediation.status}.`, remediation };
};

/** A policy wanted a remedy and there is none: whoever relies on it must know. Resolved as a remedy that failed is. */
export const callPeople = async (
  world: RespondWorld,
  { deploymentId, resource, title, openedAt, updatedAt, details }: Finding,
  refused: string,
  at = Math.max(openedAt, updatedAt),
): Promise<void> => {
  const { pending } = await noteFinding(world, {
    source: 'homeostat',
    kind: 'remediation',
    key: 'remediation',
    state: 'open',
    severity: 'error',
    deploymentId,
    resource,
    title: `No remedy could be planned for ${resource}`,
    reason: `${refused} (${title})`.slice(0, 1000),
    tags: { status: 'unplanned' },
    details: { checkIds: details.checkIds },
    at,
  });
  if (!pending) return;
  try {
    await publishPending(world, [pending]);
  } catch (error) {
    world.onTrouble('a finding was not published now; the sweeper sends it', error as Error);
  }
};
