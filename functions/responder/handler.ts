/**
 * Trigger: events of the stack's own bus, one at a time, asynchronously and in no order; and executions of the stack's
 * state machines that ended badly.
 * Promise: what was found is answered once: a plan, kept before its workflow starts, which runs at most once. What people
 * decided reaches the step that waits for it. A duplicate, a late event or one out of order changes nothing: every answer
 * looks at what stands. What fails is tried again by Lambda, and lies in the dead letters after that.
 */
import { openPorts } from '../../shared/health/index.ts';
import { openPost } from '../../shared/notifications/index.ts';
import { openBus } from '../../shared/platform/aws/bus.aws.ts';
import { openFunction } from '../../shared/platform/aws/function.aws.ts';
import { openParameters } from '../../shared/platform/aws/parameters.aws.ts';
import { openWorkflows } from '../../shared/platform/aws/workflows.aws.ts';
import { onEvents } from '../../shared/platform/edge/events.ts';
import { respondToRelease, respondToWatchEnded } from '../../shared/releases/index.ts';
import { openOrchestrator, respond } from '../../shared/remediation/index.ts';
import { openTable } from '../../shared/storage/index.ts';
import { contract } from './contract.ts';

/** An orchestrator that takes longer is as good as down; what failed is told again. */
const orchestratorMs = 10_000;

const openers = {
  state: openTable,
  telemetry: openTable,
  bus: openBus,
  planner: openFunction,
  workflows: openWorkflows,
  checkSecrets: openParameters,
};

export const handler = onEvents(contract, openers, async (occurrence, resources, tools) => {
  const { clock, newId, place, log, setting, insideLambda } = tools;
  const { checkSecrets, ...opened } = resources;
  const allowedPrivateRanges = setting('allowedPrivateRanges');
  const post = openPost({ allowedPrivateRanges, insideLambda, clock, timeoutMs: orchestratorMs });
  const secret = (name: string) => openPorts({ checkSecrets, now: clock }).secret(name);
  const world = {
    ...opened,
    clock,
    newId,
    place,
    onTrouble: (what: string, error: Error) => log.warn(what, { error }),
    tellOrchestrator: openOrchestrator({ url: setting('orchestratorUrl'), secret, post, clock }),
  };
  const { alertEvents } = JSON.parse(setting('retentionDays')) as { readonly alertEvents: number };
  const releasing = { ...world, keptDays: alertEvents };
  // Before the orchestrator is told: while that cannot be reached a release is watched all the same.
  if (occurrence.type === 'release.changed') log.info(await respondToRelease(releasing, occurrence.detail));
  if (occurrence.type === 'remediation.changed') {
    const ended = await respondToWatchEnded(releasing, occurrence.detail);
    if (ended !== undefined) log.info(ended, { planHash: occurrence.detail.planHash });
  }
  const { reason, remediation } = await respond(world, occurrence);
  log.info(reason, { type: occurrence.type, ...(remediation && { planHash: remediation.plan.hash }) });
});
