/**
 * Trigger: other functions of the stack invoke it and wait for the answer.
 * Promise: a plan of exactly what would be changed, or what is there now; or a sentence why there is none. It reads with the permissions of its
 * own role, which can change nothing. Asked twice it looks twice; while the world stays as it is, the same request gives
 * the same plan.
 */
import type { ActionKind } from '../../shared/platform/action-kinds.ts';
import { openAwsReads } from '../../shared/platform/aws/aws-reads.ts';
import { openParameters } from '../../shared/platform/aws/parameters.aws.ts';
import { onInvoke } from '../../shared/platform/edge/invoke.ts';
import { openBeyondAws } from '../../shared/remediation/actions/beyond-aws.ts';
import { openActionPorts } from '../../shared/remediation/actions/open-ports.ts';
import { actionRegistry } from '../../shared/remediation/actions/registry.ts';
import { parseScopes } from '../../shared/remediation/actions/scope.ts';
import {
  isRefused,
  lookAt,
  makePlan,
  type PlanWorld,
  parsePlannerMessage,
} from '../../shared/remediation/index.ts';
import { openTable } from '../../shared/storage/index.ts';
import { contract } from './contract.ts';

/** Reading ends before the function does, so that the caller is told what hung. */
const readingMs = (contract.timeoutSeconds - 5) * 1000;

const openers = {
  state: openTable,
  telemetry: openTable,
  actionTargets: openAwsReads,
  checkSecrets: openParameters,
};

export const handler = onInvoke(
  contract,
  openers,
  parsePlannerMessage,
  async (message, { state, telemetry, checkSecrets }, { clock, log, setting, insideLambda }) => {
    const signal = AbortSignal.timeout(readingMs);
    const beyondAws = openBeyondAws({ checkSecrets, telemetry, setting, insideLambda });
    const world: PlanWorld = {
      state,
      clock,
      actions: actionRegistry,
      optedIn: setting('actionKinds').split(',').filter(Boolean) as ActionKind[],
      scopes: parseScopes(setting('actionScopes')),
      openPorts: () => openActionPorts({ clock, signal, beyondAws, onCall: () => undefined }),
    };
    if (message.kind === 'read') return lookAt(world, message.request);
    const { request } = message;
    const answer = await makePlan(world, request);
    const { deploymentId, workflow } = request;
    log.info(isRefused(answer) ? answer.refused : 'a plan was made', {
      deploymentId,
      workflow,
      ...(!isRefused(answer) && { planHash: answer.hash }),
    });
    return answer;
  },
);
