import { beforeAll, describe, expect, test } from 'vitest';
import { ownSignals } from '../../shared/alerting/signals.ts';
import { routes } from '../../shared/platform/api/table.ts';
import {
  at,
  contractsOf,
  functionCalled,
  inVpc,
  list,
  named,
  ofType,
  synthesized,
  type Template,
} from './assembly.ts';

let template: Template;
let vpcTemplate: Template;
beforeAll(async () => {
  template = await synthesized();
  vpcTemplate = await synthesized(inVpc);
}, 60_000);

const propertiesOf = (type: string, from = template) =>
  ofType(from, type).map(([, { Properties: own }]) => own);

describe('what must never get another logical id', () => {
  test.each([
    ['State', 'AWS::DynamoDB::Table'],
    ['Telemetry', 'AWS::DynamoDB::Table'],
    ['AdminToken', 'AWS::SecretsManager::Secret'],
    ['LinkKey', 'AWS::SecretsManager::Secret'],
    ['AlertTopic', 'AWS::SNS::Topic'],
    ['Bus', 'AWS::Events::EventBus'],
    ['Api', 'AWS::ApiGatewayV2::Api'],
    ['ConsoleFiles', 'AWS::S3::Bucket'],
    ['Distribution', 'AWS::CloudFront::Distribution'],
  ])('%s is the %s', (logicalId, type) => {
    expect(template.Resources[logicalId]?.Type).toBe(type);
  });
});

describe('tables', () => {
  test('there are two, by pk and sk, on demand, without names, kept when the stack goes', () => {
    expect(ofType(template, 'AWS::DynamoDB::Table').map(([logicalId]) => logicalId)).toEqual([
      'State',
      'Telemetry',
    ]);
    for (const [, table] of ofType(template, 'AWS::DynamoDB::Table')) {
      expect(table.Properties.TableName).toBeUndefined();
      expect(table.Properties.BillingMode).toBe('PAY_PER_REQUEST');
      expect(table.Properties.KeySchema).toEqual([
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ]);
      expect(table.Properties.TimeToLiveSpecification).toEqual({ AttributeName: 'expiresAt', Enabled: true });
      expect([table.DeletionPolicy, table.UpdateReplacePolicy]).toEqual(['Retain', 'Retain']);
    }
  });

  test('the registry can be brought back to any second, telemetry cannot', () => {
    const recovery = (id: string) =>
      at(
        template.Resources[id]?.Properties,
        'PointInTimeRecoverySpecification',
        'PointInTimeRecoveryEnabled',
      );
    expect([recovery('State'), recovery('Telemetry')]).toEqual([true, false]);
  });

  test('the registry has the sparse index of unsent events, keys only; telemetry has no index', () => {
    expect(template.Resources.State?.Properties.GlobalSecondaryIndexes).toEqual([
      {
        IndexName: 'due',
        KeySchema: [
          { AttributeName: 'due', KeyType: 'HASH' },
          { AttributeName: 'dueAt', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      },
    ]);
    expect(template.Resources.Telemetry?.Properties.GlobalSecondaryIndexes).toBeUndefined();
  });
});

describe('queues', () => {
  const deadLetters = (from: Template) => {
    const work = ofType(from, 'AWS::SQS::Queue').filter(([, { Properties: own }]) => own.RedrivePolicy);
    const rest = ofType(from, 'AWS::SQS::Queue').filter(([, { Properties: own }]) => !own.RedrivePolicy);
    return { work, rest };
  };

  test.each([
    ['alone', 4],
    ['with a VPC', 5],
  ])('every queue that feeds a function has a dead-letter queue (%s)', (variant, count) => {
    const { work, rest } = deadLetters(variant === 'alone' ? template : vpcTemplate);
    expect(work).toHaveLength(count);
    for (const [, { Properties: own }] of work) {
      expect(rest.map(([id]) => id)).toContain(named(at(own, 'RedrivePolicy', 'deadLetterTargetArn')));
      expect(at(own, 'RedrivePolicy', 'maxReceiveCount')).toBeGreaterThanOrEqual(3);
    }
  });

  const notices = (from: Template) => deadLetters(from).rest.filter(([id]) => id.startsWith('Undelivered'));

  test('every dead-letter queue has an alarm, and every alarm an action that reaches a topic (fault 10)', () => {
    const { rest } = deadLetters(vpcTemplate);
    const alarms = propertiesOf('AWS::CloudWatch::Alarm', vpcTemplate);
    expect(alarms.map((alarm) => named(at(list(alarm.Dimensions)[0], 'Value'))).sort()).toEqual(
      rest.map(([id]) => id).sort(),
    );
    for (const alarm of alarms) {
      expect(alarm).toMatchObject({
        Namespace: 'AWS/SQS',
        MetricName: 'ApproximateNumberOfMessagesVisible',
        Threshold: 1,
        ComparisonOperator: 'GreaterThanOrEqualToThreshold',
        TreatMissingData: 'notBreaching',
      });
      const [action] = list(alarm.AlarmActions);
      expect(vpcTemplate.Resources[named(action) ?? '']?.Type).toBe('AWS::SNS::Topic');
    }
  });

  test('a dead letter waits fourteen days, and every message is encrypted and travels over TLS', () => {
    const { work, rest } = deadLetters(vpcTemplate);
    const undelivered = notices(vpcTemplate);
    for (const [id, { Properties: own }] of rest.filter(([name]) => name !== undelivered[0]?.[0]))
      expect([id, own.MessageRetentionPeriod]).toEqual([id, 1_209_600]);
    for (const [id, { Properties: own }] of [...work, ...rest]) {
      expect(own.SqsManagedSseEnabled).toBe(true);
      const policies = propertiesOf('AWS::SQS::QueuePolicy', vpcTemplate).filter(
        (policy) => named(list(policy.Queues)[0]) === id,
      );
      expect(policies.flatMap((policy) => list(at(policy, 'PolicyDocument', 'Statement')))).toContainEqual(
        expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
      );
    }
  });

  test.each([
    ['runner', 60, 70],
    ['projector', 60, 71],
    ['evaluator', 60, 71],
    ['incidents', 60, 70],
  ])('%s may run %i s, and its messages stay hidden for %i s', (name, timeout, visibility) => {
    const [functionId, deployed] = functionCalled(template, name);
    const poller = propertiesOf('AWS::Lambda::EventSourceMapping').find(
      (own) => named(own.FunctionName) === functionId,
    );
    const queue = template.Resources[named(poller?.EventSourceArn) ?? ''];
    expect([deployed.Properties.Timeout, queue?.Properties.VisibilityTimeout]).toEqual([timeout, visibility]);
  });

  test('slots vanish after ten minutes; what follows from changes waits fourteen days', () => {
    const retention = deadLetters(template).work.map(([id, { Properties: own }]) => [
      id.replace(/[0-9A-F]{8}$/, ''),
      own.MessageRetentionPeriod,
    ]);
    expect(Object.fromEntries(retention)).toEqual({
      PlanChanges: 1_209_600,
      Signals: 1_209_600,
      IncidentQueue: 1_209_600,
      Slots: 600,
    });
  });

  test('at most four queues are polled, for an idle poller costs money', () => {
    expect(propertiesOf('AWS::Lambda::EventSourceMapping')).toHaveLength(4);
    // The queue of a runner in a VPC is one more, for whoever has that.
    expect(propertiesOf('AWS::Lambda::EventSourceMapping', vpcTemplate)).toHaveLength(5);
  });

  test('incidents are decided one by one in their group, five seconds after what they are about (the group wait)', () => {
    const fifo = ofType(template, 'AWS::SQS::Queue').filter(([, { Properties: own }]) => own.FifoQueue);
    expect(fifo.map(([id]) => id.replace(/[0-9A-F]{8}$/, ''))).toEqual([
      'IncidentQueueDead',
      'IncidentQueue',
    ]);
    for (const [, { Properties: own }] of fifo) {
      expect(own).toMatchObject({
        ContentBasedDeduplication: false,
        DeduplicationScope: 'messageGroup',
        FifoThroughputLimit: 'perMessageGroupId',
      });
    }
    expect(fifo.map(([, { Properties: own }]) => own.DelaySeconds)).toEqual([undefined, 5]);
    const [functionId] = functionCalled(template, 'incidents');
    const poller = propertiesOf('AWS::Lambda::EventSourceMapping').find(
      (own) => named(own.FunctionName) === functionId,
    );
    expect(named(poller?.EventSourceArn)).toBe(fifo[1]?.[0]);
    expect(poller).toMatchObject({ BatchSize: 10, FunctionResponseTypes: ['ReportBatchItemFailures'] });
    expect(poller?.MaximumBatchingWindowInSeconds).toBeUndefined();
  });

  test('what was not delivered raises an alarm that ends by itself: nothing reads its queue, and it forgets (fault 11)', () => {
    const [[id, undelivered] = []] = notices(template);
    expect(undelivered?.Properties.MessageRetentionPeriod).toBe(600);
    const readers = propertiesOf('AWS::Lambda::EventSourceMapping').map((own) => named(own.EventSourceArn));
    expect(readers).not.toContain(id);
    const alarm = propertiesOf('AWS::CloudWatch::Alarm').find(
      (own) => named(at(list(own.Dimensions)[0], 'Value')) === id,
    );
    expect(alarm?.AlarmDescription).toContain('/notifications/undelivered');
    expect(named(list(alarm?.AlarmActions)[0])).toMatch(/^AlarmsTopic/);
  });

  test('a poller gives back only the messages that failed, and bounds its own concurrency', () => {
    for (const poller of propertiesOf('AWS::Lambda::EventSourceMapping', vpcTemplate)) {
      expect(poller.FunctionResponseTypes).toEqual(['ReportBatchItemFailures']);
      expect(at(poller, 'ScalingConfig', 'MaximumConcurrency')).toBeGreaterThanOrEqual(2);
    }
  });
});

describe('functions', () => {
  test.each(['alone', 'with a VPC'])(
    'every function is ESM on Node 24, arm64, and has a log group that forgets (%s)',
    (variant) => {
      const from = variant === 'alone' ? template : vpcTemplate;
      const functions = propertiesOf('AWS::Lambda::Function', from);
      expect(functions).toHaveLength(contractsOf(variant === 'alone' ? {} : inVpc).length);
      for (const own of functions) {
        expect(own).toMatchObject({
          Runtime: 'nodejs24.x',
          Architectures: ['arm64'],
          Handler: 'index.handler',
        });
        expect(at(own, 'LoggingConfig')).toMatchObject({
          LogFormat: 'JSON',
          SystemLogLevel: 'WARN',
          ApplicationLogLevel: 'WARN',
        });
        const logs = from.Resources[named(at(own, 'LoggingConfig', 'LogGroup')) ?? ''];
        expect([logs?.Type, logs?.Properties.RetentionInDays, logs?.DeletionPolicy]).toEqual([
          'AWS::Logs::LogGroup',
          14,
          'Delete',
        ]);
      }
    },
  );

  test('no function reserves concurrency, which fails in an account whose quota is ten', () => {
    for (const own of propertiesOf('AWS::Lambda::Function', vpcTemplate)) {
      expect(own.ReservedConcurrentExecutions).toBeUndefined();
    }
  });

  test('every function knows its account, and has the settings of its contract as text', () => {
    for (const own of propertiesOf('AWS::Lambda::Function')) {
      expect(at(own, 'Environment', 'Variables', 'HOMEOSTAT_ACCOUNT_ID')).toEqual({ Ref: 'AWS::AccountId' });
    }
    const [, api] = functionCalled(template, 'api');
    expect(at(api.Properties, 'Environment', 'Variables')).toMatchObject({
      LOG_LEVEL: 'warn',
      HOMEOSTAT_VPC_RUNNER: 'false',
      HOMEOSTAT_ALLOWED_PRIVATE_RANGES: '',
      HOMEOSTAT_DEFAULT_INTERVAL_SECONDS: '60',
      HOMEOSTAT_CHECK_SECRET_NAMES: '',
      HOMEOSTAT_TEAM_FUNCTION_ARNS: '',
      HOMEOSTAT_AWS_SERVICES: '',
    });
    for (const name of ['incidents', 'notifier']) {
      const [, telling] = functionCalled(template, name);
      // Links in notifications lead to the console.
      expect(at(telling.Properties, 'Environment', 'Variables', 'HOMEOSTAT_PUBLIC_URL')).toEqual({
        'Fn::Join': ['', ['https://', { 'Fn::GetAtt': ['Distribution', 'DomainName'] }]],
      });
    }
    const [, notifier] = functionCalled(template, 'notifier');
    expect(at(notifier.Properties, 'Environment', 'Variables', 'HOMEOSTAT_HEARTBEAT_URL')).toBe('');
    const [, runner] = functionCalled(template, 'runner');
    expect(at(runner.Properties, 'Environment', 'Variables', 'HOMEOSTAT_RETENTION_DAYS')).toBe(
      '{"results":3,"alertEvents":90,"systemLogs":14,"accessLogs":14}',
    );
  });
});

describe('schedules and rules', () => {
  test.each([
    ['dispatcher', 'rate(1 minute)', 60, 0],
    ['sweeper', 'rate(1 minute)', 60, 0],
    ['notifier', 'rate(1 minute)', 60, 0],
    ['scaler', 'rate(1 minute)', 60, 0],
    ['watchdog', 'rate(5 minutes)', 300, 2],
    ['rollup', 'cron(10 * * * ? *)', 3600, 2],
  ])(
    '%s starts at %s; a tick %i s old is a dead letter, and one that failed is tried again %i times (fault 17)',
    (name, expression, ageSeconds, retries) => {
      const [functionId] = functionCalled(template, name);
      const schedule = propertiesOf('AWS::Scheduler::Schedule').find(
        (own) => named(at(own, 'Target', 'Arn')) === functionId,
      );
      expect(schedule).toMatchObject({
        ScheduleExpression: expression,
        FlexibleTimeWindow: { Mode: 'OFF' },
        Target: {
          Input: '{"scheduledAt":"<aws.scheduler.scheduled-time>"}',
          RetryPolicy: { MaximumEventAgeInSeconds: ageSeconds, MaximumRetryAttempts: 5 },
        },
      });
      // Scheduler's own default, which is what the functions reckon with.
      expect(schedule?.ScheduleExpressionTimezone ?? 'UTC').toBe('UTC');
      const asynchronous = propertiesOf('AWS::Lambda::EventInvokeConfig').find(
        (own) => named(own.FunctionName) === functionId,
      );
      expect(asynchronous).toMatchObject({
        MaximumEventAgeInSeconds: ageSeconds,
        MaximumRetryAttempts: retries,
        Qualifier: '$LATEST',
      });
      const ends = [
        named(at(schedule, 'Target', 'DeadLetterConfig', 'Arn')),
        named(at(asynchronous, 'DestinationConfig', 'OnFailure', 'Destination')),
      ];
      for (const end of ends) expect(end).toMatch(/^MissedTicks/);
    },
  );

  test('nothing is scheduled that is not in this list', () => {
    expect(propertiesOf('AWS::Scheduler::Schedule')).toHaveLength(6);
  });

  test.each([
    'tester',
    'vpc-tester',
    'planner',
    'remedy-gate',
    'remedy-approval',
    'remedy-apply',
    'remedy-verify',
    'remedy-close',
  ])('a call of %s is never tried again by Lambda', (name) => {
    const [functionId] = functionCalled(vpcTemplate, name);
    const configs = propertiesOf('AWS::Lambda::EventInvokeConfig', vpcTemplate).filter(
      (own) => named(own.FunctionName) === functionId,
    );
    expect(configs).toEqual([expect.objectContaining({ MaximumRetryAttempts: 0, Qualifier: '$LATEST' })]);
  });

  test('who may call the testers is said by roles alone: neither schedule nor gateway nor queue starts them', () => {
    for (const name of ['tester', 'vpc-tester']) {
      const [functionId] = functionCalled(vpcTemplate, name);
      const starting = Object.entries(vpcTemplate.Resources).filter(
        ([, { Type, Properties: own }]) =>
          !['AWS::IAM::Role', 'AWS::Lambda::Function', 'AWS::Lambda::EventInvokeConfig'].includes(Type) &&
          JSON.stringify(own).includes(`"${functionId}"`),
      );
      expect(starting.map(([id]) => id)).toEqual([]);
    }
  });

  const rulesTo = (queue: string) =>
    ofType(template, 'AWS::Events::Rule').filter(([, { Properties: own }]) =>
      new RegExp(`^${queue}(?!Dead)`).test(named(at(list(own.Targets)[0], 'Arn')) ?? ''),
    );
  const isOnOwnBus = ([, { Properties: own }]: ReturnType<typeof rulesTo>[number]): boolean =>
    own.EventBusName !== undefined;

  test.each([
    ['PlanChanges', ['check.changed', 'check.paced']],
    [
      'Signals',
      [
        'check.changed',
        'check.status_changed',
        'monitor.blind',
        'rule.changed',
        'finding.changed',
        'remediation.changed',
        'alert.state_changed',
        'audit.recorded',
      ],
    ],
  ])('to the queue %s goes %j from the bus, for a day, and then to its dead letters', (queue, types) => {
    const rules = rulesTo(queue).filter(isOnOwnBus);
    expect(rules).toHaveLength(1);
    const rule = rules[0]?.[1].Properties;
    expect(rule?.EventPattern).toEqual({ source: ['homeostat'], 'detail-type': types });
    expect(named(rule?.EventBusName)).toBe('Bus');
    expect(list(rule?.Targets)).toHaveLength(1);
    const [target] = list(rule?.Targets);
    expect(at(target, 'RetryPolicy')).toEqual({
      MaximumEventAgeInSeconds: 86_400,
      MaximumRetryAttempts: 185,
    });
    expect(named(at(target, 'DeadLetterConfig', 'Arn'))).toMatch(new RegExp(`^${queue}Dead`));
  });

  test('what comes from the bus for the evaluator is what it can read: anything else would be a poison message (fault 10)', () => {
    const [rule] = rulesTo('Signals').filter(isOnOwnBus);
    const types = list(at(rule?.[1].Properties, 'EventPattern', 'detail-type'));
    expect([...types].sort()).toEqual([...ownSignals].sort());
  });

  test('alarms, findings and events of AWS come from the default bus of the account, each by a rule of its own', () => {
    const rules = rulesTo('Signals').filter((rule) => !isOnOwnBus(rule));
    expect(rules.map(([, { Properties: own }]) => own.EventPattern)).toEqual([
      { source: ['aws.cloudwatch'], 'detail-type': ['CloudWatch Alarm State Change'] },
      { source: ['aws.guardduty'], 'detail-type': ['GuardDuty Finding'] },
      { source: ['aws.securityhub'], 'detail-type': ['Security Hub Findings - Imported'] },
      { source: ['aws.health'], 'detail-type': ['AWS Health Event'] },
    ]);
    for (const [, { Properties: own }] of rules) {
      const [target] = list(own.Targets);
      expect(named(at(target, 'DeadLetterConfig', 'Arn'))).toMatch(/^SignalsDead/);
    }
  });

  test('only its own rules may send to a queue and to its dead letters on behalf of EventBridge', () => {
    expect(ofType(template, 'AWS::Events::Rule')).toHaveLength(8);
    const allowed = propertiesOf('AWS::SQS::QueuePolicy').flatMap((policy) =>
      list(at(policy, 'PolicyDocument', 'Statement'))
        .filter((statement) => at(statement, 'Effect') === 'Allow')
        .map((statement) => [
          named(list(policy.Queues)[0])?.replace(/[0-9A-F]{8}$/, ''),
          at(statement, 'Principal', 'Service'),
          named(at(statement, 'Condition', 'ArnEquals', 'aws:SourceArn')),
        ]),
    );
    const expected = ['PlanChanges', 'Signals'].flatMap((queue) =>
      rulesTo(queue).flatMap(([ruleId]) =>
        [`${queue}Dead`, queue].map((into) => [into, 'events.amazonaws.com', ruleId]),
      ),
    );
    // What no function could be started with lies apart from what no queue took.
    const lost = rulesTo('Responder').map(([ruleId]) => ['LostEvents', 'events.amazonaws.com', ruleId]);
    expect(lost).toHaveLength(2);
    expect([...allowed].sort()).toEqual([...expected, ...lost].sort());
  });
});

describe('the HTTP API', () => {
  test('has the routes of the route table and one for everything else', () => {
    const keys = propertiesOf('AWS::ApiGatewayV2::Route').map((own) => own.RouteKey);
    expect([...keys].sort()).toEqual(
      [...routes.map(({ method, path }) => `${method} ${path}`), '$default'].sort(),
    );
  });

  test('asks the authorizer on every route that is not public, and caches nothing of what it says', () => {
    const open = new Set(
      routes.filter(({ scope }) => scope === 'public').map(({ method, path }) => `${method} ${path}`),
    );
    for (const own of propertiesOf('AWS::ApiGatewayV2::Route')) {
      expect([own.RouteKey, own.AuthorizationType]).toEqual([
        own.RouteKey,
        open.has(String(own.RouteKey)) ? 'NONE' : 'CUSTOM',
      ]);
    }
    const [authorizer] = propertiesOf('AWS::ApiGatewayV2::Authorizer');
    expect(authorizer).toMatchObject({
      AuthorizerType: 'REQUEST',
      AuthorizerPayloadFormatVersion: '2.0',
      EnableSimpleResponses: true,
      AuthorizerResultTtlInSeconds: 0,
    });
    expect(authorizer?.IdentitySource).toBeUndefined();
  });

  test('is throttled and writes access logs as JSON that are forgotten', () => {
    const [stage] = propertiesOf('AWS::ApiGatewayV2::Stage');
    expect(stage).toMatchObject({
      StageName: '$default',
      AutoDeploy: true,
      DefaultRouteSettings: { ThrottlingRateLimit: 100, ThrottlingBurstLimit: 200 },
    });
    expect(JSON.parse(String(at(stage, 'AccessLogSettings', 'Format')))).toMatchObject({
      status: '$context.status',
    });
    const logs = template.Resources[named(at(stage, 'AccessLogSettings', 'DestinationArn')) ?? ''];
    expect(logs?.Properties.RetentionInDays).toBe(14);
  });

  test('may be the only one to start the functions behind it', () => {
    const [responderId] = functionCalled(template, 'responder');
    const permissions = propertiesOf('AWS::Lambda::Permission').filter(
      ({ FunctionName }) => named(FunctionName) !== responderId,
    );
    const started = permissions.map(({ FunctionName }) => named(FunctionName)).sort();
    const behind = ['api', 'authorizer', 'page', 'status'].map((name) => functionCalled(template, name)[0]);
    expect(started).toEqual(behind.sort());
    for (const permission of permissions) {
      expect(permission).toMatchObject({
        Action: 'lambda:InvokeFunction',
        Principal: 'apigateway.amazonaws.com',
      });
      expect(JSON.stringify(permission.SourceArn)).toContain('{"Ref":"Api"}');
    }
  });
});

describe('topics', () => {
  test('take messages over TLS only; the one of alerts lets no service in, the one of alarms CloudWatch', () => {
    const statements = propertiesOf('AWS::SNS::TopicPolicy').map((policy) => [
      named(list(policy.Topics)[0]) === 'AlertTopic' ? 'alerts' : 'alarms',
      list(at(policy, 'PolicyDocument', 'Statement')).map((statement) => [
        at(statement, 'Effect'),
        at(statement, 'Principal', 'Service') ?? at(statement, 'Condition', 'Bool', 'aws:SecureTransport'),
      ]),
    ]);
    expect(Object.fromEntries(statements as [string, unknown][])).toEqual({
      alarms: [
        ['Allow', 'cloudwatch.amazonaws.com'],
        ['Deny', 'false'],
      ],
      alerts: [['Deny', 'false']],
    });
  });
});

test('the key that signs links is made by Secrets Manager at deploy, and goes away with the stack (fault 29)', () => {
  const { LinkKey } = template.Resources;
  expect(LinkKey?.Properties.GenerateSecretString).toEqual({ PasswordLength: 64, ExcludePunctuation: true });
  expect(LinkKey?.Properties.SecretString).toBeUndefined();
  expect(LinkKey?.DeletionPolicy).toBe('Delete');
});

describe('the first admin token (fault 29)', () => {
  test('is made by Secrets Manager at deploy and stands nowhere in the template', () => {
    expect(template.Resources.AdminToken?.Properties.GenerateSecretString).toEqual({
      PasswordLength: 48,
      ExcludePunctuation: true,
    });
    expect(template.Resources.AdminToken?.Properties.SecretString).toBeUndefined();
    expect(JSON.stringify(template)).not.toContain('{{resolve:');
  });

  test('goes away with the stack', () => {
    expect(template.Resources.AdminToken?.DeletionPolicy).toBe('Delete');
  });
});

test('the outputs say where console and API are, how to get the token, and how bus and tables are called', () => {
  expect(Object.keys(template.Outputs).sort()).toEqual([
    'AdminTokenCommand',
    'AlertTopicArn',
    'ApiUrl',
    'BusName',
    'ConsoleUrl',
    'SecretsPath',
    'StateTableName',
    'TelemetryTableName',
  ]);
  expect(template.Outputs.SecretsPath?.Value).toBe('/homeostat/Homeostat/');
  expect(template.Outputs.ApiUrl?.Value).toEqual({ 'Fn::GetAtt': ['Api', 'ApiEndpoint'] });
  expect(JSON.stringify(template.Outputs.AdminTokenCommand?.Value)).toMatch(
    /aws secretsmanager get-secret-value .*"Ref":"AdminToken"/,
  );
});
