/**
 * Trigger: the queue of signals, up to a hundred at a time: events of the bus, alarms of AWS, ticks of rules, wakes of
 * alerts. Promise: each deployment they name has the status that follows from its checks; each rule they concern has been
 * judged, and its alerts are as it found; what people wrote is kept for the audit; and all that follows (incidents,
 * episodes, events) is done once. A repeat, a late one or one out of order changes nothing: deployments and rules are
 * judged by what is, readings by when they happened. Only what failed comes again; what a killed run left is in its
 * alerts, and the notifier wakes them.
 */
import { parseSignal, type RulePlan, type SignalTools, takeSignals } from '../../shared/alerting/index.ts';
import { keepAudit } from '../../shared/audit/index.ts';
import { refreshStatus } from '../../shared/deployments/refresh-status.ts';
import { openHealthSight } from '../../shared/health/index.ts';
import { incidentsPort } from '../../shared/incidents/index.ts';
import { openBus } from '../../shared/platform/aws/bus.aws.ts';
import { openTeamFunctions } from '../../shared/platform/aws/function.aws.ts';
import { openQueue } from '../../shared/platform/aws/queue.aws.ts';
import { onQueue } from '../../shared/platform/edge/queue.ts';
import type { Resources } from '../../shared/platform/edge/resources.ts';
import type { Tools } from '../../shared/platform/edge/tools.ts';
import { noteRemediation } from '../../shared/remediation/index.ts';
import { openTable } from '../../shared/storage/index.ts';
import { contract } from './contract.ts';

/** None is begun later, so that what is being done then ends before the function is killed: ten thousand checks take seconds. */
const workingMs = (contract.timeoutSeconds - 20) * 1000;

type World = Resources<typeof contract.needs>;

/** What a warm function remembers: results never change, and rules only with their version. */
let remembered: Pick<SignalTools, 'sight' | 'plans'> | undefined;

const retentionOf = (setting: string): { readonly results?: number; readonly alertEvents?: number } =>
  JSON.parse(setting || '{}');

const toolsOf = (world: World, tools: Tools): SignalTools => {
  const { state, telemetry, bus, teamFunctions } = world;
  const { clock, newId, place, log, setting } = tools;
  const { results, alertEvents } = retentionOf(setting('retentionDays'));
  remembered ??= {
    sight: openHealthSight({ state, telemetry, clock, ...(results && { resultsDays: results }) }),
    plans: new Map<string, RulePlan>(),
  };
  const onUntoldStatus = (deploymentId: string, error: Error) =>
    log.warn('an event was not published now; the sweeper sends it', { deploymentId, error });
  return {
    ...remembered,
    state,
    telemetry,
    bus,
    clock,
    newId,
    place,
    teamFunctions,
    incidents: incidentsPort({ state, incidents: world.incidents, clock, newId }),
    eventDays: alertEvents,
    endsAt: clock() + workingMs,
    refreshStatus: (deploymentId) =>
      refreshStatus(deploymentId, { state, telemetry, bus, clock, newId, place, onUntold: onUntoldStatus }),
    noteRemediation: ({ detail }) => noteRemediation(state, detail.remediationId),
    keepAudit: ({ detail }) => keepAudit(state, { type: 'audit.recorded', detail }),
    onUntold: (error) =>
      log.warn('events of alerts were not published now; the notifier has them sent', { error }),
    onFault: ({ id }, error) => log.warn('a rule could not be judged', { ruleId: id, error }),
    onFailure: (work, error) => log.error('a signal waits', { work, error }),
  };
};

export const handler = onQueue(
  contract,
  {
    state: openTable,
    telemetry: openTable,
    bus: openBus,
    incidents: openQueue,
    teamFunctions: openTeamFunctions,
  },
  parseSignal,
  (batch, world, tools) => takeSignals(batch, toolsOf(world, tools)),
);
