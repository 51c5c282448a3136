import { CfnApi, CfnAuthorizer, CfnIntegration, CfnRoute, CfnStage } from 'aws-cdk-lib/aws-apigatewayv2';
import { CfnPermission } from 'aws-cdk-lib/aws-lambda';
import { CfnLogGroup } from 'aws-cdk-lib/aws-logs';
import { Aws, RemovalPolicy, Validations } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { fallbackRouteKey, type Route, routeKeyOf } from '../../shared/platform/api/route.ts';
import type { StackConfig } from '../config.ts';
import type { HomeostatFunction } from './function.ts';

/** What the gateway must know of a route. */
export type GatewayRoute = Pick<Route, 'id' | 'method' | 'path' | 'function' | 'scope'>;

export type Served = {
  readonly config: StackConfig;
  readonly routes: readonly GatewayRoute[];
  /** Every deployed function by name. */
  readonly functions: ReadonlyMap<string, HomeostatFunction>;
};

/** A team and its programs stay far below; a loop gone wild ends here before it costs money. */
const throttling = { throttlingRateLimit: 100, throttlingBurstLimit: 200 };

const accessLogFormat = JSON.stringify({
  requestId: '$context.requestId',
  time: '$context.requestTime',
  ip: '$context.identity.sourceIp',
  principal: '$context.authorizer.principal',
  route: '$context.routeKey',
  status: '$context.status',
  latencyMs: '$context.responseLatency',
  error: '$context.error.message',
  integrationError: '$context.integrationErrorMessage',
});

/**
 * The HTTP API. It is made before the functions, which are told its address, and serves them when they are there,
 * built from the route table: nothing is reachable that is not in it.
 */
export class HttpApi extends Construct {
  readonly url: string;
  /** Its host, without a scheme. */
  readonly domainName: string;
  readonly #api: CfnApi;
  readonly #integrations = new Map<HomeostatFunction, string>();

  constructor(scope: Construct) {
    super(scope, 'HttpApi');
    this.#api = new CfnApi(this, 'Api', { name: Aws.STACK_NAME, protocolType: 'HTTP' });
    // Pinned: the URL that everybody uses hangs on it.
    this.#api.overrideLogicalId('Api');
    this.url = this.#api.attrApiEndpoint;
    this.domainName = `${this.#api.ref}.execute-api.${Aws.REGION}.${Aws.URL_SUFFIX}`;
  }

  serve({ functions, routes, config }: Served): void {
    const called = (name: string, by: string): HomeostatFunction => {
      const found = functions.get(name);
      if (!found) throw new Error(`${by} names the function ${name}, which is not deployed`);
      return found;
    };
    const authorizerId = this.#authorizer(called('authorizer', 'the HTTP API'));
    for (const route of routes) {
      const target = called(route.function, `the route ${route.id}`);
      this.#route(route.id, routeKeyOf(route), target, route.scope === 'public' ? undefined : authorizerId);
    }
    this.#route('fallback', fallbackRouteKey, called('api', 'the fallback route'), authorizerId);
    this.#stage(config);
  }

  /**
   * Nothing is cached in the gateway and no header is demanded, so that a missing or wrong token reaches our own
   * code and is answered like every other error; the authorizer keeps what it read for at most a minute.
   */
  #authorizer(target: HomeostatFunction): string {
    this.#permit(target, 'authorizers');
    return new CfnAuthorizer(this, 'Authorizer', {
      apiId: this.#api.ref,
      name: 'token',
      authorizerType: 'REQUEST',
      authorizerPayloadFormatVersion: '2.0',
      enableSimpleResponses: true,
      authorizerResultTtlInSeconds: 0,
      authorizerUri: `arn:${Aws.PARTITION}:apigateway:${Aws.REGION}:lambda:path/2015-03-31/functions/${target.resource.attrArn}/invocations`,
    }).ref;
  }

  #route(id: string, routeKey: string, target: HomeostatFunction, authorizerId: string | undefined): void {
    const route = new CfnRoute(this, `Route-${id}`, {
      apiId: this.#api.ref,
      routeKey,
      target: `integrations/${this.#integration(target)}`,
      ...(authorizerId ? { authorizationType: 'CUSTOM', authorizerId } : { authorizationType: 'NONE' }),
    });
    if (!authorizerId) {
      Validations.of(route).acknowledge({
        id: 'AwsSolutions-APIG4',
        reason:
          'The route table calls it public: it tells no more than that something answers, where the console is, or what ' +
          'people marked public.',
      });
    }
  }

  #integration(target: HomeostatFunction): string {
    const known = this.#integrations.get(target);
    if (known) return known;
    this.#permit(target, '*/*');
    const made = new CfnIntegration(this, `${target.node.id}Integration`, {
      apiId: this.#api.ref,
      integrationType: 'AWS_PROXY',
      integrationUri: target.resource.attrArn,
      payloadFormatVersion: '2.0',
    }).ref;
    this.#integrations.set(target, made);
    return made;
  }

  #permit(target: HomeostatFunction, source: 'authorizers' | '*/*'): void {
    new CfnPermission(this, `${target.node.id}Permission`, {
      action: 'lambda:InvokeFunction',
      functionName: target.resource.ref,
      principal: 'apigateway.amazonaws.com',
      sourceArn: `arn:${Aws.PARTITION}:execute-api:${Aws.REGION}:${Aws.ACCOUNT_ID}:${this.#api.ref}/${source === 'authorizers' ? 'authorizers/*' : '*/*'}`,
    });
  }

  #stage(config: StackConfig): void {
    const logs = new CfnLogGroup(this, 'AccessLogs', {
      // The one name that is given: for groups under /aws/vendedlogs/ the gateway needs no entry in the account's
      // resource policy of log groups, which has room for few.
      logGroupName: `/aws/vendedlogs/apis/${Aws.STACK_NAME}`,
      retentionInDays: config.retentionDays.accessLogs,
    });
    logs.applyRemovalPolicy(RemovalPolicy.DESTROY);
    new CfnStage(this, 'Stage', {
      apiId: this.#api.ref,
      stageName: '$default',
      autoDeploy: true,
      defaultRouteSettings: throttling,
      accessLogSettings: { destinationArn: logs.attrArn, format: accessLogFormat },
    });
  }
}
