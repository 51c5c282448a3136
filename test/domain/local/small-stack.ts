import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RawTemplate } from '../../../infra/local/assembly.ts';
import { workerCode } from './worker-code.ts';

/** A stack as CDK would write it, small: one of each thing the host hosts, and a function that does as it is told. */

const arnOf = (logicalId: string) => ({ 'Fn::GetAtt': [logicalId, 'Arn'] });
const ref = (logicalId: string) => ({ Ref: logicalId });

const trust = (Service: string) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service } }],
});
const role = (service: string, Statement: readonly unknown[]) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: trust(service),
    Policies: [{ PolicyName: 'Own', PolicyDocument: { Version: '2012-10-17', Statement } }],
  },
});
const allow = (Sid: string, Action: readonly string[], Resource: unknown) => ({
  Sid,
  Effect: 'Allow',
  Action,
  Resource,
});

const queue = (properties: Record<string, unknown>) => ({ Type: 'AWS::SQS::Queue', Properties: properties });

const resources = {
  Items: {
    Type: 'AWS::DynamoDB::Table',
    Properties: {
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
      BillingMode: 'PAY_PER_REQUEST',
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
    },
  },
  Dead: queue({ QueueName: 'dead' }),
  Work: queue({
    QueueName: 'work',
    VisibilityTimeout: 10,
    RedrivePolicy: { deadLetterTargetArn: arnOf('Dead'), maxReceiveCount: 2 },
  }),
  Heard: queue({ QueueName: 'heard' }),
  HeardPolicy: {
    Type: 'AWS::SQS::QueuePolicy',
    Properties: {
      Queues: [ref('Heard')],
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Sid: 'RuleMaySend',
            Effect: 'Allow',
            Principal: { Service: 'events.amazonaws.com' },
            Action: 'sqs:SendMessage',
            Resource: arnOf('Heard'),
            Condition: { ArnEquals: { 'aws:SourceArn': arnOf('Rule') } },
          },
        ],
      },
    },
  },
  DeadAlarm: {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmDescription: 'Work that failed',
      Namespace: 'AWS/SQS',
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': ['Dead', 'QueueName'] } }],
    },
  },
  Bus: { Type: 'AWS::Events::EventBus', Properties: { Name: 'bus' } },
  Rule: {
    Type: 'AWS::Events::Rule',
    Properties: {
      EventBusName: ref('Bus'),
      EventPattern: { source: ['small'], 'detail-type': [{ prefix: 'thing.' }, 'matter.seen'] },
      Targets: [{ Id: 'heard', Arn: arnOf('Heard') }],
    },
  },
  Token: {
    Type: 'AWS::SecretsManager::Secret',
    Properties: { GenerateSecretString: { PasswordLength: 48, ExcludePunctuation: true } },
  },
  Logs: { Type: 'AWS::Logs::LogGroup', Properties: {} },
  WorkerRole: role('lambda.amazonaws.com', [
    allow('OwnLogs', ['logs:CreateLogStream', 'logs:PutLogEvents'], arnOf('Logs')),
    allow('Items', ['dynamodb:GetItem', 'dynamodb:PutItem'], arnOf('Items')),
    allow('Bus', ['events:PutEvents'], arnOf('Bus')),
    allow('Token', ['secretsmanager:GetSecretValue'], ref('Token')),
    allow('OwnQueue', ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], arnOf('Work')),
  ]),
  Worker: {
    Type: 'AWS::Lambda::Function',
    Metadata: { 'aws:asset:path': 'worker' },
    Properties: {
      Handler: 'index.handler',
      Role: arnOf('WorkerRole'),
      Timeout: 2,
      LoggingConfig: { LogGroup: ref('Logs'), LogFormat: 'JSON', ApplicationLogLevel: 'WARN' },
      MemorySize: 256,
      Environment: {
        Variables: {
          POWERTOOLS_SERVICE_NAME: 'worker',
          ITEMS: ref('Items'),
          BUS: ref('Bus'),
          TOKEN: ref('Token'),
          HOMEOSTAT_ADMIN_TOKEN: ref('Token'),
        },
      },
    },
  },
  Poller: {
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: {
      EventSourceArn: arnOf('Work'),
      FunctionName: ref('Worker'),
      BatchSize: 10,
      MaximumBatchingWindowInSeconds: 1,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 2 },
    },
  },
  TickRole: role('scheduler.amazonaws.com', [allow('Start', ['lambda:InvokeFunction'], arnOf('Worker'))]),
  Tick: {
    Type: 'AWS::Scheduler::Schedule',
    Properties: {
      ScheduleExpression: 'rate(1 minute)',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: {
        Arn: arnOf('Worker'),
        RoleArn: arnOf('TickRole'),
        Input: '{"note":"<aws.scheduler.scheduled-time>"}',
        RetryPolicy: { MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 0 },
      },
    },
  },
  Api: { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: 'small', ProtocolType: 'HTTP' } },
  Authorizer: {
    Type: 'AWS::ApiGatewayV2::Authorizer',
    Properties: {
      ApiId: ref('Api'),
      AuthorizerType: 'REQUEST',
      AuthorizerPayloadFormatVersion: '2.0',
      EnableSimpleResponses: true,
      AuthorizerResultTtlInSeconds: 0,
      AuthorizerUri: {
        'Fn::Join': [
          '',
          ['arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/', arnOf('Worker'), '/invocations'],
        ],
      },
    },
  },
  Integration: {
    Type: 'AWS::ApiGatewayV2::Integration',
    Properties: {
      ApiId: ref('Api'),
      IntegrationType: 'AWS_PROXY',
      IntegrationUri: arnOf('Worker'),
      PayloadFormatVersion: '2.0',
    },
  },
  ...route('Open', 'GET /open/{id}', undefined),
  ...route('Guarded', 'POST /guarded', 'Authorizer'),
  ...route('Greedy', 'ANY /all/{proxy+}', undefined),
  Stage: {
    Type: 'AWS::ApiGatewayV2::Stage',
    Properties: {
      ApiId: ref('Api'),
      StageName: '$default',
      DefaultRouteSettings: { ThrottlingRateLimit: 100, ThrottlingBurstLimit: 40 },
      AccessLogSettings: { Format: '{"route":"$context.routeKey","status":"$context.status"}' },
    },
  },
  Permission: {
    Type: 'AWS::Lambda::Permission',
    Properties: {
      Action: 'lambda:InvokeFunction',
      FunctionName: ref('Worker'),
      Principal: 'apigateway.amazonaws.com',
      SourceArn: { 'Fn::Join': ['', ['arn:aws:execute-api:us-east-1:000000000000:', ref('Api'), '/*']] },
    },
  },
  Meta: { Type: 'AWS::CDK::Metadata', Properties: { Analytics: 'none' } },
};

function route(id: string, RouteKey: string, authorizer: string | undefined): Record<string, unknown> {
  return {
    [`Route${id}`]: {
      Type: 'AWS::ApiGatewayV2::Route',
      Properties: {
        ApiId: ref('Api'),
        RouteKey,
        Target: { 'Fn::Join': ['', ['integrations/', ref('Integration')]] },
        ...(authorizer
          ? { AuthorizationType: 'CUSTOM', AuthorizerId: ref(authorizer) }
          : { AuthorizationType: 'NONE' }),
      },
    },
  };
}

export type SmallStack = { readonly assemblyDir: string; readonly dataDir: string; remove(): void };

/** Writes the stack into a new folder, with an empty data folder beside it. */
export const writeSmallStack = (change: (template: RawTemplate) => void = () => {}): SmallStack => {
  const folder = mkdtempSync(join(tmpdir(), 'homeostat-small-'));
  const assemblyDir = join(folder, 'assembly');
  mkdirSync(join(assemblyDir, 'worker'), { recursive: true });
  const template = structuredClone({ Resources: resources }) as unknown as RawTemplate;
  change(template);
  const write = (name: string, content: unknown) =>
    writeFileSync(join(assemblyDir, name), typeof content === 'string' ? content : JSON.stringify(content));
  write('manifest.json', {
    artifacts: {
      Small: { type: 'aws:cloudformation:stack', properties: { templateFile: 'Small.template.json' } },
    },
  });
  write('Small.template.json', template);
  write('worker/index.mjs', workerCode);
  return {
    assemblyDir,
    dataDir: join(folder, 'data'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
};
