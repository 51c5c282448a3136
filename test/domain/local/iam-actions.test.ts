import { runSimulation } from '@cloud-copilot/iam-simulate';
import { describe, expect, test } from 'vitest';
import { type AccessCheck, requiredChecks } from '../../../infra/local/iam/actions.ts';

const ACCOUNT = '123456789012';
const REGION = 'eu-west-1';
const arn = (service: string, resource: string) => `arn:aws:${service}:${REGION}:${ACCOUNT}:${resource}`;

const STATE = arn('dynamodb', 'table/State');
const TELEMETRY = arn('dynamodb', 'table/Telemetry');
const RUNS = arn('sqs', 'Runs');
const QUEUE_URL = `http://127.0.0.1:4100/${ACCOUNT}/Runs`;
const TOPIC = arn('sns', 'Alerts');
const MACHINE = arn('states', 'stateMachine:Remediate');
const SECRET = arn('secretsmanager', 'secret:Token-AbC123');
const ROLE = `arn:aws:iam::${ACCOUNT}:role/Tick`;
const GROUP = arn('autoscaling', 'autoScalingGroup:*:autoScalingGroupName/web');
const STACK = arn('cloudformation', 'stack/shop/0a1b');
const ENCLOSED = { 'dynamodb:EnclosingOperation': 'TransactWriteItems' };

type Expected = [action: string, resources: string[], context?: Record<string, string>];
type Row = [service: string, operation: string, input: object, expected: Expected[]];

const ROWS: Row[] = [
  ['dynamodb', 'PutItem', { TableName: 'State', Item: {} }, [['dynamodb:PutItem', [STATE]]]],
  ['dynamodb', 'GetItem', { TableName: STATE }, [['dynamodb:GetItem', [STATE]]]],
  ['dynamodb', 'Query', { TableName: 'State' }, [['dynamodb:Query', [STATE]]]],
  [
    'dynamodb',
    'Query',
    { TableName: 'State', IndexName: 'due' },
    [['dynamodb:Query', [`${STATE}/index/due`]]],
  ],
  [
    'dynamodb',
    'UpdateItem',
    { TableName: 'State', ReturnValues: 'ALL_NEW' },
    [['dynamodb:UpdateItem', [STATE], { 'dynamodb:ReturnValues': 'ALL_NEW' }]],
  ],
  [
    'dynamodb',
    'BatchGetItem',
    { RequestItems: { State: {}, Telemetry: {} } },
    [['dynamodb:BatchGetItem', [STATE, TELEMETRY]]],
  ],
  ['dynamodb', 'BatchWriteItem', { RequestItems: { State: [] } }, [['dynamodb:BatchWriteItem', [STATE]]]],
  [
    'dynamodb',
    'TransactWriteItems',
    {
      TransactItems: [
        { Put: { TableName: 'State' } },
        { Put: { TableName: 'Telemetry' } },
        { ConditionCheck: { TableName: 'State' } },
        { Put: { TableName: 'State' } },
      ],
    },
    [
      ['dynamodb:PutItem', [STATE, TELEMETRY], ENCLOSED],
      ['dynamodb:ConditionCheckItem', [STATE], ENCLOSED],
    ],
  ],
  [
    'dynamodb',
    'TransactGetItems',
    { TransactItems: [{ Get: { TableName: 'State' } }] },
    [['dynamodb:GetItem', [STATE], { 'dynamodb:EnclosingOperation': 'TransactGetItems' }]],
  ],
  ['dynamodb', 'UpdateTimeToLive', { TableName: 'State' }, [['dynamodb:UpdateTimeToLive', [STATE]]]],
  ['sqs', 'SendMessage', { QueueUrl: QUEUE_URL }, [['sqs:SendMessage', [RUNS]]]],
  ['sqs', 'SendMessageBatch', { QueueUrl: QUEUE_URL }, [['sqs:SendMessage', [RUNS]]]],
  ['sqs', 'DeleteMessageBatch', { QueueUrl: QUEUE_URL }, [['sqs:DeleteMessage', [RUNS]]]],
  ['sqs', 'ChangeMessageVisibilityBatch', { QueueUrl: QUEUE_URL }, [['sqs:ChangeMessageVisibility', [RUNS]]]],
  [
    'sqs',
    'ReceiveMessage',
    { QueueUrl: `https://sqs.eu-west-1.amazonaws.com/${ACCOUNT}/Runs` },
    [['sqs:ReceiveMessage', [RUNS]]],
  ],
  ['sqs', 'GetQueueUrl', { QueueName: 'Runs' }, [['sqs:GetQueueUrl', [RUNS]]]],
  ['sqs', 'StartMessageMoveTask', { SourceArn: RUNS }, [['sqs:StartMessageMoveTask', [RUNS]]]],
  [
    'events',
    'PutEvents',
    {
      Entries: [
        { EventBusName: 'Bus', Source: 'homeostat', DetailType: 'check.changed' },
        { EventBusName: 'Bus', Source: 'homeostat', DetailType: 'check.changed' },
        { EventBusName: arn('events', 'event-bus/Bus'), Source: 'homeostat', DetailType: 'alert.fired' },
        { Source: 'homeostat', DetailType: 'alert.fired' },
      ],
    },
    [
      [
        'events:PutEvents',
        [arn('events', 'event-bus/Bus')],
        { 'events:source': 'homeostat', 'events:detail-type': 'check.changed' },
      ],
      [
        'events:PutEvents',
        [arn('events', 'event-bus/Bus')],
        { 'events:source': 'homeostat', 'events:detail-type': 'alert.fired' },
      ],
      [
        'events:PutEvents',
        [arn('events', 'event-bus/default')],
        { 'events:source': 'homeostat', 'events:detail-type': 'alert.fired' },
      ],
    ],
  ],
  [
    'events',
    'PutRule',
    { Name: 'tick', EventBusName: 'Bus' },
    [['events:PutRule', [arn('events', 'rule/Bus/tick')]]],
  ],
  [
    'events',
    'PutTargets',
    { Rule: 'tick', Targets: [{ RoleArn: ROLE }] },
    [
      ['events:PutTargets', [arn('events', 'rule/tick')]],
      ['iam:PassRole', [ROLE], { 'iam:PassedToService': 'events.amazonaws.com' }],
    ],
  ],
  ['secretsmanager', 'GetSecretValue', { SecretId: SECRET }, [['secretsmanager:GetSecretValue', [SECRET]]]],
  ['secretsmanager', 'GetSecretValue', { SecretId: 'Token' }, [['secretsmanager:GetSecretValue', [SECRET]]]],
  ['sns', 'Publish', { TopicArn: TOPIC }, [['sns:Publish', [TOPIC]]]],
  ['sns', 'PublishBatch', { TopicArn: TOPIC }, [['sns:Publish', [TOPIC]]]],
  ['sns', 'Publish', { PhoneNumber: '+491' }, [['sns:Publish', ['*']]]],
  [
    'ssm',
    'GetParameter',
    { Name: '/app/limit:3' },
    [['ssm:GetParameter', [arn('ssm', 'parameter/app/limit')]]],
  ],
  [
    'ssm',
    'GetParameters',
    { Names: ['/a', 'b'] },
    [['ssm:GetParameters', [arn('ssm', 'parameter/a'), arn('ssm', 'parameter/b')]]],
  ],
  [
    'ssm',
    'GetParametersByPath',
    { Path: '/app/' },
    [['ssm:GetParametersByPath', [arn('ssm', 'parameter/app')]]],
  ],
  ['ssm', 'PutParameter', { Name: 'limit' }, [['ssm:PutParameter', [arn('ssm', 'parameter/limit')]]]],
  [
    'lambda',
    'Invoke',
    { FunctionName: 'Runner' },
    [['lambda:InvokeFunction', [arn('lambda', 'function:Runner')]]],
  ],
  [
    'lambda',
    'Invoke',
    { FunctionName: `${ACCOUNT}:function:Runner` },
    [['lambda:InvokeFunction', [arn('lambda', 'function:Runner')]]],
  ],
  [
    'lambda',
    'Invoke',
    { FunctionName: 'Runner', Qualifier: 'live' },
    [['lambda:InvokeFunction', [arn('lambda', 'function:Runner:live')]]],
  ],
  ['states', 'StartExecution', { stateMachineArn: MACHINE }, [['states:StartExecution', [MACHINE]]]],
  ['states', 'SendTaskSuccess', { taskToken: 'known' }, [['states:SendTaskSuccess', [MACHINE]]]],
  ['states', 'SendTaskSuccess', { taskToken: 'unknown' }, [['states:SendTaskSuccess', ['*']]]],
  [
    'states',
    'StopExecution',
    { executionArn: arn('states', 'execution:Remediate:one') },
    [['states:StopExecution', [arn('states', 'execution:Remediate:one')]]],
  ],
  [
    'sts',
    'AssumeRole',
    { RoleArn: ROLE, RoleSessionName: 'plan' },
    [['sts:AssumeRole', [ROLE], { 'sts:RoleSessionName': 'plan' }]],
  ],
  ['sts', 'GetCallerIdentity', {}, []],
  [
    'scheduler',
    'CreateSchedule',
    { Name: 'once', GroupName: 'checks', Target: { RoleArn: ROLE } },
    [
      ['scheduler:CreateSchedule', [arn('scheduler', 'schedule/checks/once')]],
      ['iam:PassRole', [ROLE], { 'iam:PassedToService': 'scheduler.amazonaws.com' }],
    ],
  ],
  [
    'scheduler',
    'DeleteSchedule',
    { Name: 'once' },
    [['scheduler:DeleteSchedule', [arn('scheduler', 'schedule/default/once')]]],
  ],
  ['s3', 'GetObject', { Bucket: 'b', Key: 'a/b.txt' }, [['s3:GetObject', ['arn:aws:s3:::b/a/b.txt']]]],
  [
    's3',
    'HeadObject',
    { Bucket: 'b', Key: 'k', VersionId: '1' },
    [['s3:GetObjectVersion', ['arn:aws:s3:::b/k']]],
  ],
  ['s3', 'UploadPart', { Bucket: 'b', Key: 'k' }, [['s3:PutObject', ['arn:aws:s3:::b/k']]]],
  [
    's3',
    'ListObjectsV2',
    { Bucket: 'b', Prefix: 'a/' },
    [['s3:ListBucket', ['arn:aws:s3:::b'], { 's3:prefix': 'a/' }]],
  ],
  [
    's3',
    'CopyObject',
    { Bucket: 'b', Key: 'k', CopySource: '/c/x%20y' },
    [
      ['s3:GetObject', ['arn:aws:s3:::c/x y']],
      ['s3:PutObject', ['arn:aws:s3:::b/k']],
    ],
  ],
  [
    's3',
    'DeleteObjects',
    { Bucket: 'b', Delete: { Objects: [{ Key: 'k' }, { Key: 'l', VersionId: '1' }] } },
    [
      ['s3:DeleteObject', ['arn:aws:s3:::b/k']],
      ['s3:DeleteObjectVersion', ['arn:aws:s3:::b/l']],
    ],
  ],
  [
    'monitoring',
    'PutMetricData',
    { Namespace: 'N' },
    [['cloudwatch:PutMetricData', ['*'], { 'cloudwatch:namespace': 'N' }]],
  ],
  [
    'logs',
    'PutLogEvents',
    { logGroupName: 'g', logStreamName: 's' },
    [['logs:PutLogEvents', [arn('logs', 'log-group:g:log-stream:s')]]],
  ],
  [
    'logs',
    'CreateLogStream',
    { logGroupName: 'g' },
    [['logs:CreateLogStream', [arn('logs', 'log-group:g:*')]]],
  ],
  ['monitoring', 'GetMetricData', {}, [['cloudwatch:GetMetricData', ['*']]]],
  ['ec2', 'DescribeInstances', {}, [['ec2:DescribeInstances', ['*']]]],
  [
    'ec2',
    'RebootInstances',
    { Action: 'RebootInstances', 'InstanceId.1': 'i-0a', 'InstanceId.2': 'i-0b' },
    [['ec2:RebootInstances', [arn('ec2', 'instance/i-0a'), arn('ec2', 'instance/i-0b')]]],
  ],
  [
    'ec2',
    'TerminateInstances',
    { 'InstanceId.1': 'i-0a' },
    [['ec2:TerminateInstances', [arn('ec2', 'instance/i-0a')]]],
  ],
  [
    'ec2',
    'RunInstances',
    {
      'LaunchTemplate.LaunchTemplateId': 'lt-0a',
      'TagSpecification.1.ResourceType': 'instance',
      'TagSpecification.1.Tag.1.Key': 'a',
    },
    [
      [
        'ec2:RunInstances',
        [
          arn('ec2', 'instance/*'),
          arn('ec2', 'network-interface/*'),
          arn('ec2', 'security-group/*'),
          arn('ec2', 'subnet/*'),
          arn('ec2', 'volume/*'),
          `arn:aws:ec2:${REGION}::image/*`,
          arn('ec2', 'launch-template/lt-0a'),
        ],
        { 'ec2:LaunchTemplate': arn('ec2', 'launch-template/lt-0a') },
      ],
      ['ec2:CreateTags', [arn('ec2', 'instance/*')], { 'ec2:CreateAction': 'RunInstances' }],
    ],
  ],
  [
    'ec2',
    'CreateSnapshot',
    { VolumeId: 'vol-0a' },
    [['ec2:CreateSnapshot', [arn('ec2', 'volume/vol-0a'), `arn:aws:ec2:${REGION}::snapshot/*`]]],
  ],
  ['ec2', 'DeleteVolume', { VolumeId: 'vol-0a' }, [['ec2:DeleteVolume', [arn('ec2', 'volume/vol-0a')]]]],
  [
    'autoscaling',
    'SetDesiredCapacity',
    { AutoScalingGroupName: 'web' },
    [['autoscaling:SetDesiredCapacity', [GROUP]]],
  ],
  [
    'autoscaling',
    'SetInstanceHealth',
    { InstanceId: 'i-0a' },
    [['autoscaling:SetInstanceHealth', [GROUP.replace(/web$/, '*')]]],
  ],
  ['autoscaling', 'DescribeAutoScalingGroups', {}, [['autoscaling:DescribeAutoScalingGroups', ['*']]]],
  [
    'ecs',
    'UpdateService',
    { cluster: 'main', service: 'shop' },
    [['ecs:UpdateService', [arn('ecs', 'service/main/shop')]]],
  ],
  [
    'ecs',
    'UpdateService',
    { service: arn('ecs', 'service/main/shop') },
    [['ecs:UpdateService', [arn('ecs', 'service/main/shop')]]],
  ],
  [
    'rds',
    'RebootDBInstance',
    { DBInstanceIdentifier: 'orders' },
    [['rds:RebootDBInstance', [arn('rds', 'db:orders')]]],
  ],
  [
    'rds',
    'FailoverDBCluster',
    { DBClusterIdentifier: 'orders', TargetDBInstanceIdentifier: 'orders-2' },
    [['rds:FailoverDBCluster', [arn('rds', 'cluster:orders'), arn('rds', 'db:orders-2')]]],
  ],
  [
    'lambda',
    'UpdateAlias',
    { FunctionName: 'shop' },
    [['lambda:UpdateAlias', [arn('lambda', 'function:shop')]]],
  ],
  [
    'lambda',
    'PutProvisionedConcurrencyConfig',
    { FunctionName: 'shop', Qualifier: 'live' },
    [['lambda:PutProvisionedConcurrencyConfig', [arn('lambda', 'function:shop:live')]]],
  ],
  [
    'ssm',
    'StartAutomationExecution',
    { DocumentName: 'Heal', DocumentVersion: '3' },
    [
      [
        'ssm:StartAutomationExecution',
        [arn('ssm', 'automation-definition/Heal:3'), arn('ssm', 'document/Heal')],
      ],
    ],
  ],
  [
    'ssm',
    'SendCommand',
    { DocumentName: 'AWS-RunShellScript', InstanceIds: ['i-0a', 'mi-0b'] },
    [
      [
        'ssm:SendCommand',
        [
          `arn:aws:ssm:${REGION}::document/AWS-RunShellScript`,
          arn('ec2', 'instance/i-0a'),
          arn('ssm', 'managed-instance/mi-0b'),
        ],
      ],
    ],
  ],
  [
    'codedeploy',
    'StopDeployment',
    { deploymentId: 'd-A' },
    [['codedeploy:StopDeployment', [arn('codedeploy', 'deploymentgroup:*/*')]]],
  ],
  [
    'cloudformation',
    'CancelUpdateStack',
    { StackName: STACK },
    [['cloudformation:CancelUpdateStack', [STACK]]],
  ],
  [
    'cloudformation',
    'RollbackStack',
    { StackName: 'shop' },
    [['cloudformation:RollbackStack', [arn('cloudformation', 'stack/shop/*')]]],
  ],
  ['cloudcontrolapi', 'UpdateResource', { TypeName: 'T' }, [['cloudformation:UpdateResource', ['*']]]],
  ['cloudtrail', 'LookupEvents', {}, [['cloudtrail:LookupEvents', ['*']]]],
];

function checksOf(service: string, operation: string, input: unknown): AccessCheck[] {
  return requiredChecks({
    service,
    operation,
    input,
    accountId: ACCOUNT,
    region: REGION,
    secretArnOf: (id) => (id === 'Token' ? SECRET : undefined),
    stateMachineArnOf: (token) => (token === 'known' ? MACHINE : undefined),
  });
}

describe('a request needs the actions AWS documents for it', () => {
  test.each(ROWS)('%s %s %j', (service, operation, input, expected) => {
    const checks = checksOf(service, operation, input);
    expect(checks.map(({ action, resources, context }) => ({ action, resources, context }))).toEqual(
      expected.map(([action, resources, context = {}]) => ({ action, resources, context })),
    );
  });

  /** Actions whose resource AWS's own tables do not list, though the service accepts it. */
  const NOT_LISTED = new Set(['states:SendTaskSuccess', 'codedeploy:StopDeployment']);

  /** An alias and a version of a function look alike, so that the tables name two kinds. */
  const ALIKE = new Set(['lambda:PutProvisionedConcurrencyConfig']);

  test('every action exists, and takes a resource of that kind, in the published tables of AWS', async () => {
    for (const [service, operation, input] of ROWS) {
      for (const { action, resources } of checksOf(service, operation, input)) {
        if (NOT_LISTED.has(action) || ALIKE.has(action)) continue;
        for (const resource of resources) {
          // Documents of AWS itself belong to no account, and the tables know those of accounts only.
          if (resource.includes('::document/')) continue;
          const outcome = await runSimulation(
            {
              request: {
                principal: ROLE,
                action,
                resource: { resource, accountId: ACCOUNT },
                contextVariables: {},
              },
              identityPolicies: [
                {
                  name: 'exact',
                  policy: {
                    Version: '2012-10-17',
                    Statement: [{ Effect: 'Allow', Action: action, Resource: resource }],
                  },
                },
              ],
              serviceControlPolicies: [],
              resourceControlPolicies: [],
            },
            {},
          );
          const errors = outcome.resultType === 'error' ? outcome.errors : undefined;
          expect({ action, resource, errors }).toEqual({ action, resource, errors: undefined });
        }
      }
    }
  });

  test('to assume a role, its trust policy must allow', () => {
    expect(checksOf('sts', 'AssumeRole', { RoleArn: ROLE })[0]?.resourcePolicyMustAllow).toBe(true);
  });

  test.each([
    ['dynamodb', 'BatchGetItem', {}, 'dynamodb:BatchGetItem'],
    ['dynamodb', 'TransactWriteItems', { TransactItems: [] }, 'dynamodb:TransactWriteItems'],
    ['events', 'PutEvents', { Entries: 'none' }, 'events:PutEvents'],
    ['s3', 'DeleteObjects', {}, 's3:DeleteObjects'],
    ['toString', 'constructor', null, 'toString:constructor'],
    ['sqs', 'constructor', null, 'sqs:constructor'],
  ])('a %s %s request that names nothing is never free', (service, operation, input, action) => {
    expect(checksOf(service, operation, input)).toEqual([{ action, resources: ['*'], context: {} }]);
  });
});
