import { loadFinding } from '../findings/index.ts';
import type { ExecutionEnded, Occurrence } from '../platform/edge/events.ts';
import { messageOf } from './orchestrator.ts';
import { respondToCheck } from './respond-check.ts';
import { respondToEnd } from './respond-failure.ts';
import { type Response, respondToFinding } from './respond-finding.ts';
import { respondToDecision, respondToRemediation } from './respond-remediation.ts';
import type { RespondWorld } from './respond-world.ts';
import { readRemediation } from './store.ts';

/**
 * Answers one thing that happened. Told twice, late or in another order it changes nothing more: each answer is kept
 * before what follows from it, and every verb looks at what stands now. Throws where it is to be told again.
 */
export const respond = async (world: RespondWorld, occurrence: Occurrence): Promise<Response> => {
  switch (occurrence.type) {
    case 'check.status_changed':
      return respondToCheck(world, occurrence.detail);
    case 'finding.changed':
      return respondToKept(world, occurrence.detail.findingId);
    case 'plan.decided':
      return respondToDecision(world, occurrence.detail);
    case 'remediation.changed':
      return respondToRemediation(world, occurrence.detail);
    case 'deployment.status_changed':
    case 'release.changed':
      await world.tellOrchestrator(messageOf(occurrence));
      return { reason: 'The orchestrator was told, if there is one.' };
    case 'execution.ended':
      return respondToExecution(world, occurrence);
    default:
      return { reason: `Nothing follows from ${occurrence.type}.` };
  }
};

const respondToKept = async (world: RespondWorld, findingId: string): Promise<Response> => {
  const finding = await loadFinding(world.state, findingId);
  return finding ? respondToFinding(world, finding) : { reason: 'It is not kept here, and so not remedied.' };
};

/** Nothing of it was closed by the machine itself; what was begun and not told of is unknown, and a person looks. */
const respondToExecution = async (world: RespondWorld, ended: ExecutionEnded): Promise<Response> => {
  if (!(await readRemediation(world.state, ended.name)))
    return { reason: `No remediation has the execution ${ended.name}.` };
  const { status, reason } = await respondToEnd(world, ended);
  return { reason: `Its execution ended ${ended.status}: it is ${status}. ${reason}` };
};
