import { beforeAll, describe, expect, test } from 'vitest';
import { contracts } from '../../functions/index.ts';
import type { FunctionContract } from '../../shared/platform/function/contract.ts';
import { dueIndex } from '../../shared/storage/index.ts';
import {
  at,
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
};
const kinds: Readonly<Record<string, string>> = {
  state: 'table',
  telemetry: 'table',
  bus: 'bus',
  slots: 'queue',
  vpcSlots: 'queue',
  adminToken: 'secret',
};

const actionFor = (resource: string, verb: string): string => {
  const action = actions[`${verb === 'queryDue' ? 'index' : kinds[resource]} ${verb}`];
  if (!action) throw new Error(`this test knows no action for ${verb} on ${resource}`);
  return action;
};

const all: readonly FunctionContract[] = Object.values(contracts);

/** `action on resource`, one a granted action, whatever statement it stands in. */
const granted = (statements: readonly Statement[]): readonly string[] =>
  statements
    .flatMap(({ Action, Resource }) => {
      const text = JSON.stringify(Resource);
      const on =
        Resource === '*' ? '*' : `${named(Resource)}${text.includes(`/index/${dueIndex}`) ? ' index' : ''}`;
      return list(Action).map((action) => `${action} on ${on}`);
    })
    .sort();

describe('permissions of the functions', () => {
  let template: Template;
  let idOf: Readonly<Record<string, string | undefined>>;
  beforeAll(async () => {
    template = await synthesized(inVpc);
    const [, dispatcher] = functionCalled(template, 'dispatcher');
    const environment = at(dispatcher.Properties, 'Environment', 'Variables');
    idOf = {
      state: 'State',
      telemetry: 'Telemetry',
      bus: 'Bus',
      adminToken: 'AdminToken',
      slots: named(at(environment, 'HOMEOSTAT_SLOTS')),
      vpcSlots: named(at(environment, 'HOMEOSTAT_VPC_SLOTS')),
    };
  }, 60_000);

  test.each(all)(
    '$name may do what its contract declares and what Lambda needs, nothing more and nothing less',
    (contract) => {
      const [functionId, deployed] = functionCalled(template, contract.name);
      const declared = Object.entries(contract.needs).flatMap(([resource, verbs]) =>
        (verbs as readonly string[]).map(
          (verb) => `${actionFor(resource, verb)} on ${idOf[resource]}${verb === 'queryDue' ? ' index' : ''}`,
        ),
      );
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
      expect(granted(statementsOf(roleOf(template, contract.name)))).toEqual([...declared, ...exempt].sort());
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
        adminToken: 'HOMEOSTAT_ADMIN_TOKEN',
      };
      for (const [resource, name] of Object.entries(names)) {
        expect([resource, named(environment[name])]).toEqual([
          resource,
          resource in contract.needs ? idOf[resource] : undefined,
        ]);
      }
    },
  );

  test.each(['runner', 'vpc-runner'])(
    '%s reaches results and bus and nothing of the registry (fault 27)',
    (name) => {
      const statements = statementsOf(roleOf(template, name));
      const text = JSON.stringify(statements);
      expect(text).not.toContain('"State"');
      expect(text).not.toContain('"AdminToken"');
      expect(
        statements
          .filter(({ Sid }) => !Sid.startsWith('Own') && Sid !== 'NetworkInterfaces')
          .map(({ Sid }) => Sid),
      ).toEqual(['Telemetry', 'Bus']);
    },
  );

  test('what the code in the VPC runs as cannot touch network interfaces: only Lambda itself can (fault 27)', () => {
    const [statement] = statementsOf(roleOf(template, 'vpc-runner')).filter(
      ({ Sid }) => Sid === 'NetworkInterfaces',
    );
    expect(statement?.Condition).toEqual({ Null: { 'lambda:SourceFunctionArn': 'true' } });
  });

  test('no role allows an action with a wildcard, and only network interfaces are granted on everything', () => {
    const every = ofType(template, 'AWS::IAM::Role').flatMap(([, role]) => statementsOf(role));
    expect(
      every.flatMap(({ Action }) => list(Action)).filter((action) => String(action).includes('*')),
    ).toEqual([]);
    expect(every.filter(({ Resource }) => Resource === '*').map(({ Sid }) => Sid)).toEqual([
      'NetworkInterfaces',
    ]);
  });

  test('no role has a managed policy, and no policy stands outside its role', () => {
    for (const [, role] of ofType(template, 'AWS::IAM::Role'))
      expect(role.Properties.ManagedPolicyArns).toBeUndefined();
    expect(ofType(template, 'AWS::IAM::Policy')).toEqual([]);
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
  test('it only watches: no statement reaches anything but its own tables, bus, queues, secret and logs', async () => {
    const template = await synthesized();
    const services = ofType(template, 'AWS::IAM::Role')
      .flatMap(([, role]) => statementsOf(role))
      .flatMap(({ Action, Resource }) => {
        expect(named(Resource)).toSatisfy((id: string) => id in template.Resources);
        return list(Action).map((action) => String(action).split(':')[0]);
      });
    expect([...new Set(services)].sort()).toEqual([
      'dynamodb',
      'events',
      'lambda',
      'logs',
      'secretsmanager',
      'sqs',
    ]);
  }, 60_000);
});
