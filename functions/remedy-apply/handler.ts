/**
 * Trigger: the step of a state machine that applies an attempt of a plan; the machine never repeats it.
 * Promise: of any number of invocations with the same attempt one applies each action, once: each is noted as begun, by
 * compare-and-set, before it is. Whoever finds it begun by another leaves it to a person, for that one may have been
 * killed anywhere. A duplicate or late delivery finds it applied, begun or over, and changes nothing.
 */
import type { ActionKind } from '../../shared/platform/action-kinds.ts';
import { openBus } from '../../shared/platform/aws/bus.aws.ts';
import { openParameters } from '../../shared/platform/aws/parameters.aws.ts';
import { openActionRoles } from '../../shared/platform/aws/roles.aws.ts';
import { onStep } from '../../shared/platform/edge/step.ts';
import { openBeyondAws } from '../../shared/remediation/actions/beyond-aws.ts';
import { openApplyPorts } from '../../shared/remediation/actions/open-apply-ports.ts';
import { actionRegistry } from '../../shared/remediation/actions/registry.ts';
import { applyPlan, parseStepInput } from '../../shared/remediation/index.ts';
import { openTable } from '../../shared/storage/index.ts';
import { contract } from './contract.ts';

/** What hangs ends while there is time left to write how it ended. */
const workingMs = (contract.timeoutSeconds - 10) * 1000;
/** An action takes so long that none is begun later. */
const lastBeginMs = workingMs - 20_000;

const openers = {
  state: openTable,
  telemetry: openTable,
  bus: openBus,
  actionRoles: openActionRoles,
  checkSecrets: openParameters,
};

export const handler = onStep(contract, openers, parseStepInput, async (input, resources, tools) => {
  const { state, telemetry, bus, actionRoles, checkSecrets } = resources;
  const { clock, newId, place, log, setting, insideLambda } = tools;
  const signal = AbortSignal.timeout(workingMs);
  const beyondAws = openBeyondAws({ checkSecrets, telemetry, setting, insideLambda });
  const answer = await applyPlan(
    {
      state,
      bus,
      clock,
      newId,
      place,
      onTrouble: (what, error) => log.warn(what, { planHash: input.planHash, error }),
      actions: actionRegistry,
      optedIn: setting('actionKinds').split(',').filter(Boolean) as ActionKind[],
      openPorts: (planned, application, onCall) =>
        openApplyPorts({ clock, signal, beyondAws, roles: actionRoles }, planned, application, onCall),
      endsAt: clock() + lastBeginMs,
    },
    input,
  );
  log.info(answer.reason, { planHash: input.planHash, attempt: input.attempt, next: answer.next });
  return answer;
});
