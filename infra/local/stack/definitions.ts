import { AssemblyError, type LocalStack } from '../assembly.ts';
import type { Rule, RuleTarget } from '../events/bus.ts';
import { defaultEventInvokeConfig, type EventInvokeConfig } from '../functions/later.ts';
import type { HostedFunction } from '../functions/pool.ts';
import type { ApiDefinition } from '../http/api.ts';
import type { AuthorizerDefinition } from '../http/authorizer.ts';
import type { Mapping } from '../sources/mapping.ts';
import type { ResolvedResource } from '../template/resolve.ts';

/** A function under the short name that people know: its folder under functions/. */
export type NamedFunction = HostedFunction & {
  readonly shortName: string;
  readonly logLevel: string | undefined;
};

type Loose = Readonly<Record<string, unknown>>;
const loose = (value: unknown): Loose =>
  typeof value === 'object' && value !== null ? (value as Loose) : {};
const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const seconds = (value: unknown, otherwise: number): number => Number(value ?? otherwise);

export const readFunctions = (local: LocalStack): readonly NamedFunction[] =>
  local.ofType('AWS::Lambda::Function').map((resource) => {
    const { properties } = resource;
    const name = local.refOf(resource);
    const logging = loose(properties.LoggingConfig);
    const environment = loose(loose(properties.Environment).Variables) as Readonly<Record<string, string>>;
    return {
      name,
      shortName: environment.POWERTOOLS_SERVICE_NAME ?? name,
      arn: local.attributeOf(resource),
      roleArn: String(properties.Role),
      codeDir: local.codeDirOf(resource),
      handler: String(properties.Handler),
      timeoutSeconds: seconds(properties.Timeout, 3),
      memoryMb: Number(properties.MemorySize ?? 128),
      logGroup: text(logging.LogGroup) ?? `/aws/lambda/${name}`,
      logLevel: text(logging.ApplicationLogLevel),
      environment: Object.fromEntries(
        Object.entries(environment).map(([key, value]) => [key, String(value)]),
      ),
    };
  });

/** Batches at once on one machine: more threads than this would only fight for its cores. */
export const machineConcurrency = (cores: number): number => Math.max(2, Math.min(8, cores * 2));

export const readMappings = (
  local: LocalStack,
  cores: number,
): readonly (Mapping & { functionName: string })[] =>
  local.ofType('AWS::Lambda::EventSourceMapping').flatMap(({ logicalId, properties }) => {
    if (properties.Enabled === false) return [];
    const queueArn = String(properties.EventSourceArn);
    if (queueArn.split(':')[2] !== 'sqs') {
      throw new AssemblyError(`${logicalId}: only queues are hosted as event sources, not ${queueArn}`);
    }
    if (properties.FilterCriteria !== undefined)
      throw new AssemblyError(`${logicalId}: FilterCriteria is not hosted on one machine`);
    const maximum = Number(loose(properties.ScalingConfig).MaximumConcurrency ?? 1000);
    return [
      {
        functionName: String(properties.FunctionName),
        queueArn,
        queueName: queueArn.split(':').at(-1) ?? '',
        batchSize: Number(properties.BatchSize ?? 10),
        windowSeconds: seconds(properties.MaximumBatchingWindowInSeconds, 0),
        concurrency: Math.min(maximum, machineConcurrency(cores)),
        reportsFailures:
          Array.isArray(properties.FunctionResponseTypes) &&
          properties.FunctionResponseTypes.includes('ReportBatchItemFailures'),
      },
    ];
  });

export const readEventInvokeConfigs = (local: LocalStack): ReadonlyMap<string, EventInvokeConfig> =>
  new Map(
    local.ofType('AWS::Lambda::EventInvokeConfig').map(({ properties }) => [
      String(properties.FunctionName),
      {
        maximumRetryAttempts: Number(
          properties.MaximumRetryAttempts ?? defaultEventInvokeConfig.maximumRetryAttempts,
        ),
        maximumEventAgeSeconds: seconds(
          properties.MaximumEventAgeInSeconds,
          defaultEventInvokeConfig.maximumEventAgeSeconds,
        ),
        onFailureArn: text(loose(loose(properties.DestinationConfig).OnFailure).Destination),
      },
    ]),
  );

export const readRules = (local: LocalStack): readonly Rule[] =>
  local.ofType('AWS::Events::Rule').flatMap((resource) => {
    const { logicalId, properties } = resource;
    if (properties.State === 'DISABLED') return [];
    if (properties.ScheduleExpression !== undefined) {
      throw new AssemblyError(
        `${logicalId}: scheduled rules are not hosted; use an AWS::Scheduler::Schedule`,
      );
    }
    return [
      {
        name: logicalId,
        arn: local.attributeOf(resource),
        busName: (text(properties.EventBusName) ?? 'default').split('/').at(-1) ?? 'default',
        pattern: properties.EventPattern,
        targets: (properties.Targets ?? []) as unknown as readonly RuleTarget[],
      },
    ];
  });

export type ScheduleDefinition = {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  readonly expression: string;
  readonly timeZone: string | undefined;
  readonly targetArn: string;
  readonly roleArn: string;
  readonly input: string;
  readonly maximumEventAgeSeconds: number;
  readonly deadLetterArn: string | undefined;
};

export const readSchedules = (local: LocalStack): readonly ScheduleDefinition[] =>
  local.ofType('AWS::Scheduler::Schedule').flatMap((resource) => {
    const { properties } = resource;
    if (properties.State === 'DISABLED') return [];
    const target = loose(properties.Target);
    return [
      {
        logicalId: resource.logicalId,
        name: local.refOf(resource),
        arn: local.attributeOf(resource),
        expression: String(properties.ScheduleExpression),
        timeZone: text(properties.ScheduleExpressionTimezone),
        targetArn: String(target.Arn),
        roleArn: String(target.RoleArn),
        input: text(target.Input) ?? '{}',
        maximumEventAgeSeconds: seconds(loose(target.RetryPolicy).MaximumEventAgeInSeconds, 86_400),
        deadLetterArn: text(loose(target.DeadLetterConfig).Arn),
      },
    ];
  });

/** `arn:…:lambda:path/2015-03-31/functions/<function ARN>/invocations`, or the ARN itself. */
const functionOfUri = (uri: unknown): string =>
  /functions\/(arn:[^/]+)\/invocations$/.exec(String(uri))?.[1] ?? String(uri);

/** The stack's HTTP API; undefined when it has none. */
export const readApi = (local: LocalStack): ApiDefinition | undefined => {
  const [api, second] = local.ofType('AWS::ApiGatewayV2::Api');
  if (!api) return undefined;
  if (second) throw new AssemblyError('the local host takes one HTTP API a stack');
  if (api.properties.CorsConfiguration !== undefined)
    throw new AssemblyError(`${api.logicalId}: CorsConfiguration is not hosted on one machine`);
  const integrations = new Map(
    local
      .ofType('AWS::ApiGatewayV2::Integration')
      .map((integration) => [local.refOf(integration), integration]),
  );
  const [stage] = local.ofType('AWS::ApiGatewayV2::Stage');
  const settings = loose(stage?.properties.DefaultRouteSettings);
  return {
    apiId: local.refOf(api),
    routes: local.ofType('AWS::ApiGatewayV2::Route').map((route) => routeFrom(route, integrations)),
    authorizers: local
      .ofType('AWS::ApiGatewayV2::Authorizer')
      .map((authorizer) => authorizerFrom(authorizer, local.refOf(authorizer))),
    throttlingRateLimit: Number(settings.ThrottlingRateLimit ?? 10_000),
    throttlingBurstLimit: Number(settings.ThrottlingBurstLimit ?? 5_000),
    accessLogFormat: text(loose(stage?.properties.AccessLogSettings).Format),
  };
};

const authorizerFrom = ({ logicalId, properties }: ResolvedResource, id: string): AuthorizerDefinition => {
  const { AuthorizerType, AuthorizerPayloadFormatVersion, EnableSimpleResponses } = properties;
  const isHosted =
    AuthorizerType === 'REQUEST' &&
    AuthorizerPayloadFormatVersion === '2.0' &&
    String(EnableSimpleResponses) === 'true';
  if (!isHosted) {
    throw new AssemblyError(
      `${logicalId}: only REQUEST authorizers with payload format 2.0 and simple responses are hosted`,
    );
  }
  return {
    id,
    functionArn: functionOfUri(properties.AuthorizerUri),
    identitySources: ((properties.IdentitySource ?? []) as readonly unknown[]).map(String),
    cacheSeconds: seconds(properties.AuthorizerResultTtlInSeconds, 0),
  };
};

const routeFrom = (route: ResolvedResource, integrations: ReadonlyMap<string, ResolvedResource>) => {
  const { RouteKey, Target, AuthorizationType, AuthorizerId } = route.properties;
  const integration = integrations.get(String(Target).replace(/^integrations\//, ''));
  if (integration?.properties.PayloadFormatVersion !== '2.0') {
    throw new AssemblyError(`${route.logicalId}: only integrations with payload format 2.0 are hosted`);
  }
  // A guard that is not known must not let everybody in.
  const guard = text(AuthorizationType) ?? 'NONE';
  if (guard !== 'CUSTOM' && guard !== 'NONE')
    throw new AssemblyError(`${route.logicalId}: AuthorizationType ${guard} is not hosted on one machine`);
  return {
    routeKey: String(RouteKey),
    functionArn: functionOfUri(integration.properties.IntegrationUri),
    integrationTimeoutMs: Number(integration.properties.TimeoutInMillis ?? 30_000),
    authorizerId: guard === 'CUSTOM' ? String(AuthorizerId) : undefined,
  };
};
