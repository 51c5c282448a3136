/**
 * Trigger: the step of a state machine before an attempt is applied, and again after each wait and each answer of people.
 * Promise: the attempt goes on only when the world is as planned, people approved it where they must, no brake holds it,
 * and limits and the lease of each resource are its own; what cannot be read holds. Delivered twice it decides again and
 * reserves nothing twice; late, when another attempt is under way or it is over, it changes nothing.
 */
import { openNameWriter } from '../../shared/platform/aws/actions/cloudtrail.aws.ts';
import { openAwsReads } from '../../shared/platform/aws/aws-reads.ts';
import { openBus } from '../../shared/platform/aws/bus.aws.ts';
import { onStep } from '../../shared/platform/edge/step.ts';
import { openBeyondAws } from '../../shared/remediation/actions/beyond-aws.ts';
import { openActionPorts } from '../../shared/remediation/actions/open-ports.ts';
import { actionRegistry } from '../../shared/remediation/actions/registry.ts';
import { gate, parseStepInput, readImage, writerNamed } from '../../shared/remediation/index.ts';
import { openTable } from '../../shared/storage/index.ts';
import { contract } from './contract.ts';

const openers = {
  state: openTable,
  telemetry: openTable,
  bus: openBus,
  actionTargets: openAwsReads,
};

/** What hangs is given up in time for the gate to say that it could not be read. */
const readingMs = (contract.timeoutSeconds - 15) * 1000;

export const handler = onStep(contract, openers, parseStepInput, async (input, resources, tools) => {
  const { state, telemetry, bus, actionTargets } = resources;
  const { clock, newId, place, log, setting, insideLambda } = tools;
  const signal = AbortSignal.timeout(readingMs);
  // Nothing that it compares lies behind a secret.
  const beyondAws = openBeyondAws({ telemetry, setting, insideLambda });
  const images = {
    state,
    actions: actionRegistry,
    openPorts: () => openActionPorts({ clock, signal, onCall: () => {}, beyondAws }),
  };
  const onFault = (error: Error) =>
    log.warn('CloudTrail could not be asked who writes a resource', { error });
  const world = {
    state,
    telemetry,
    bus,
    clock,
    newId,
    place,
    optedIn: setting('actionKinds').split(',').filter(Boolean),
    actions: actionRegistry,
    // Without AWS among the actions there is nothing that CloudTrail could know.
    nameWriter: actionTargets && writerNamed(openNameWriter({ ownRoleArns: [], clock, onFault })),
    readImage: readImage.bind(undefined, images),
    onTrouble: (what: string, error: Error) => log.warn(what, { planHash: input.planHash, error }),
  };
  const answer = await gate(world, input);
  log.info('the gate decided', { planHash: input.planHash, attempt: input.attempt, ...answer });
  return answer;
});
