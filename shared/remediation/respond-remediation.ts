import { type FindingKind, findingKinds, loadFinding } from '../findings/index.ts';
import type { EventDetails } from '../platform/events.ts';
import { tellDecided } from './ask.ts';
import { closeRemediation } from './close.ts';
import { isOver } from './remediation.ts';
import { callPeople, type Response, respondToFinding } from './respond-finding.ts';
import type { RespondWorld } from './respond-world.ts';
import { startWorkflow } from './start-workflow.ts';
import { readRemediation } from './store.ts';

/**
 * Goes on with what a crash left between a plan and its execution; plans anew what the world overtook; and tells who was
 * asked to approve what became of it. Decides on the item, not on the event: told twice or late it finds nothing to do.
 */
export const respondToRemediation = async (
  world: RespondWorld,
  { planHash }: Pick<EventDetails['remediation.changed'], 'planHash'>,
): Promise<Response> => {
  const remediation = await readRemediation(world.state, planHash);
  if (!remediation) return { reason: 'There is no such remediation.' };
  await tellDecided(world, remediation);
  if (!isOver(remediation.status)) {
    if (remediation.executionArn !== undefined) return { reason: 'Its workflow is under way.' };
    return { reason: 'Its workflow was started.', remediation: await startWorkflow(world, remediation) };
  }
  // Where no workflow runs, none does what follows from its end.
  if (remediation.executionArn === undefined) await closeRemediation(world, { planHash });
  if (remediation.status !== 'superseded') return { reason: `It is over: ${remediation.status}.` };
  const { kind, id } = remediation.plan.occasion;
  // An unhealthy check is not kept as a finding: its own next look tells how it stands.
  if (!isKept(kind)) return { reason: 'The world changed before it was applied; it is not planned anew.' };
  const finding = await loadFinding(world.state, id);
  if (!finding) return { reason: 'What it was planned for is not kept any more.' };
  const response = await respondToFinding(world, finding, planHash);
  if (response.isGivenUp) await callPeople(world, finding, response.reason, remediation.endedAt);
  return response;
};

const isKept = (kind: string): boolean =>
  kind !== 'unhealthy' && kind !== 'exhausted' && findingKinds.includes(kind as FindingKind);

/** Lets the step go on that waits for people. One that is not there yet sees the decision itself. */
export const respondToDecision = async (
  world: RespondWorld,
  { planHash }: Pick<EventDetails['plan.decided'], 'planHash'>,
): Promise<Response> => {
  const remediation = await readRemediation(world.state, planHash);
  if (!remediation) return { reason: 'There is no such remediation.' };
  await tellDecided(world, remediation);
  const { status, taskToken } = remediation;
  if (status === 'waiting') return { reason: 'It is not decided.' };
  if (taskToken === undefined) return { reason: 'No step waits for it: its workflow sees it so.' };
  // From `approved` on the item is the truth: the step behind this one decides by it.
  const decision = isOver(status) ? 'rejected' : 'approved';
  const answered = await world.workflows.answer(taskToken, { decision });
  return { reason: answered === 'gone' ? 'Its step went on before.' : `Its step was told: ${decision}.` };
};
