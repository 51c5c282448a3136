import { readAlarms, startAlarms } from './alarms.ts';
import { readDistribution } from './cloudfront/definition.ts';
import { createDistribution } from './cloudfront/distribution.ts';
import { type CustomResources, createCustomResources } from './custom-resources/custom-resources.ts';
import { readCustomResources } from './custom-resources/definitions.ts';
import { openMade } from './custom-resources/made.ts';
import { createEventBus } from './events/bus.ts';
import type { InvokeLater } from './functions/later.ts';
import type { FunctionError } from './functions/protocol.ts';
import { createFaultInjection } from './gateway/faults.ts';
import { createLearning } from './gateway/learning.ts';
import { createPassOn } from './gateway/pass-on.ts';
import { dynamoService, lambdaService, messagingService } from './gateway/services.ts';
import { createSts } from './gateway/sts.ts';
import type { HostOptions } from './host.ts';
import { createApi } from './http/api.ts';
import { publishedLine, topicService } from './messaging/topics.ts';
import { startScheduler } from './schedules/scheduler.ts';
import { checkSecretsFile } from './secrets/check-secrets.ts';
import { openParameters } from './secrets/parameters.ts';
import { type SourcesOptions, schedulesOf, startLater, startMappings } from './sources/sources.ts';
import { readApi, readRules } from './stack/definitions.ts';
import { readParameters, subscribers, topicNames } from './stack/provision.ts';
import { startSweeping } from './tables/sweeping.ts';
import type { Undo } from './undo.ts';
import { openWorkflows, type Workflows } from './workflows/workflows.ts';
import { localAccountId, localRegion, type World } from './world.ts';

export type Running = {
  sweep(): Promise<number>;
  readonly customResources: CustomResources;
  /** Takes no more requests, messages or ticks. */
  stopTaking(): void;
};

/** Lets things happen: answers AWS calls, feeds functions, ticks, serves the HTTP API. */
export const runWorld = async (world: World, options: HostOptions, undo: Undo): Promise<Running> => {
  const sources = sourcesOf(world);
  const later = startLater(sources);
  const workflows = serveAws(world, sources, later.invokeLater, options);
  if (workflows) undo.add(() => workflows.close());
  const stopMappings = await startMappings(sources);
  startScheduler({
    ...world,
    schedules: schedulesOf(sources),
    invokeLater: later.invokeLater,
    catchUp: options.catchUp ?? true,
  });
  await startAlarms(readAlarms(world.local), world.messaging, (alarm, messages) =>
    world.log({
      level: 'error',
      source: 'alarm',
      text: `${alarm.description} (${messages} in ${alarm.queueName})`,
    }),
  );
  for (const address of new Set(subscribers(world.local).map(({ endpoint }) => endpoint))) {
    world.log({
      level: 'info',
      source: 'host',
      text: `what topics tell ${address} is not delivered on one machine: alerts and alarms are shown here instead`,
    });
  }
  const sweeping = startSweeping(
    world.dynamo,
    world.tables,
    world.clock,
    world.agenda,
    world.activity,
    world.onFault,
  );
  const customResources = customResourcesOf(world);
  serveApi(world, sources, customResources);
  workflows?.takeUp();
  options.onStep?.('functions, schedules and HTTP API ready');

  const stopTaking = (): void => {
    for (const stop of stopMappings) stop();
    later.stop();
    workflows?.stop();
    world.agenda.stop();
    sweeping.stop();
  };
  undo.add(stopTaking);
  return { sweep: sweeping.sweep, customResources, stopTaking };
};

const sourcesOf = (world: World): SourcesOptions => ({
  ...world,
  onFunctionError(functionName, error) {
    const shortName =
      world.fleet.functions.find(({ name }) => name === functionName)?.shortName ?? functionName;
    tellError(world, shortName, error);
  },
  onProblem: (text) => world.log({ level: 'error', source: 'host', text }),
});

const tellError = (world: World, source: string, error: FunctionError): void => {
  world.logFiles.append(source, JSON.stringify(error));
  world.log({ level: 'error', source, text: `${error.errorType}: ${error.errorMessage}` });
};

const serveAws = (
  world: World,
  sources: SourcesOptions,
  invokeLater: InvokeLater,
  options: HostOptions,
): Workflows | undefined => {
  const { messaging, dynamo, secrets, fleet, clock } = world;
  const bus = createEventBus({
    ...world,
    // Every account has the default bus: services of AWS tell there what happened.
    buses: [
      'default',
      ...world.local.ofType('AWS::Events::EventBus').map((resource) => world.local.refOf(resource)),
    ],
    rules: readRules(world.local),
    accountId: localAccountId,
    region: localRegion,
    invokeLater,
    onUndelivered: (rule, _target, reason) => world.log({ level: 'error', source: rule.name, text: reason }),
  });
  if (options.onEvent) bus.subscribe(options.onEvent);
  const workflows = openWorkflows(world, sources.onFunctionError, bus);
  const sts = createSts(world.roles, localAccountId, clock.now);
  world.gateway.serve({
    access: world.access,
    accountId: localAccountId,
    activity: world.activity,
    callerOf: (key) =>
      key === world.ownCredentials.accessKeyId
        ? { kind: 'host' }
        : (fleet.instanceByKey(key)?.caller ?? sts.callerByKey(key)),
    secretArnOf: (id) => secrets.arnOf(id),
    stateMachineArnOf: (token) => workflows?.machineOfToken(token),
    ...(options.faults && { faults: createFaultInjection(options.faults, fleet.instanceByKey) }),
    onFault: world.onFault,
    passOn: createPassOn(options.awsAccount, localRegion),
    ...(options.awsAccount && { learn: createLearning(options.awsAccount, localRegion) }),
    services: {
      dynamodb: dynamoService(dynamo),
      sqs: messagingService(messaging),
      sns: topicService(messaging, subscribers(world.local), topicNames(world.local), (published) =>
        world.log({ level: 'info', source: 'topic', text: publishedLine(published) }),
      ),
      s3: messagingService(messaging),
      events: bus.service,
      secretsmanager: secrets.service,
      ssm: openParameters(readParameters(world.local), world.inData(checkSecretsFile), clock.now),
      lambda: lambdaService(fleet.poolOf, invokeLater),
      sts: sts.service,
      ...(workflows && { states: workflows.service }),
    },
  });
  return workflows;
};

const customResourcesOf = (world: World): CustomResources => {
  const { accountId, region, stackName } = world.local.machine;
  return createCustomResources({
    resources: readCustomResources(world.local),
    made: openMade(world.inData('custom-resources.json')),
    stackId: `arn:aws:cloudformation:${region}:${accountId}:stack/${stackName}/local`,
    poolOf: world.fleet.poolOf,
    activity: world.activity,
    onProblem: (text) => world.log({ level: 'error', source: 'host', text }),
  });
};

/** With a distribution in the template, requests go through it; the address is the same. */
const serveApi = (world: World, sources: SourcesOptions, customResources: CustomResources): void => {
  const definition = readApi(world.local);
  if (!definition) return;
  const api = createApi(definition, {
    ...world,
    identity: { accountId: localAccountId, region: localRegion },
    poolOf: world.fleet.poolOf,
    onAccess: (line) => world.logFiles.append('access', line),
    onError: (functionArn, error) => sources.onFunctionError(functionArn.split(':').at(-1) ?? '', error),
  });
  const distribution = readDistribution(world.local);
  world.api.serve(
    distribution
      ? createDistribution(distribution, {
          ...world,
          api,
          readObject: world.messaging.readObject,
          untilFilled: customResources.make,
        })
      : api,
  );
  // The first request should find them loaded.
  for (const { functionArn } of definition.authorizers) world.fleet.poolOf(functionArn)?.warm();
  const busiest = definition.routes.find(({ authorizerId }) => authorizerId !== undefined);
  if (busiest) world.fleet.poolOf(busiest.functionArn)?.warm();
};
