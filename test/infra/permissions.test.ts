import { beforeAll, describe, expect, test } from 'vitest';
import { contracts } from '../../functions/index.ts';
import type { FunctionContract } from '../../shared/platform/function/contract.ts';
import { dueIndex } from '../../shared/storage/index.ts';
import {
  at,
  everything,
  functionCalled,
  inVpc,
  list,
  named,
  ofType,
  roleOf,
  type Statement,
  scheduledOf,
  statementsOf,
  synthesized,
  type Template,
  theirFunction,
  theirTopic,
} from './assembly.ts';

/** What each verb is in AWS: from the service authorization reference, not from our own table. */
const actions: Readonly<Record<string, string>> = {
  'table get': 'dynamodb:GetItem',
  'table batchGet': 'dynamodb:BatchGetItem',
  'table query': 'dynamodb:Query',
  'table put': 'dynamodb:PutItem',
  'table update': 'dynamodb:UpdateItem',
  'table delete': 'dynamodb:DeleteItem',
  'index queryDue': 'dynamodb:Query',
  'bus publish': 'events:PutEvents',
  'queue send': 'sqs:SendMessage',
  'secret read': 'secretsmanager:GetSecretValue',
  'parameters read': 'ssm:GetParameter',
  'parameters list': 'ssm:DescribeParameters',
  'function invoke': 'lambda:InvokeFunction',
  'functions invoke': 'lambda:InvokeFunction',
  'topic publish': 'sns:Publish',
  'topics publish': 'sns:Publish',
  'emails sendEmail': 'ses:SendEmail',
  'stateMachines start': 'states:StartExecution',
  'stateMachines stop': 'states:StopExecution',
  'stateMachines answer': 'states:SendTaskSuccess',
  'files put': 's3:PutObject',
  'files list': 's3:ListBucket',
  'files delete': 's3:DeleteObject',
};
const kinds: Readonly<Record<string, string>> = {
  state: 'table',
  telemetry: 'table',
  bus: 'bus',
  slots: 'queue',
  vpcSlots: 'queue',
  signals: 'queue',
  incidents: 'queue',
  undelivered: 'queue',
  alertTopic: 'topic',
  teamTopics: 'topics',
  emailIdentities: 'emails',
  linkKey: 'secret',
  adminToken: 'secret',
  checkSecrets: 'parameters',
  tester: 'function',
  vpcTester: 'function',
  teamFunctions: 'functions',
  planner: 'function',
  workflows: 'stateMachines',
  consoleFiles: 'files',
};

const ownArn = (service: string, resource: string): string =>
  `arn:<AWS::Partition>:${service}:<AWS::Region>:<AWS::AccountId>:${resource}`;

/**
 * Which actions take a resource narrower than `*`, and what is asked of each service: from the service authorization
 * reference.
 */
const describing = [
  'ec2:DescribeInstanceStatus on *',
  `ecs:DescribeServices on ${ownArn('ecs', 'service/*')}`,
  'autoscaling:DescribeAutoScalingGroups on *',
  `rds:DescribeDBInstances on ${ownArn('rds', 'db:*')}`,
];

const workflows = ['heal', 'drift', 'cost', 'rollback', 'scale'];
/** An execution is stopped by its own ARN; of a token IAM knows no resource. */
const onWorkflows = (verb: string): readonly string[] => {
  if (verb === 'answer') return ['*'];
  return workflows.map((name) =>
    verb === 'stop'
      ? ownArn('states', `execution:Homeostat-${name}:*`)
      : ownArn('states', `stateMachine:Homeostat-${name}`),
  );
};

/** What every action together reads: it describes, gets and lists. */
const reading = [
  'autoscaling:DescribeAutoScalingGroups',
  'autoscaling:DescribeAutoScalingInstances',
  'autoscaling:DescribeInstanceRefreshes',
  'cloudformation:DescribeStacks',
  'cloudformation:GetResource',
  'cloudformation:GetResourceRequestStatus',
  'cloudtrail:LookupEvents',
  'codedeploy:GetDeployment',
  'codedeploy:GetDeploymentGroup',
  'codedeploy:ListDeployments',
  'ec2:DescribeInstanceStatus',
  'ec2:DescribeInstances',
  'ec2:DescribeLaunchTemplateVersions',
  'ec2:DescribeSnapshots',
  'ec2:DescribeVolumes',
  'ecs:DescribeServices',
  'ecs:ListTaskDefinitions',
  'lambda:GetAlias',
  'lambda:GetProvisionedConcurrencyConfig',
  'lambda:ListVersionsByFunction',
  'rds:DescribeDBClusters',
  'rds:DescribeDBInstances',
  'ssm:DescribeDocument',
  'ssm:DescribeInstanceInformation',
  'ssm:GetAutomationExecution',
  'ssm:GetCommandInvocation',
];
/** Of the types that Cloud Control may patch more is read, of their own services. */
const isOfPatchedTypes = (one: string): boolean => /^(sqs|s3):(Get|List)\w+ on \*$/.test(one);

const actionFor = (resource: string, verb: string): string => {
  const action = actions[`${verb === 'queryDue' ? 'index' : kinds[resource]} ${verb}`];
  if (!action) throw new Error(`this test knows no action for ${verb} on ${resource}`);
  return action;
};

const all: readonly FunctionContract[] = Object.values(contracts);

/** A join as one text, references in angle brackets. */
const flat = (value: unknown): string => {
  if (typeof value === 'string') return value;
  const join = at(value, 'Fn::Join');
  if (Array.isArray(join)) return list(join[1]).map(flat).join(String(join[0]));
  return `<${String(at(value, 'Ref'))}>`;
};

/** The logical id of what is in the template, with `index` for that of a table and `objects` for all in a bucket; else the ARN. */
const onOf = (resource: unknown): string => {
  const id = typeof resource === 'string' ? undefined : named(resource);
  if (id === undefined || id.startsWith('AWS::')) return flat(resource);
  const text = JSON.stringify(resource);
  return `${id}${text.includes(`/index/${dueIndex}`) ? ' index' : ''}${text.includes('"/*"') ? ' objects' : ''}`;
};

/** `action on resource`, one a granted action and resource, whatever statement it stands in. */
const granted = (statements: readonly Statement[]): readonly string[] =>
  statements
    .flatMap(({ Action, Resource }) =>
      list(Action).flatMap((action) => list(Resource).map((resource) => `${action} on ${onOf(resource)}`)),
    )
    .sort();

describe('permissions of the functions', () => {
  let template: Template;
  let idOf: Readonly<Record<string, string | undefined>>;
  let lostEvents: string | undefined;
  beforeAll(async () => {
    template = await synthesized(everything);
    const [, dispatcher] = functionCalled(template, 'dispatcher');
    const environment = at(dispatcher.Properties, 'Environment', 'Variables');
    const [, notifier] = functionCalled(template, 'notifier');
    const telling = at(notifier.Properties, 'Environment', 'Variables');
    idOf = {
      state: 'State',
      telemetry: 'Telemetry',
      bus: 'Bus',
      adminToken: 'AdminToken',
      slots: named(at(environment, 'HOMEOSTAT_SLOTS')),
      vpcSlots: named(at(environment, 'HOMEOSTAT_VPC_SLOTS')),
      signals: named(at(environment, 'HOMEOSTAT_SIGNALS')),
      incidents: named(at(telling, 'HOMEOSTAT_INCIDENTS')),
      undelivered: named(at(telling, 'HOMEOSTAT_UNDELIVERED')),
      alertTopic: 'AlertTopic',
      linkKey: 'LinkKey',
      consoleFiles: 'ConsoleFiles',
      teamTopics: theirTopic,
      tester: functionCalled(template, 'tester')[0],
      vpcTester: functionCalled(template, 'vpc-tester')[0],
      teamFunctions: theirFunction,
      planner: functionCalled(template, 'planner')[0],
    };
    lostEvents = ofType(template, 'AWS::SQS::Queue').find(([id]) => id.startsWith('LostEvents'))?.[0];
  }, 60_000);

  test.each(all)(
    '$name may do what its contract declares and what Lambda needs, nothing more and nothing less',
    (contract) => {
      const [functionId, deployed] = functionCalled(template, contract.name);
      const onWhat = (resource: string, verb: string): readonly string[] => {
        if (resource === 'checkSecrets' && verb === 'list') return ['*'];
        if (resource === 'checkSecrets')
          return ['DB', 'api.token'].map((name) => ownArn('ssm', `parameter/homeostat/Homeostat/${name}`));
        if (resource === 'emailIdentities')
          return ['alerts@example.com', 'example.org'].map((name) => ownArn('ses', `identity/${name}`));
        if (resource === 'workflows') return onWorkflows(verb);
        if (resource === 'consoleFiles' && verb !== 'list') return ['ConsoleFiles objects'];
        return [`${idOf[resource]}${verb === 'queryDue' ? ' index' : ''}`];
      };
      const declared = Object.entries(contract.needs).flatMap(([resource, verbs]) => {
        if (resource === 'awsResources') return describing;
        if (resource === 'actionTargets') return reading.map((action) => `${action} on *`);
        // In a policy beside the role: that of the actions names the role, and the role's would name those of the actions.
        if (resource === 'actionRoles') return [];
        return (verbs as readonly string[]).flatMap((verb) =>
          onWhat(resource, verb).map((on) => `${actionFor(resource, verb)} on ${on}`),
        );
      });
      const logGroup = named(at(deployed.Properties, 'LoggingConfig', 'LogGroup'));
      const exempt = [`logs:CreateLogStream on ${logGroup}`, `logs:PutLogEvents on ${logGroup}`];
      if (contract.trigger.kind === 'queue') {
        const poller = ofType(template, 'AWS::Lambda::EventSourceMapping').find(
          ([, { Properties: properties }]) => named(properties.FunctionName) === functionId,
        );
        const queue = named(poller?.[1].Properties.EventSourceArn);
        for (const action of ['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'])
          exempt.push(`sqs:${action} on ${queue}`);
      }
      if (contract.trigger.kind === 'schedule') {
        const ticks = ofType(template, 'AWS::Lambda::EventInvokeConfig').find(
          ([, { Properties: properties }]) => named(properties.FunctionName) === functionId,
        );
        exempt.push(
          `sqs:SendMessage on ${named(at(ticks?.[1].Properties, 'DestinationConfig', 'OnFailure', 'Destination'))}`,
        );
      }
      if (contract.trigger.kind === 'events') exempt.push(`sqs:SendMessage on ${lostEvents}`);
      if (contract.inVpc) {
        for (const action of [
          'AssignPrivateIpAddresses',
          'CreateNetworkInterface',
          'DeleteNetworkInterface',
          'DescribeNetworkInterfaces',
          'DescribeSubnets',
          'UnassignPrivateIpAddresses',
        ]) {
          exempt.push(`ec2:${action} on *`);
        }
      }
      const allowed = granted(statementsOf(roleOf(template, contract.name)));
      expect(allowed.filter((one) => !isOfPatchedTypes(one))).toEqual([...declared, ...exempt].sort());
    },
  );

  test.each(all)(
    '$name finds every resource of its contract in its environment, and no other',
    (contract) => {
      const [, deployed] = functionCalled(template, contract.name);
      const environment = at(deployed.Properties, 'Environment', 'Variables') as Record<string, unknown>;
      const names: Readonly<Record<string, string>> = {
        state: 'HOMEOSTAT_STATE',
        telemetry: 'HOMEOSTAT_TELEMETRY',
        bus: 'HOMEOSTAT_BUS',
        slots: 'HOMEOSTAT_SLOTS',
        vpcSlots: 'HOMEOSTAT_VPC_SLOTS',
        signals: 'HOMEOSTAT_SIGNALS',
        incidents: 'HOMEOSTAT_INCIDENTS',
        undelivered: 'HOMEOSTAT_UNDELIVERED',
        alertTopic: 'HOMEOSTAT_ALERT_TOPIC',
        linkKey: 'HOMEOSTAT_LINK_KEY',
        consoleFiles: 'HOMEOSTAT_CONSOLE_FILES',
        adminToken: 'HOMEOSTAT_ADMIN_TOKEN',
        tester: 'HOMEOSTAT_TESTER',
        vpcTester: 'HOMEOSTAT_VPC_TESTER',
        planner: 'HOMEOSTAT_PLANNER',
      };
      for (const [resource, name] of Object.entries(names)) {
        expect([resource, named(environment[name])]).toEqual([
          resource,
          resource in contract.needs ? idOf[resource] : undefined,
        ]);
      }
      const opted: Readonly<Record<string, readonly [name: string, address: string]>> = {
        checkSecrets: ['HOMEOSTAT_CHECK_SECRETS', '/homeostat/Homeostat/'],
        teamFunctions: ['HOMEOSTAT_TEAM_FUNCTIONS', theirFunction],
        awsResources: ['HOMEOSTAT_AWS_RESOURCES', 'ec2,ecs,autoscaling,rds'],
        teamTopics: ['HOMEOSTAT_TEAM_TOPICS', theirTopic],
        emailIdentities: ['HOMEOSTAT_EMAIL_IDENTITIES', 'alerts@example.com,example.org'],
        workflows: ['HOMEOSTAT_WORKFLOWS', ownArn('states', 'stateMachine:Homeostat-')],
        actionTargets: [
          'HOMEOSTAT_ACTION_TARGETS',
          'ec2,autoscaling,ecs,lambda,rds,ssm,codedeploy,cloudformation,cloudtrail,sqs,s3',
        ],
      };
      const textOf = (value: unknown) => (at(value, 'Fn::Join') ? flat(value) : value);
      for (const [resource, [name, address]] of Object.entries(opted))
        expect([name, textOf(environment[name])]).toEqual([
          name,
          resource in contract.needs ? address : undefined,
        ]);
    },
  );

  const awsItself = [
    'TeamFunctions',
    'AwsResourcesEc2',
    'AwsResourcesEcs',
    'AwsResourcesAutoscaling',
    'AwsResourcesRds',
  ];
  test.each([
    ['runner', ['Telemetry', 'Bus', 'CheckSecrets', ...awsItself]],
    ['tester', ['CheckSecrets', ...awsItself]],
    ['vpc-runner', ['Telemetry', 'Bus', 'CheckSecrets']],
    ['vpc-tester', ['CheckSecrets']],
  ])('%s reaches %j and nothing of the registry (fault 27)', (name, sids) => {
    const statements = statementsOf(roleOf(template, name));
    const text = JSON.stringify(statements);
    expect(text).not.toContain('"State"');
    expect(text).not.toContain('"AdminToken"');
    expect(
      statements
        .filter(({ Sid }) => !Sid.startsWith('Own') && Sid !== 'NetworkInterfaces')
        .map(({ Sid }) => Sid),
    ).toEqual(sids);
  });

  test('only the API may call the testers, and nobody reads secrets but who looks and who tells (fault 29)', () => {
    const allowed = (action: string, on: RegExp) =>
      all
        .filter(({ name }) =>
          granted(statementsOf(roleOf(template, name))).some((one) => {
            const [what = '', resource = ''] = one.split(' on ');
            return what === action && on.test(resource);
          }),
        )
        .map(({ name }) => name)
        .sort();
    expect(allowed('lambda:InvokeFunction', /^(Vpc)?Tester/)).toEqual(['api']);
    const looking = ['runner', 'tester', 'vpc-runner', 'vpc-tester'];
    const remedying = ['planner', 'remedy-apply', 'remedy-verify', 'responder'];
    expect(allowed('ssm:GetParameter', /./)).toEqual(
      // The API by the name of the key that signs findings of others.
      ['api', ...looking, ...remedying, 'incidents', 'notifier'].sort(),
    );
    // Whoever could speak to people in the name of Homeostat could talk them into anything.
    const telling = ['incidents', 'notifier'];
    expect(allowed('sns:Publish', /./)).toEqual(telling);
    expect(allowed('ses:SendEmail', /./)).toEqual(telling);
  });

  test('what the code in the VPC runs as cannot touch network interfaces: only Lambda itself can (fault 27)', () => {
    const [statement] = statementsOf(roleOf(template, 'vpc-runner')).filter(
      ({ Sid }) => Sid === 'NetworkInterfaces',
    );
    expect(statement?.Condition).toEqual({ Null: { 'lambda:SourceFunctionArn': 'true' } });
  });

  test('no role allows an action with a wildcard, and everything is granted only where AWS knows no narrower resource', () => {
    const every = all.flatMap(({ name }) => statementsOf(roleOf(template, name)));
    const actionsOf = ofType(template, 'AWS::IAM::Role').flatMap(([, role]) => statementsOf(role));
    expect(
      actionsOf.flatMap(({ Action }) => list(Action)).filter((action) => String(action).includes('*')),
    ).toEqual([]);
    const onEverything = every.filter(({ Resource }) => list(Resource).includes('*')).map(({ Sid }) => Sid);
    const ofActions = onEverything.filter((sid) => sid.startsWith('ActionTargets'));
    expect([...new Set(onEverything.filter((sid) => !ofActions.includes(sid)))].sort()).toEqual([
      'AwsResourcesAutoscaling',
      'AwsResourcesEc2',
      'CheckSecretsNames',
      'NetworkInterfaces',
      'WorkflowsTokens',
    ]);
    const read = every.filter(({ Sid }) => ofActions.includes(Sid)).flatMap(({ Action }) => list(Action));
    expect(read.filter((action) => !/^\w+:(Describe|Get|List|Lookup)[A-Z]/.test(String(action)))).toEqual([]);
  });

  test('all secrets under the path are read by one wildcard, when the configuration says so', async () => {
    const whole = await synthesized({ secrets: ['DB', '*'] });
    const reading = granted(statementsOf(roleOf(whole, 'runner'))).filter((one) => one.startsWith('ssm:'));
    expect(reading).toEqual([`ssm:GetParameter on ${ownArn('ssm', 'parameter/homeostat/Homeostat/*')}`]);
  }, 60_000);

  test('no role has a managed policy, and no policy stands outside its role but that which takes the roles of actions', () => {
    for (const [, role] of ofType(template, 'AWS::IAM::Role'))
      expect(role.Properties.ManagedPolicyArns).toBeUndefined();
    const outside = ofType(template, 'AWS::IAM::Policy').map(([, { Properties: own }]) => own);
    expect(outside).toHaveLength(1);
    const [, apply] = functionCalled(template, 'remedy-apply');
    expect(list(outside[0]?.Roles).map(named)).toEqual([named(apply.Properties.Role)]);
    expect(ofType(template, 'AWS::IAM::ManagedPolicy')).toEqual([]);
  });

  test('a schedule may start its function, leave a missed tick, and nothing else', () => {
    const schedules = ofType(template, 'AWS::Scheduler::Schedule');
    expect(schedules).toHaveLength(scheduledOf(inVpc).length);
    for (const [, { Properties: properties }] of schedules) {
      const role = template.Resources[named(at(properties, 'Target', 'RoleArn')) ?? ''];
      expect(role && granted(statementsOf(role))).toEqual([
        `lambda:InvokeFunction on ${named(at(properties, 'Target', 'Arn'))}`,
        `sqs:SendMessage on ${named(at(properties, 'Target', 'DeadLetterConfig', 'Arn'))}`,
      ]);
    }
  });

  test('every statement carries its reason', () => {
    for (const [, role] of ofType(template, 'AWS::IAM::Role')) {
      for (const { Sid } of statementsOf(role)) {
        expect(at(role.Metadata, 'homeostat', 'why', Sid), Sid).toMatch(/\w+ \w+/);
      }
    }
  });
});

describe('permissions of the default deployment', () => {
  test('it only watches: no statement reaches anything but its own tables, bus, queues, topic, secrets, workflows and logs', async () => {
    const template = await synthesized();
    const services = ofType(template, 'AWS::IAM::Role')
      .flatMap(([, role]) => statementsOf(role))
      .flatMap(({ Action, Resource }) => {
        const on = list(Resource).map(onOf);
        const strange = on.filter((id) => !(id.replace(/ (index|objects)$/, '') in template.Resources));
        const ofWorkflows = ['start', 'stop', 'answer'].flatMap(onWorkflows);
        // Without an action that was opted in there is nothing else: no role of one, nothing that is read for one.
        expect(strange.filter((id) => !ofWorkflows.includes(id))).toEqual([]);
        return list(Action).map((action) => String(action).split(':')[0]);
      });
    expect([...new Set(services)].sort()).toEqual([
      'dynamodb',
      'events',
      'lambda',
      'logs',
      's3',
      'secretsmanager',
      'sns',
      'sqs',
      'states',
    ]);
  }, 60_000);
});
