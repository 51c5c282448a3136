/**
 * Trigger: the last step of every state machine of remediation, with what the machine caught, if it caught something.
 * Promise: the remediation is over; its leases are free, its verdict is remembered, it is counted, and where it did not
 * help people are called. All of it may be done again and is done once: a duplicate finishes what was left, a late one
 * finds nothing to do.
 */
import { openBus } from '../../shared/platform/aws/bus.aws.ts';
import { onStep } from '../../shared/platform/edge/step.ts';
import { closeRemediation, parseCloseInput } from '../../shared/remediation/index.ts';
import { openTable } from '../../shared/storage/index.ts';
import { contract } from './contract.ts';

const openers = { state: openTable, bus: openBus };

export const handler = onStep(contract, openers, parseCloseInput, async (input, resources, tools) => {
  const { clock, newId, place, log } = tools;
  const { planHash, attempt } = input;
  const onTrouble = (what: string, error: Error) => log.warn(what, { planHash, error });
  const answer = await closeRemediation({ ...resources, clock, newId, place, onTrouble }, input);
  log.info(answer.reason, { planHash, attempt, status: answer.status });
  return answer;
});
