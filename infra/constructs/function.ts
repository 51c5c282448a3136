import { relative } from 'node:path';
import type { CfnRole } from 'aws-cdk-lib/aws-iam';
import { CfnEventInvokeConfig, CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnLogGroup } from 'aws-cdk-lib/aws-logs';
import { Aws, FileAssetPackaging, RemovalPolicy, Stack, Stage, Validations } from 'aws-cdk-lib/core';
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

/** What Scheduler and Lambda wait for a tick at most, unless its trigger says that it is worth something for longer. */
const minuteSeconds = 60;

export const tickAgeSeconds = (trigger: Extract<Trigger, { kind: 'schedule' }>): number =>
  trigger.maximumAgeSeconds ?? minuteSeconds;

export type FunctionProps = {
  readonly contract: FunctionContract;
  readonly config: StackConfig;
  readonly bundle: Bundle;
  readonly targets: ResourceTargets;
  /** Where the API answers; without a slash at the end. */
  readonly publicUrl: string;
  /** The queue that feeds the function, when its trigger is one. */
  readonly ownQueueArn?: string;
  /** Where invocations of a scheduled function go that failed or grew too old. */
  readonly missedTicksArn?: string;
};

const settingValues = ({
  config,
  publicUrl,
}: Pick<FunctionProps, 'config' | 'publicUrl'>): { readonly [S in SettingName]: string } => ({
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
  teamTopicArns: config.topics.join(','),
  emailIdentityNames: config.emailIdentities.join(','),
  heartbeatUrl: config.heartbeatUrl ?? '',
});

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
  ...(props.contract.inVpc ? [exemptGrants.networkInterfaces()] : []),
];

/** How cdk-nag writes an ARN down: references in angle brackets. */
const asCdkNagWritesIt = (arn: string): string =>
  [
    [Aws.PARTITION, '<AWS::Partition>'],
    [Aws.REGION, '<AWS::Region>'],
    [Aws.ACCOUNT_ID, '<AWS::AccountId>'],
  ].reduce((text, [token = '', name = '']) => text.replaceAll(token, name), arn);

/** Each resource with a wildcard, with the reason of the statement that names it. */
const acknowledgeWildcards = (role: CfnRole, grants: readonly Grant[]): void => {
  for (const { resource, why } of grants) {
    for (const arn of [resource].flat()) {
      if (!arn.includes('*')) continue;
      const id = `AwsSolutions-IAM5[Resource::${asCdkNagWritesIt(arn)}]`;
      Validations.of(role).acknowledge({ id, reason: `${why}; its actions know no narrower resource` });
    }
  }
};

/** `vpc-runner` → `VpcRunner`: how the function is called in the template. */
const constructIdOf = (name: string): string =>
  name.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** The one way to a Lambda function: its contract becomes code, log group, environment and exact role. */
export class HomeostatFunction extends Construct {
  readonly contract: FunctionContract;
  readonly resource: CfnFunction;

  constructor(scope: Construct, props: FunctionProps) {
    super(scope, constructIdOf(props.contract.name));
    const { contract, config } = props;
    this.contract = contract;
    const logs = new CfnLogGroup(this, 'Logs', { retentionInDays: config.retentionDays.systemLogs });
    logs.applyRemovalPolicy(RemovalPolicy.DESTROY);
    const grants = grantsOf(props, logs.attrArn);
    const role = makeRole(this, 'Role', {
      config,
      service: 'lambda.amazonaws.com',
      purpose: contract.purpose,
      grants,
    });
    acknowledgeWildcards(role, grants);
    this.resource = new CfnFunction(this, 'Resource', {
      description: contract.purpose,
      runtime: 'nodejs24.x',
      architectures: ['arm64'],
      handler: 'index.handler',
      code: this.#upload(props.bundle),
      memorySize: contract.memoryMb,
      timeout: contract.timeoutSeconds,
      role: role.attrArn,
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
    this.#limitPatience(contract.trigger, props.missedTicksArn);
  }

  /**
   * Scheduler invokes asynchronously, so Lambda's own patience counts too. A throttled tick is tried again as long as
   * it is worth anything. A failed one is too, except that Lambda's first retry of an error waits a minute: there it
   * would come with the next tick. Whoever invokes a function and waits for its answer tries again himself.
   */
  #limitPatience(trigger: Trigger, missedTicksArn: string | undefined): void {
    const functionName = this.resource.ref;
    if (trigger.kind === 'invoked') {
      const maximumRetryAttempts = 0;
      new CfnEventInvokeConfig(this, 'Once', { functionName, qualifier: '$LATEST', maximumRetryAttempts });
    }
    if (trigger.kind !== 'schedule' || missedTicksArn === undefined) return;
    const age = tickAgeSeconds(trigger);
    new CfnEventInvokeConfig(this, 'Ticks', {
      functionName,
      qualifier: '$LATEST',
      maximumEventAgeInSeconds: age,
      maximumRetryAttempts: age > minuteSeconds ? 2 : 0,
      destinationConfig: { onFailure: { destination: missedTicksArn } },
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
