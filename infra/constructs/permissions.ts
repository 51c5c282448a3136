import type { FunctionContract } from '../../shared/platform/function/contract.ts';
import type { KindOf, ResourceKind, ResourceName, ResourceVerbs } from '../../shared/platform/resources.ts';

/** A resource as functions see it: what an environment variable holds, and what a policy names. */
export type ResourceTarget = {
  /** Table name, bus name, queue URL or secret ARN. */
  readonly address: string;
  readonly arn: string;
  /** Tables only: the ARN of the sparse index of unsent events. */
  readonly dueIndexArn?: string;
};

/** What is deployed: an optional resource may be missing. */
export type ResourceTargets = { readonly [R in ResourceName]?: ResourceTarget };

/** One statement of a role. `why` is printed beside it before anyone deploys. */
export type Grant = {
  readonly sid: string;
  readonly actions: readonly string[];
  readonly resource: string;
  readonly why: string;
  readonly condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
};

type Granted = { readonly action: string; readonly on?: 'dueIndex' };

/** The one place that knows which IAM action a verb is. */
const actionOf: { readonly [K in ResourceKind]: { readonly [V in ResourceVerbs[K]]: Granted } } = {
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
};

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** The statements that follow from a contract's needs: one a resource, and one more for a table's index. */
export const grantsForNeeds = (
  contract: FunctionContract,
  kinds: { readonly [R in ResourceName]: KindOf<R> },
  targets: ResourceTargets,
): readonly Grant[] =>
  (Object.keys(contract.needs) as ResourceName[]).flatMap((resource) => {
    const target = targets[resource];
    if (!target) return [];
    const table: Readonly<Record<string, Granted>> = actionOf[kinds[resource]];
    const granted = (contract.needs[resource] ?? []).map((verb: string): Granted => {
      const action = table[verb];
      if (!action)
        throw new Error(`${contract.name} wants to ${verb} ${resource}, which no ${kinds[resource]} knows`);
      return action;
    });
    const why = contract.why[resource] ?? '';
    const itself = granted.filter(({ on }) => on === undefined).map(({ action }) => action);
    const due = granted.filter(({ on }) => on === 'dueIndex').map(({ action }) => action);
    return [
      ...(itself.length > 0
        ? [{ sid: capitalised(resource), actions: itself, resource: target.arn, why }]
        : []),
      ...(due.length > 0 && target.dueIndexArn
        ? [{ sid: `${capitalised(resource)}DueIndex`, actions: due, resource: target.dueIndexArn, why }]
        : []),
    ];
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
