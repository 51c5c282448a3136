/**
 * Trigger: the step of a state machine that sees whether an attempt helped; with the phase `release`, the one that watches
 * a release.
 * Promise: the verdict follows from the checks themselves, by results that are newer than the action, and from what the
 * action's own reading shows; it is written once. It reads with the permissions of its own role. A duplicate sees the same
 * or more; a late one, of an attempt that is over, gives the answer that was written.
 */
import { lookNow } from '../../shared/health/index.ts';
import { openAwsReads } from '../../shared/platform/aws/aws-reads.ts';
import { openBus } from '../../shared/platform/aws/bus.aws.ts';
import { openParameters } from '../../shared/platform/aws/parameters.aws.ts';
import { openQueue } from '../../shared/platform/aws/queue.aws.ts';
import { onStep } from '../../shared/platform/edge/step.ts';
import { seeRelease } from '../../shared/releases/index.ts';
import { openBeyondAws } from '../../shared/remediation/actions/beyond-aws.ts';
import { openActionPorts } from '../../shared/remediation/actions/open-ports.ts';
import { actionRegistry } from '../../shared/remediation/actions/registry.ts';
import { parseVerifyInput, verifyPlan, watchRelease } from '../../shared/remediation/index.ts';
import { openTable } from '../../shared/storage/index.ts';
import { contract } from './contract.ts';

/** Reading ends before the function does: what could not be read in time is looked at again. */
const readingMs = (contract.timeoutSeconds - 10) * 1000;

const openers = {
  state: openTable,
  telemetry: openTable,
  bus: openBus,
  slots: openQueue,
  vpcSlots: openQueue,
  actionTargets: openAwsReads,
  checkSecrets: openParameters,
};

export const handler = onStep(contract, openers, parseVerifyInput, async (input, resources, tools) => {
  const { state, telemetry, bus, slots, vpcSlots, checkSecrets } = resources;
  const { clock, newId, place, log, setting, insideLambda } = tools;
  const { planHash, attempt } = input;
  const onTrouble = (what: string, error: Error) => log.warn(what, { planHash, error });
  const common = { state, telemetry, bus, clock, newId, place, onTrouble };
  if (input.phase === 'release') {
    const watched = { ...common, seeRelease: seeRelease.bind(undefined, { state, telemetry, clock }) };
    const answer = await watchRelease(watched, { ...input, phase: input.phase });
    log.info(answer.reason, { planHash, next: answer.next });
    return answer;
  }
  const signal = AbortSignal.timeout(readingMs);
  const beyondAws = openBeyondAws({ checkSecrets, telemetry, setting, insideLambda });
  const verifying = {
    ...common,
    actions: actionRegistry,
    openPorts: () => openActionPorts({ clock, signal, beyondAws, onCall: () => undefined }),
    look: lookNow.bind(undefined, { slots, vpcSlots, clock }),
  };
  const answer = await verifyPlan(verifying, input);
  log.info(answer.reason, { planHash, attempt, next: answer.next });
  return answer;
});
