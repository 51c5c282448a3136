/**
 * Trigger: the step of a state machine that waits for people, with the token that lets it go on.
 * Promise: the token stands in the remediation's item before anybody is asked, and people are asked once; what they
 * decided before is told to the step at once. Told twice it changes nothing. Late, when it is decided or over, it answers
 * a token that may be gone, which changes nothing either.
 */
import { openBus } from '../../shared/platform/aws/bus.aws.ts';
import { openQueue } from '../../shared/platform/aws/queue.aws.ts';
import { openWorkflows } from '../../shared/platform/aws/workflows.aws.ts';
import { onStep } from '../../shared/platform/edge/step.ts';
import { ask, parseApprovalInput } from '../../shared/remediation/index.ts';
import { openTable } from '../../shared/storage/index.ts';
import { contract } from './contract.ts';

const openers = { state: openTable, bus: openBus, incidents: openQueue, workflows: openWorkflows };

export const handler = onStep(contract, openers, parseApprovalInput, async (input, resources, tools) => {
  const { clock, newId, place, log } = tools;
  const onTrouble = (what: string, error: Error) => log.warn(what, { planHash: input.planHash, error });
  const asked = await ask({ ...resources, clock, newId, place, onTrouble }, input);
  log.info('a plan that needs people', { planHash: input.planHash, asked });
  return { asked };
});
