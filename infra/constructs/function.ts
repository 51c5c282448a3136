import { relative } from 'node:path';
import type { CfnRole } from 'aws-cdk-lib/aws-iam';
import { CfnEventInvokeConfig, CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnLogGroup } from 'aws-cdk-lib/aws-logs';
import { Aws, FileAssetPackaging, RemovalPolicy, Stack, Stage } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import {
  type FunctionContract,
  type SettingName,
  settings,
  type Trigger,
} from '../../shared/platform/function/contract.ts';
import { environmentNameOf, type ResourceName, resources } from '../../shared/platform/resources.ts';
import type { StackConfig } from '../config.ts';
import type { Bundle } from './bundle.ts';
import { exemptGrants, type Grant, grantsForNeeds, type ResourceTargets } from './permissions.ts';
import { makeRole } from './role.ts';
import { acknowledgeWildcards } from './wildcards.ts';

/** What Scheduler and Lambda wait for a tick at most, unless its trigger says that it is worth something for longer. */
const minuteSeconds = 60;

/** The longest that Lambda keeps an asynchronous invocation. */
const mostEventAgeSeconds = 6 * 3600;

export const tickAgeSeconds = (trigger: Extract<Trigger, { kind: 'schedule' }>): number =>
  trigger.maximumAgeSeconds ?? minuteSeconds;

export type FunctionProps = {
  readonly contract: FunctionContract;
  readonly config: StackConfig;
  readonly bundle: Bundle;
  readonly targets: ResourceTargets;
  /** What links begin with; without a slash at the end. */
  readonly publicUrl: string;
  /** Where the distribution serves the console; without a slash at the end. */
  readonly consoleUrl: string;
  /** The queue that feeds the function, when its trigger is one. */
  readonly ownQueueArn?: string;
  /** Where invocations of a scheduled function go that failed or grew too old. */
  readonly missedTicksArn?: string;
  /** Where events go that a function invoked with them could not work on. */
  readonly lostEventsArn?: string;
};

const settingValues = ({
  config,
  publicUrl,
  consoleUrl,
}: Pick<FunctionProps, 'config' | 'publicUrl' | 'consoleUrl'>): { readonly [S in SettingName]: string } => ({
  logLevel: config.logLevel,
  allowedPrivateRanges: config.allowedPrivateRanges.join(','),
  vpcRunner: String(config.vpc !== undefined),
  retentionDays: JSON.stringify(config.retentionDays),
  defaultIntervalSeconds: String(config.defaultIntervalSeconds),
  checkSecretNames: config.secrets.join(','),
  teamFunctionArns: config.checkFunctions.join(','),
  awsServices: config.awsServices.join(','),
  canaries: config.canaries.join(','),
  vpcCanaries: config.vpcCanaries.join(','),
  publicUrl,
  consoleUrl,
  teamTopicArns: config.topics.join(','),
  emailIdentityNames: config.emailIdentities.join(','),
  heartbeatUrl: config.heartbeatUrl ?? '',
  actionKinds: Object.keys(config.actions).join(','),
  actionScopes: JSON.stringify(scopesToTell(config.actions)),
  processes: JSON.stringify(config.processes),
  orchestratorUrl: config.orchestratorUrl ?? '',
});

/** The environment of a function has 4 KB in all. */
const mostScopeCharacters = 1500;

/** Long lists of ARNs are left out: of those kinds only the role knows on what it may act. */
const scopesToTell = (actions: StackConfig['actions']): StackConfig['actions'] => {
  let told: StackConfig['actions'] = {};
  for (const [kind, { tags, arns }] of Object.entries(actions)) {
    const next = { ...told, [kind]: { ...(tags && { tags }), ...(arns && { arns }) } };
    if (JSON.stringify(next).length <= mostScopeCharacters) told = next;
  }
  return told;
};

const environmentOf = (props: FunctionProps): Record<string, string> => {
  const { contract, targets } = props;
  const values = settingValues(props);
  const environment: Record<string, string> = {
    POWERTOOLS_SERVICE_NAME: contract.name,
    HOMEOSTAT_ACCOUNT_ID: Aws.ACCOUNT_ID,
  };
  for (const setting of contract.settings ?? []) environment[settings[setting]] = values[setting];
  for (const resource of Object.keys(contract.needs) as ResourceName[]) {
    const target = targets[resource];
    if (target) environment[environmentNameOf(resource)] = target.address;
  }
  return environment;
};

const grantsOf = (props: FunctionProps, logGroupArn: string): readonly Grant[] => [
  ...grantsForNeeds(props.contract, resources, props.targets),
  exemptGrants.ownLogs(logGroupArn),
  ...(props.ownQueueArn ? [exemptGrants.ownQueue(props.ownQueueArn)] : []),
  ...(props.missedTicksArn ? [exemptGrants.missedTick(props.missedTicksArn)] : []),
  ...(props.lostEventsArn ? [exemptGrants.lostEvent(props.lostEventsArn)] : []),
  ...(props.contract.inVpc ? [exemptGrants.networkInterfaces()] : []),
];

/** `vpc-runner` → `VpcRunner`: how the function is called in the template. */
const constructIdOf = (name: string): string =>
  name.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** The one way to a Lambda function: its contract becomes code, log group, environment and exact role. */
export class HomeostatFunction extends Construct {
  readonly contract: FunctionContract;
  readonly resource: CfnFunction;
  readonly role: CfnRole;

  constructor(scope: Construct, props: FunctionProps) {
    super(scope, constructIdOf(props.contract.name));
    const { contract, config } = props;
    this.contract = contract;
    const logs = new CfnLogGroup(this, 'Logs', { retentionInDays: config.retentionDays.systemLogs });
    logs.applyRemovalPolicy(RemovalPolicy.DESTROY);
    const grants = grantsOf(props, logs.attrArn);
    this.role = makeRole(this, 'Role', {
      config,
      takenBy: 'lambda.amazonaws.com',
      purpose: contract.purpose,
      grants,
    });
    acknowledgeWildcards(this.role, grants);
    this.resource = new CfnFunction(this, 'Resource', {
      description: contract.purpose,
      runtime: 'nodejs24.x',
      architectures: ['arm64'],
      handler: 'index.handler',
      code: this.#upload(props.bundle),
      memorySize: contract.memoryMb,
      timeout: contract.timeoutSeconds,
      role: this.role.attrArn,
      environment: { variables: environmentOf(props) },
      // Platform lines of every invocation would cost more than the invocations; warnings of the platform stay.
      loggingConfig: {
        logGroup: logs.ref,
        logFormat: 'JSON',
        systemLogLevel: 'WARN',
        applicationLogLevel: config.logLevel.toUpperCase(),
      },
      ...(contract.inVpc && config.vpc
        ? { vpcConfig: { subnetIds: config.vpc.subnetIds, securityGroupIds: config.vpc.securityGroupIds } }
        : {}),
    });
    // Where the code lies in the assembly: the local host runs it from there.
    this.resource.addMetadata('aws:asset:path', this.#pathInAssembly(props.bundle));
    this.resource.addMetadata('aws:asset:property', 'Code');
    this.#limitPatience(props);
  }

  /**
   * Scheduler invokes asynchronously, so Lambda's own patience counts too. A throttled tick is tried again as long as
   * it is worth anything. A failed one is too, except that Lambda's first retry of an error waits a minute: there it
   * would come with the next tick. An event is worth something for as long as Lambda keeps one. Whoever invokes a
   * function and waits for its answer tries again himself.
   */
  #limitPatience({ contract: { trigger }, missedTicksArn, lostEventsArn }: FunctionProps): void {
    if (trigger.kind === 'invoked' || trigger.kind === 'step') this.#invoked('Once', 0);
    if (trigger.kind === 'schedule' && missedTicksArn !== undefined) {
      const age = tickAgeSeconds(trigger);
      this.#invoked('Ticks', age > minuteSeconds ? 2 : 0, { age, destination: missedTicksArn });
    }
    if (trigger.kind === 'events' && lostEventsArn !== undefined)
      this.#invoked('Events', 2, { age: mostEventAgeSeconds, destination: lostEventsArn });
  }

  #invoked(
    id: string,
    maximumRetryAttempts: number,
    late?: { readonly age: number; readonly destination: string },
  ): void {
    new CfnEventInvokeConfig(this, id, {
      functionName: this.resource.ref,
      qualifier: '$LATEST',
      maximumRetryAttempts,
      ...(late && {
        maximumEventAgeInSeconds: late.age,
        destinationConfig: { onFailure: { destination: late.destination } },
      }),
    });
  }

  #pathInAssembly(bundle: Bundle): string {
    return relative(Stage.of(this)?.outdir ?? '', bundle.dir);
  }

  #upload(bundle: Bundle): CfnFunction.CodeProperty {
    const { bucketName, objectKey } = Stack.of(this).synthesizer.addFileAsset({
      fileName: this.#pathInAssembly(bundle),
      packaging: FileAssetPackaging.ZIP_DIRECTORY,
      sourceHash: bundle.hash,
      displayName: `${bundle.name} code`,
    });
    return { s3Bucket: bucketName, s3Key: objectKey };
  }
}
