import type { CanaryOptions } from '../../shared/health/canaries.ts';
import { parseRunMessage, type RunMessage } from '../../shared/health/message.ts';
import { keptProbeConcurrency } from '../../shared/health/probe-concurrency.ts';
import type { Network } from '../../shared/health/probing/attempt.ts';
import { parseRanges } from '../../shared/health/probing/guard.ts';
import { openPorts } from '../../shared/health/probing/open-ports.ts';
import { probeAll } from '../../shared/health/probing/probe-all.ts';
import { directResolve, resolveOnce, systemResolve } from '../../shared/health/probing/resolve.ts';
import { run, type Unreachable } from '../../shared/health/run.ts';
import { parseShardId, type ShardClass } from '../../shared/health/shard.ts';
import { openAwsStates } from '../../shared/platform/aws/aws-states.aws.ts';
import { openBus } from '../../shared/platform/aws/bus.aws.ts';
import { openTeamFunctions } from '../../shared/platform/aws/function.aws.ts';
import { openParameters } from '../../shared/platform/aws/parameters.aws.ts';
import { onQueue } from '../../shared/platform/edge/queue.ts';
import type { Resources } from '../../shared/platform/edge/resources.ts';
import type { Tools } from '../../shared/platform/edge/tools.ts';
import type { FunctionContract } from '../../shared/platform/function/contract.ts';
import { openTable } from '../../shared/storage/index.ts';
import type { RunnerNeeds } from './contract.ts';

/** How long results are kept where the stack does not say. */
const usualRetentionDays = 3;

const resultsDays = (setting: string): number => {
  const days = (JSON.parse(setting || '{}') as { results?: unknown }).results;
  return typeof days === 'number' && days > 0 ? days : usualRetentionDays;
};

/** Checks that hang, and those that only read our own tables, take nearly no time of the processor. */
const concurrencyOf: Partial<Record<ShardClass, number>> = {
  slow: 100,
  'vpc-slow': 100,
  heartbeat: 100,
  composite: 100,
};

const openers = {
  telemetry: openTable,
  bus: openBus,
  checkSecrets: openParameters,
  teamFunctions: openTeamFunctions,
  awsResources: openAwsStates,
};

/** The runner, from wherever its contract places it. */
export const serve = (contract: FunctionContract<RunnerNeeds>) => {
  const insideVpc = contract.inVpc === true;
  let probeConcurrency: ReturnType<typeof keptProbeConcurrency> | undefined;
  return onQueue(contract, openers, parseRunMessage, async (batch, resources, tools) => {
    const network: Network = {
      // Made anew for each batch: a laptop changes networks, and a name its address.
      resolve: resolveOnce(tools.insideLambda ? directResolve() : systemResolve),
      policy: {
        allowedPrivateRanges: parseRanges(tools.setting('allowedPrivateRanges')),
        insideLambda: tools.insideLambda,
        insideVpc,
      },
    };
    const canaries = tools.setting(insideVpc ? 'vpcCanaries' : 'canaries');
    probeConcurrency ??= keptProbeConcurrency(tools.clock);
    const again: string[] = [];
    for (const { messageId, message } of batch) {
      try {
        const { class: className } = parseShardId(message.shard);
        const concurrency = concurrencyOf[className] ?? (await probeConcurrency(resources.telemetry));
        await run(message, openRun(message, { network, canaries, concurrency }, resources, tools));
      } catch (error) {
        again.push(messageId);
        tools.log.error('a run failed and comes again', { ...message, error: error as Error });
      }
    }
    return again;
  });
};

type Way = { readonly network: Network; readonly canaries: string; readonly concurrency: number };

const openRun = (
  { shard }: RunMessage,
  { network, canaries, concurrency }: Way,
  { telemetry, bus, ...sources }: Resources<RunnerNeeds>,
  { clock, newId, log, place, setting, insideLambda }: Tools,
) => {
  const ports = openPorts({ telemetry, ...sources, shard, insideLambda, now: clock });
  return {
    telemetry,
    bus,
    clock,
    newId,
    place,
    retentionDays: resultsDays(setting('retentionDays')),
    probe: probeAll({
      network,
      ports,
      clock,
      concurrency,
      onFault: (entry, error) => log.error('a probe failed by our own fault', { checkId: entry.id, error }),
    }),
    ...(canaries !== '' && {
      failedWays: () => askCanaries(canaries, { network, ports, now: clock }, log),
    }),
  };
};

/** A setting that cannot be read must not stop the probes: then we never count as blind. */
const askCanaries = async (
  canaries: string,
  options: CanaryOptions,
  log: Tools['log'],
): Promise<ReadonlySet<Unreachable>> => {
  const { failedWays, parseCanaries } = await import('../../shared/health/canaries.ts');
  try {
    return await failedWays(parseCanaries(canaries), options);
  } catch (error) {
    log.error('the canaries could not be asked', { canaries, error: error as Error });
    return new Set();
  }
};
