import { Aws } from 'aws-cdk-lib/core';
import type { AwsService } from '../../shared/platform/aws/aws-states.aws.ts';
import type { FunctionContract } from '../../shared/platform/function/contract.ts';
import type { KindOf, ResourceKind, ResourceName, ResourceVerbs } from '../../shared/platform/resources.ts';

/** A resource as functions see it: what an environment variable holds, and what a policy names. */
export type ResourceTarget = {
  /** Table name, bus name, queue URL, secret ARN, function name, or what the resource's opener takes. */
  readonly address: string;
  /** Several stand in one statement; of none nothing is granted. */
  readonly arn: string | readonly string[];
  /** Tables only: the ARN of the sparse index of unsent events. */
  readonly dueIndexArn?: string;
  /** Only of the kind awsStates: the services that may be asked, instead of ARNs. */
  readonly services?: readonly AwsService[];
  /** Only of the kind awsReads: the actions that read, by service, instead of ARNs. */
  readonly reads?: ReadonlyMap<string, readonly string[]>;
  /** State machines only: the ARNs of their executions. */
  readonly executionArns?: readonly string[];
  /** Buckets only: the ARN of everything in it. */
  readonly objectsArn?: string;
};
/** A resource that is one thing of the stack. */
export type SingleTarget = ResourceTarget & { readonly arn: string };

/** What is deployed: an optional resource may be missing. */
export type ResourceTargets = { readonly [R in ResourceName]?: ResourceTarget };

/** One statement of a role. `why` is printed beside it before anyone deploys. */
export type Grant = {
  readonly sid: string;
  readonly actions: readonly string[];
  readonly resource: string | readonly string[];
  readonly why: string;
  readonly condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
};

type Granted = {
  readonly action: string;
  /** What of the resource, when it is not the resource itself; of names and tokens IAM knows no narrower one than `*`. */
  readonly on?: 'dueIndex' | 'executions' | 'objects' | 'names' | 'tokens';
};
/** Kinds whose statements follow from the services that were opted in. */
type ByService = 'awsStates' | 'awsReads';

/** The one place that knows which IAM action a verb is. What `describe` and `read` are depends on what was opted in. */
const actionOf: {
  readonly [K in Exclude<ResourceKind, ByService>]: { readonly [V in ResourceVerbs[K]]: Granted };
} = {
  table: {
    get: { action: 'dynamodb:GetItem' },
    batchGet: { action: 'dynamodb:BatchGetItem' },
    query: { action: 'dynamodb:Query' },
    queryDue: { action: 'dynamodb:Query', on: 'dueIndex' },
    put: { action: 'dynamodb:PutItem' },
    update: { action: 'dynamodb:UpdateItem' },
    delete: { action: 'dynamodb:DeleteItem' },
  },
  bus: { publish: { action: 'events:PutEvents' } },
  queue: { send: { action: 'sqs:SendMessage' } },
  secret: { read: { action: 'secretsmanager:GetSecretValue' } },
  parameters: {
    // No kms:Decrypt: the key policy of aws/ssm lets every principal of the account decrypt through SSM.
    read: { action: 'ssm:GetParameter' },
    // It knows no resource. What it tells are names, types and dates, never a value.
    list: { action: 'ssm:DescribeParameters', on: 'names' },
  },
  function: { invoke: { action: 'lambda:InvokeFunction' } },
  functions: { invoke: { action: 'lambda:InvokeFunction' } },
  topic: { publish: { action: 'sns:Publish' } },
  topics: { publish: { action: 'sns:Publish' } },
  emails: { sendEmail: { action: 'ses:SendEmail' } },
  stateMachines: {
    start: { action: 'states:StartExecution' },
    stop: { action: 'states:StopExecution', on: 'executions' },
    // Who was not given the token cannot answer: it stands in the registry alone.
    answer: { action: 'states:SendTaskSuccess', on: 'tokens' },
  },
  roles: { assume: { action: 'sts:AssumeRole' } },
  files: {
    put: { action: 's3:PutObject', on: 'objects' },
    list: { action: 's3:ListBucket' },
    delete: { action: 's3:DeleteObject', on: 'objects' },
  },
};

const inAccount = (service: string, resource: string): string =>
  `arn:${Aws.PARTITION}:${service}:${Aws.REGION}:${Aws.ACCOUNT_ID}:${resource}`;

/** What asking a service about the state of its resources needs. EC2 and Auto Scaling know no narrower resource than `*`. */
const describing: {
  readonly [S in AwsService]: {
    readonly actions: readonly string[];
    readonly on: string | readonly string[];
  };
} = {
  ec2: { actions: ['ec2:DescribeInstanceStatus'], on: '*' },
  ecs: { actions: ['ecs:DescribeServices'], on: inAccount('ecs', 'service/*') },
  autoscaling: { actions: ['autoscaling:DescribeAutoScalingGroups'], on: '*' },
  rds: { actions: ['rds:DescribeDBInstances'], on: inAccount('rds', 'db:*') },
};

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const grantsOnTarget = (
  contract: FunctionContract,
  resource: ResourceName,
  kind: Exclude<ResourceKind, ByService>,
  target: ResourceTarget,
): readonly Grant[] => {
  const table: Readonly<Record<string, Granted>> = actionOf[kind];
  const granted = (contract.needs[resource] ?? []).map((verb: string): Granted => {
    const action = table[verb];
    if (!action) throw new Error(`${contract.name} wants to ${verb} ${resource}, which no ${kind} knows`);
    return action;
  });
  const statement = (
    suffix: string,
    on: Granted['on'],
    resourceArn: string | readonly string[] | undefined,
  ): readonly Grant[] => {
    const actions = granted.filter((one) => one.on === on).map(({ action }) => action);
    if (actions.length === 0 || resourceArn === undefined) return [];
    const why = contract.why[resource] ?? '';
    return [{ sid: `${capitalised(resource)}${suffix}`, actions, resource: resourceArn, why }];
  };
  if (target.arn.length === 0) return [];
  return [
    ...statement('', undefined, target.arn),
    ...statement('DueIndex', 'dueIndex', target.dueIndexArn),
    ...statement('Executions', 'executions', target.executionArns),
    ...statement('Objects', 'objects', target.objectsArn),
    ...statement('Names', 'names', '*'),
    ...statement('Tokens', 'tokens', '*'),
  ];
};

/** One statement a service, so that a reader sees what each opt-in costs. */
const grantsOfServices = (
  contract: FunctionContract,
  resource: ResourceName,
  { services = [] }: ResourceTarget,
): readonly Grant[] =>
  services.map((service) => ({
    sid: `${capitalised(resource)}${capitalised(service)}`,
    actions: describing[service].actions,
    resource: describing[service].on,
    why: contract.why[resource] ?? '',
  }));

const grantsOfReads = (
  contract: FunctionContract,
  resource: ResourceName,
  { reads = new Map() }: ResourceTarget,
): readonly Grant[] =>
  [...reads].map(([service, actions]) => ({
    sid: `${capitalised(resource)}${capitalised(service)}`,
    actions,
    resource: '*',
    why: contract.why[resource] ?? '',
  }));

/** The statements that follow from a contract's needs: mostly one a resource. */
export const grantsForNeeds = (
  contract: FunctionContract,
  kinds: { readonly [R in ResourceName]: KindOf<R> },
  targets: ResourceTargets,
): readonly Grant[] =>
  (Object.keys(contract.needs) as ResourceName[]).flatMap((resource) => {
    const target = targets[resource];
    if (!target) return [];
    const kind = kinds[resource];
    if (kind === 'awsStates') return grantsOfServices(contract, resource, target);
    if (kind === 'awsReads') return grantsOfReads(contract, resource, target);
    return grantsOnTarget(contract, resource, kind, target);
  });

/** What Lambda itself needs a role to allow, whatever the code does. Nothing here follows from a contract's needs. */
export const exemptGrants = {
  ownLogs: (logGroupArn: string): Grant => ({
    sid: 'OwnLogs',
    actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    resource: logGroupArn,
    why: 'Lambda writes what the function logs to its own log group',
  }),
  ownQueue: (queueArn: string): Grant => ({
    sid: 'OwnQueue',
    actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
    resource: queueArn,
    why: 'Lambda polls the queue that feeds the function and deletes what it has done',
  }),
  missedTick: (queueArn: string): Grant => ({
    sid: 'MissedTick',
    actions: ['sqs:SendMessage'],
    resource: queueArn,
    why: 'Lambda puts an invocation that failed into the dead-letter queue of missed ticks',
  }),
  lostEvent: (queueArn: string): Grant => ({
    sid: 'LostEvent',
    actions: ['sqs:SendMessage'],
    resource: queueArn,
    why: 'Lambda puts an event that could not be worked on into the dead-letter queue of events',
  }),
  /**
   * Network interfaces do not exist before Lambda makes them and the Describe actions know no resources, hence `*`.
   * The key `lambda:SourceFunctionArn` is there only when the function's own code calls, so the condition leaves
   * these actions to Lambda and keeps them from whoever takes over the function.
   */
  networkInterfaces: (): Grant => ({
    sid: 'NetworkInterfaces',
    actions: [
      'ec2:CreateNetworkInterface',
      'ec2:DescribeNetworkInterfaces',
      'ec2:DescribeSubnets',
      'ec2:DeleteNetworkInterface',
      'ec2:AssignPrivateIpAddresses',
      'ec2:UnassignPrivateIpAddresses',
    ],
    resource: '*',
    condition: { Null: { 'lambda:SourceFunctionArn': 'true' } },
    why: 'Lambda places the function in the VPC; the code itself cannot use this; EC2 knows no narrower resource here',
  }),
} as const;
