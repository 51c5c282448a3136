import type { LocalStack } from '../assembly.ts';
import type { Fleet } from '../functions/fleet.ts';
import {
  defaultEventInvokeConfig,
  type InvokeLater,
  queueOf,
  startInvokingLater,
} from '../functions/later.ts';
import type { FunctionError } from '../functions/protocol.ts';
import type { Access } from '../gateway/access.ts';
import type { Messaging } from '../messaging/messaging.ts';
import type { Schedule } from '../schedules/scheduler.ts';
import { readEventInvokeConfigs, readMappings, readSchedules } from '../stack/definitions.ts';
import { type Roles, roleCaller } from '../stack/roles.ts';
import type { Activity } from '../time/activity.ts';
import type { Agenda } from '../time/agenda.ts';
import type { HostClock } from '../time/clock.ts';
import { startMapping } from './mapping.ts';

export type SourcesOptions = {
  readonly local: LocalStack;
  readonly fleet: Fleet;
  readonly roles: Roles;
  readonly access: Access;
  readonly messaging: Messaging;
  readonly clock: HostClock;
  readonly agenda: Agenda;
  readonly activity: Activity;
  readonly cores: number;
  readonly onFunctionError: (functionName: string, error: FunctionError) => void;
  readonly onProblem: (text: string) => void;
  readonly onFault: (error: Error) => void;
};

/** Feeds functions from their queues. A mapping that AWS would not create is told as a problem and feeds nothing. */
export const startMappings = async (options: SourcesOptions): Promise<readonly (() => void)[]> => {
  const stops: (() => void)[] = [];
  for (const mapping of readMappings(options.local, options.cores)) {
    const pool = options.fleet.poolOf(mapping.functionName);
    if (!pool) continue;
    try {
      refuseShortVisibility(options.local, mapping, pool.definition.timeoutSeconds);
      const caller = options.fleet.callerOf(mapping.functionName);
      const onError = (error: FunctionError) => options.onFunctionError(mapping.functionName, error);
      stops.push(
        await startMapping({
          ...options,
          mapping,
          pool,
          caller,
          region: options.local.machine.region,
          onError,
        }),
      );
    } catch (error) {
      options.onProblem(error instanceof Error ? error.message : String(error));
    }
  }
  return stops;
};

/** AWS refuses a mapping whose messages would come again while the function still works on them. */
const refuseShortVisibility = (
  local: LocalStack,
  mapping: { readonly queueArn: string; readonly queueName: string },
  timeoutSeconds: number,
): void => {
  const queue = local
    .ofType('AWS::SQS::Queue')
    .find((resource) => local.attributeOf(resource) === mapping.queueArn);
  const visibilitySeconds = Number(queue?.properties.VisibilityTimeout ?? 30);
  if (visibilitySeconds >= timeoutSeconds) return;
  throw new Error(
    `${mapping.queueName} cannot feed its function: its visibility timeout of ${visibilitySeconds} s is less than the function's timeout of ${timeoutSeconds} s`,
  );
};

/** Lambda's own queues in front of the functions, one for each that is invoked asynchronously. */
export const startLater = (
  options: SourcesOptions,
): { readonly invokeLater: InvokeLater; readonly stop: () => void } => {
  const configs = readEventInvokeConfigs(options.local);
  const started = new Map<string, ReturnType<typeof startInvokingLater>>();
  const start = (functionName: string) => {
    const pool = options.fleet.poolOf(functionName);
    if (!pool) throw new Error(`there is no function ${functionName}`);
    const { name } = pool.definition;
    const known = started.get(name);
    if (known) return known;
    const starting = startInvokingLater({
      ...options,
      pool,
      config: configs.get(name) ?? defaultEventInvokeConfig,
      caller: options.fleet.callerOf(name),
      concurrency: 2,
      onError: (error) => options.onFunctionError(name, error),
    });
    started.set(name, starting);
    return starting;
  };
  // What a killed host left in these queues must be taken up even if nothing new comes.
  const takeUp = async (): Promise<void> => {
    const queues = await options.messaging.depths();
    const left = options.fleet.functions.filter(({ name }) => queues[queueOf(name)] !== undefined);
    await Promise.all(left.map(({ name }) => start(name)));
  };
  void options.activity.during(takeUp().catch(options.onFault));
  return {
    invokeLater: async (functionArn, event, at) => (await start(functionArn)).send(event, at),
    stop() {
      for (const starting of started.values())
        void starting.then(
          ({ stop }) => stop(),
          () => {},
        );
    },
  };
};

/** The schedules of the template, each with its role, which the scheduler must be trusted to take. */
export const schedulesOf = (options: SourcesOptions): readonly Schedule[] =>
  readSchedules(options.local).flatMap((definition) => {
    const role = options.roles.byArn(definition.roleArn);
    const target = options.fleet.functions.find(({ arn }) => arn === definition.targetArn);
    const name = `schedule of ${target?.shortName ?? definition.logicalId}`;
    const trusted = options.access.mayTakeRole('scheduler.amazonaws.com', role);
    if (!trusted.allowed) options.onProblem(`${name} never starts: ${trusted.sentence}`);
    return trusted.allowed ? [{ ...definition, caller: roleCaller(role, name) }] : [];
  });
