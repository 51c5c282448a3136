import { CfnQueue } from 'aws-cdk-lib/aws-sqs';
import { Stack } from 'aws-cdk-lib/core';
import { describe, expect, test } from 'vitest';
import type { StackConfigInput } from '../../infra/config.ts';
import {
  at,
  contractsOf,
  everything,
  functionCalled,
  inVpc,
  list,
  named,
  ofType,
  scheduledOf,
  synthesized,
  type Template,
  theirFunction,
  theirTopic,
} from './assembly.ts';

const slow = 60_000;
const serviceOf = (properties: unknown): string =>
  String(at(properties, 'Environment', 'Variables', 'POWERTOOLS_SERVICE_NAME'));
const variablesOf = (template: Template, name: string): Readonly<Record<string, unknown>> =>
  at(functionCalled(template, name)[1].Properties, 'Environment', 'Variables') as Record<string, unknown>;

describe('a runner in a VPC', () => {
  test(
    'is there only when a VPC is configured, and then in its subnets and security groups',
    async () => {
      const alone = await synthesized();
      expect(JSON.stringify(alone)).not.toContain('VpcConfig');
      expect(Object.keys(alone.Resources).filter((id) => id.startsWith('Vpc'))).toEqual([]);

      const template = await synthesized(inVpc);
      const [, runner] = functionCalled(template, 'vpc-runner');
      expect(runner.Properties.VpcConfig).toEqual({
        SubnetIds: ['subnet-0a1b2c3d', 'subnet-1a2b3c4d'],
        SecurityGroupIds: ['sg-0a1b2c3d'],
      });
      const placed = ofType(template, 'AWS::Lambda::Function').filter(
        ([, { Properties: own }]) => own.VpcConfig,
      );
      expect(placed.map(([, { Properties: own }]) => serviceOf(own)).sort()).toEqual([
        'vpc-runner',
        'vpc-tester',
      ]);
    },
    slow,
  );

  test(
    'has a queue of its own, which dispatcher, projector and API send to',
    async () => {
      const template = await synthesized(inVpc);
      for (const name of ['dispatcher', 'projector', 'api']) {
        const [, own] = functionCalled(template, name);
        const queue = named(at(own.Properties, 'Environment', 'Variables', 'HOMEOSTAT_VPC_SLOTS'));
        expect(template.Resources[queue ?? '']?.Properties.VisibilityTimeout).toBe(70);
      }
      const [, api] = functionCalled(template, 'api');
      expect(at(api.Properties, 'Environment', 'Variables', 'HOMEOSTAT_VPC_RUNNER')).toBe('true');
    },
    slow,
  );
});

describe('what an organisation asks of a stack', () => {
  test(
    'prefix, path, boundary and tags are on everything they can be on',
    async () => {
      const template = await synthesized({
        ...inVpc,
        namePrefix: 'team-a',
        rolePath: '/monitoring/',
        permissionsBoundaryArn: 'arn:aws:iam::111122223333:policy/boundary',
        tags: { owner: 'platform' },
        actions: { 'ec2-reboot': { tags: { heal: 'yes' } }, webhook: {} },
      });
      const roles = ofType(template, 'AWS::IAM::Role');
      // One a function, a schedule and a workflow; and of the two actions below one for that which calls AWS.
      expect(roles).toHaveLength(contractsOf(inVpc).length + scheduledOf(inVpc).length + 5 + 1);
      for (const [, { Properties: own }] of roles) {
        expect([own.Path, own.PermissionsBoundary]).toEqual([
          '/monitoring/',
          'arn:aws:iam::111122223333:policy/boundary',
        ]);
        // CloudFormation makes the name up and begins it with the stack's, which begins with the prefix.
        expect(own.RoleName).toBeUndefined();
      }
      const cannot = new Set([
        'AWS::ApiGatewayV2::Authorizer',
        'AWS::ApiGatewayV2::Integration',
        'AWS::ApiGatewayV2::Route',
        'AWS::CloudFront::CachePolicy',
        'AWS::CloudFront::OriginAccessControl',
        'AWS::CloudFront::ResponseHeadersPolicy',
        'AWS::IAM::Policy',
        'AWS::Lambda::EventInvokeConfig',
        'AWS::Lambda::Permission',
        'AWS::S3::BucketPolicy',
        'AWS::SNS::TopicPolicy',
        'AWS::SQS::QueuePolicy',
        'AWS::Scheduler::Schedule',
        'Custom::ConsoleFiles',
      ]);
      const untagged = Object.values(template.Resources).filter(({ Type, Properties: own }) => {
        const tags = JSON.stringify(own.Tags ?? []);
        return !cannot.has(Type) && !tags.includes('platform');
      });
      expect([...new Set(untagged.map(({ Type }) => Type))]).toEqual([]);
    },
    slow,
  );

  test(
    'the stack is called by the prefix, and so is all that takes its name',
    async () => {
      const names: string[] = [];
      await synthesized(
        { namePrefix: 'team-a' },
        {
          extend: (app) =>
            app.node.addValidation({
              validate: () => {
                for (const child of app.node.children) if (Stack.isStack(child)) names.push(child.stackName);
                return [];
              },
            }),
        },
      );
      expect(names).toEqual(['team-a-Homeostat']);
    },
    slow,
  );

  test(
    'tables go with the stack when the configuration says so',
    async () => {
      const template = await synthesized({ tableRemovalPolicy: 'destroy' });
      for (const [, table] of ofType(template, 'AWS::DynamoDB::Table')) {
        expect([table.DeletionPolicy, table.UpdateReplacePolicy]).toEqual(['Delete', 'Delete']);
      }
    },
    slow,
  );

  test(
    'log groups forget after the configured days, and functions log at the configured level',
    async () => {
      const template = await synthesized({
        retentionDays: { systemLogs: 7, accessLogs: 90 },
        logLevel: 'debug',
      });
      const days = ofType(template, 'AWS::Logs::LogGroup').map(([id, { Properties: own }]) => [
        id.startsWith('HttpApiAccessLogs'),
        own.RetentionInDays,
      ]);
      expect(days.filter(([access]) => access)).toEqual([[true, 90]]);
      expect(new Set(days.filter(([access]) => !access).map(([, kept]) => kept))).toEqual(new Set([7]));
      const [, runner] = functionCalled(template, 'runner');
      expect(at(runner.Properties, 'LoggingConfig', 'ApplicationLogLevel')).toBe('DEBUG');
      expect(at(runner.Properties, 'Environment', 'Variables', 'LOG_LEVEL')).toBe('debug');
    },
    slow,
  );

  test(
    'alerts and alarms reach the configured address, and only then have their topics a subscriber',
    async () => {
      expect(ofType(await synthesized(), 'AWS::SNS::Subscription')).toEqual([]);
      const template = await synthesized({ alertEmail: 'ops@example.com' });
      const subscriptions = ofType(template, 'AWS::SNS::Subscription');
      for (const [, subscription] of subscriptions)
        expect(subscription.Properties).toMatchObject({ Protocol: 'email', Endpoint: 'ops@example.com' });
      const topics = ofType(template, 'AWS::SNS::Topic').map(([topicId]) => topicId);
      expect(topics).toHaveLength(2);
      expect(subscriptions.map(([, { Properties: own }]) => named(own.TopicArn)).sort()).toEqual(
        [...topics].sort(),
      );
    },
    slow,
  );

  test(
    'CloudWatch may still publish to the topic, although it has a policy of its own',
    async () => {
      const [[, policy] = []] = ofType(await synthesized(), 'AWS::SNS::TopicPolicy');
      expect(list(at(policy?.Properties, 'PolicyDocument', 'Statement'))).toContainEqual(
        expect.objectContaining({
          Effect: 'Allow',
          Principal: { Service: 'cloudwatch.amazonaws.com' },
          Action: 'sns:Publish',
          Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
        }),
      );
    },
    slow,
  );
});

describe('what a configuration opts in', () => {
  test(
    'is found by API, runners and testers as settings and addresses',
    async () => {
      const template = await synthesized({
        ...everything,
        namePrefix: 'team-a',
        awsServices: ['ec2', 'rds'],
        canaries: ['dns.google:443', 'one.one.one.one:443'],
        vpcCanaries: ['10.0.0.2:443'],
      });
      for (const name of ['runner', 'vpc-runner', 'tester', 'vpc-tester']) {
        const isOutside = !name.startsWith('vpc');
        const { HOMEOSTAT_CHECK_SECRETS, HOMEOSTAT_TEAM_FUNCTIONS, HOMEOSTAT_AWS_RESOURCES } = variablesOf(
          template,
          name,
        );
        expect([HOMEOSTAT_CHECK_SECRETS, HOMEOSTAT_TEAM_FUNCTIONS, HOMEOSTAT_AWS_RESOURCES]).toEqual([
          '/homeostat/team-a-Homeostat/',
          isOutside ? theirFunction : undefined,
          isOutside ? 'ec2,rds' : undefined,
        ]);
      }
      for (const name of ['runner', 'vpc-runner']) {
        expect(variablesOf(template, name)).toMatchObject({
          HOMEOSTAT_CANARIES: 'dns.google:443,one.one.one.one:443',
          HOMEOSTAT_VPC_CANARIES: '10.0.0.2:443',
        });
      }
      expect(variablesOf(template, 'api')).toMatchObject({
        HOMEOSTAT_CHECK_SECRETS: '/homeostat/team-a-Homeostat/',
        HOMEOSTAT_CHECK_SECRET_NAMES: 'DB,api.token',
        HOMEOSTAT_TEAM_FUNCTION_ARNS: theirFunction,
        HOMEOSTAT_AWS_SERVICES: 'ec2,rds',
      });
    },
    slow,
  );

  test(
    'is found by those who tell as topics, identities, address and heartbeat',
    async () => {
      const template = await synthesized({
        ...everything,
        secrets: ['BEAT'],
        publicUrl: 'https://monitoring.example.com/',
        heartbeatUrl: `\${secret:BEAT}`,
      });
      expect(variablesOf(template, 'incidents')).toMatchObject({
        HOMEOSTAT_TEAM_TOPICS: theirTopic,
        HOMEOSTAT_EMAIL_IDENTITIES: 'alerts@example.com,example.org',
        HOMEOSTAT_PUBLIC_URL: 'https://monitoring.example.com',
      });
      expect(variablesOf(template, 'notifier')).toMatchObject({
        HOMEOSTAT_PUBLIC_URL: 'https://monitoring.example.com',
        HOMEOSTAT_HEARTBEAT_URL: `\${secret:BEAT}`,
      });
    },
    slow,
  );

  test(
    'of services of AWS only those that are listed are listened to',
    async () => {
      const sources = async (externalSources: readonly string[]) =>
        ofType(await synthesized({ externalSources: [...externalSources] }), 'AWS::Events::Rule')
          .filter(([, { Properties: own }]) => own.EventBusName === undefined)
          .map(([, { Properties: own }]) => at(own.EventPattern, 'source'));
      // How the stack's own executions end is always listened to.
      expect(await sources([])).toEqual([['aws.states']]);
      expect((await sources(['health'])).sort()).toEqual([['aws.health'], ['aws.states']]);
    },
    slow,
  );

  test(
    'is not there without it: neither functions nor services of AWS have an address',
    async () => {
      const template = await synthesized();
      for (const name of ['runner', 'tester']) {
        const variables = variablesOf(template, name);
        expect([variables.HOMEOSTAT_TEAM_FUNCTIONS, variables.HOMEOSTAT_AWS_RESOURCES]).toEqual([
          undefined,
          undefined,
        ]);
      }
      const telling = variablesOf(template, 'incidents');
      expect([telling.HOMEOSTAT_TEAM_TOPICS, telling.HOMEOSTAT_EMAIL_IDENTITIES]).toEqual([
        undefined,
        undefined,
      ]);
      expect(variablesOf(template, 'api').HOMEOSTAT_VPC_TESTER).toBeUndefined();
    },
    slow,
  );
});

describe('the rules of AwsSolutions (cdk-nag)', () => {
  test.each([
    ['the default stack', {}],
    ['the stack with a VPC', { ...inVpc, alertEmail: 'ops@example.com' }],
    ['the stack that reaches all it can', everything],
    ['the stack that may read every secret under its path', { secrets: ['*'] }],
  ] satisfies [string, StackConfigInput][])(
    '%s keeps them all, or says why not beside the construct',
    async (_, input) => {
      await expect(synthesized(input, { checked: true })).resolves.toHaveProperty('Resources');
    },
    slow,
  );

  test(
    'a construct that breaks one stops the synthesis with the name of the rule',
    async () => {
      const careless = synthesized(
        {},
        { checked: true, extend: (app) => new CfnQueue(new Stack(app, 'Careless'), 'Open') },
      );
      await expect(careless).rejects.toThrow(/AwsSolutions-SQS4/);
    },
    slow,
  );
});
