import { describe, expect, test } from 'vitest';
import type { DeploymentResource } from '../../../../shared/catalog/index.ts';
import type { ActionKind } from '../../../../shared/platform/action-kinds.ts';
import type { Action, Proposed } from '../../../../shared/remediation/actions/action.ts';
import { actionRegistry } from '../../../../shared/remediation/actions/registry.ts';
import type { Json } from '../../../../shared/remediation/plan.ts';

const registry: Readonly<Partial<Record<ActionKind, Action>>> = actionRegistry;

type Row = {
  readonly kind: ActionKind;
  readonly image: Readonly<Record<string, Json>>;
  readonly params?: Readonly<Record<string, Json>>;
  readonly settings?: Readonly<Record<string, string>>;
  /** A sentence why not; or `expected` and `undo` of the proposal. */
  readonly answer: Partial<Record<'refused' | 'unchanged', string>> | Readonly<Record<string, unknown>>;
};

const propose = ({ kind, image, params = {}, settings }: Row): Proposed => {
  const action = registry[kind];
  const [type] = action?.resourceTypes ?? [];
  if (!action || !type) throw new Error(`there is no action ${kind}`);
  const resource: DeploymentResource = { name: 'shop', type, id: ids[type] ?? 'web', settings };
  return action.propose(image, resource, params);
};
const ids: Readonly<Record<string, string>> = {
  'ec2-instance': 'i-1',
  'ecs-service': 'main/shop',
  'rds-instance': 'orders',
  'rds-cluster': 'main',
  'lambda-alias': 'shop:live',
  'ebs-volume': 'vol-1',
};
const table = (rows: readonly Row[]) =>
  test.each(rows)('$kind $params of $image: $answer', (row) => {
    expect(propose(row)).toMatchObject(row.answer);
  });

const instance = { state: 'running', group: null, isSpot: false, isInstanceStore: false };

describe('an EC2 instance', () => {
  table([
    { kind: 'ec2-reboot', image: instance, answer: { expected: { state: 'running' }, risk: 'medium' } },
    {
      kind: 'ec2-reboot',
      image: { ...instance, state: 'stopped' },
      answer: { refused: 'i-1 is stopped: start it instead' },
    },
    {
      kind: 'ec2-reboot',
      image: { ...instance, state: 'stopping' },
      answer: { refused: 'i-1 is stopping just now: wait until that is over' },
    },
    {
      kind: 'ec2-reboot',
      image: { ...instance, state: 'terminated' },
      answer: { refused: 'i-1 is terminated: it cannot come back' },
    },
    {
      kind: 'ec2-stop',
      image: instance,
      answer: { expected: { state: 'stopped' }, undo: { kind: 'ec2-start', params: {} } },
    },
    {
      kind: 'ec2-stop',
      image: { ...instance, state: 'stopped' },
      answer: { unchanged: 'i-1 is stopped already' },
    },
    {
      kind: 'ec2-stop',
      image: { ...instance, group: 'web' },
      answer: {
        refused:
          "i-1 belongs to the Auto Scaling group web, which would replace it: set the group's capacity instead",
      },
    },
    {
      kind: 'ec2-stop',
      image: { ...instance, isSpot: true },
      answer: {
        refused: 'i-1 is a spot instance: one that is stopped may find no capacity to start again',
      },
    },
    {
      kind: 'ec2-stop',
      image: { ...instance, isInstanceStore: true },
      answer: { refused: 'i-1 has its root device in the instance store: it can only be terminated' },
    },
    {
      kind: 'ec2-start',
      image: { ...instance, state: 'stopped' },
      answer: { expected: { state: 'running' }, undo: { kind: 'ec2-stop', params: {} } },
    },
    { kind: 'ec2-start', image: instance, answer: { unchanged: 'i-1 is running already' } },
    {
      kind: 'ec2-start',
      image: { ...instance, state: 'pending' },
      answer: { refused: 'i-1 is starting just now: wait until that is over' },
    },
  ]);
});

const member = {
  group: 'web',
  desired: 2,
  lifecycle: 'InService',
  isProtected: false,
  isBeingDeleted: false,
  suspended: [],
};

describe('an instance in its group', () => {
  table([
    { kind: 'ec2-replace', image: member, answer: { expected: { lifecycle: 'gone' }, risk: 'medium' } },
    { kind: 'ec2-replace', image: { ...member, desired: 1 }, answer: { risk: 'high' } },
    {
      kind: 'ec2-replace',
      image: { ...member, isProtected: true },
      answer: { refused: 'i-1 is protected from scale-in: somebody wants to keep it as it is' },
    },
    {
      kind: 'ec2-replace',
      image: { ...member, lifecycle: 'Terminating:Wait' },
      answer: { unchanged: 'the group web is replacing i-1 already' },
    },
    {
      kind: 'ec2-replace',
      image: { ...member, lifecycle: 'Standby' },
      answer: { refused: 'i-1 is not in service in the group web, but Standby' },
    },
    {
      kind: 'ec2-replace',
      image: { ...member, suspended: ['ReplaceUnhealthy', 'Terminate'] },
      answer: {
        refused:
          'somebody suspended the processes Terminate, ReplaceUnhealthy of the group web: resume them first',
      },
    },
  ]);
});

const group = { desired: 2, min: 1, max: 4, protected: 0, suspended: [], isBeingDeleted: false };
const refreshed = { desired: 2, protected: 0, suspended: [], isBeingDeleted: false, refresh: null };

describe('an Auto Scaling group', () => {
  table([
    {
      kind: 'asg-scale',
      image: group,
      params: { by: 1 },
      answer: { expected: { desired: 3 }, undo: { kind: 'asg-scale', params: { desired: 2 } }, risk: 'low' },
    },
    {
      kind: 'asg-scale',
      image: group,
      params: { desired: 5 },
      answer: { refused: '5 is outside of what the group allows: 1 to 4' },
    },
    {
      kind: 'asg-scale',
      image: { ...group, protected: 2 },
      params: { by: -1 },
      answer: {
        refused: '2 instances of the group web are protected from scale-in: it cannot come down to 1',
      },
    },
    {
      kind: 'asg-scale',
      image: { ...group, isBeingDeleted: true },
      params: { by: 1 },
      answer: { refused: 'the group web is being deleted' },
    },
    { kind: 'asg-scale', image: { ...group, min: 0 }, params: { desired: 0 }, answer: { risk: 'high' } },
    {
      kind: 'asg-refresh',
      image: refreshed,
      answer: { undo: { kind: 'asg-refresh', params: { cancel: true } } },
    },
    {
      kind: 'asg-refresh',
      image: { ...refreshed, refresh: 'InProgress' },
      answer: { refused: 'a refresh of the group web is under way (InProgress): wait for its end' },
    },
    {
      kind: 'asg-refresh',
      image: { ...refreshed, refresh: 'InProgress' },
      params: { cancel: true },
      answer: { expected: { refresh: null } },
    },
    {
      kind: 'asg-refresh',
      image: refreshed,
      params: { cancel: true },
      answer: { unchanged: 'no refresh of the group web is under way' },
    },
    {
      kind: 'asg-refresh',
      image: { ...refreshed, protected: 2 },
      answer: {
        refused: 'every instance of the group web is protected from scale-in: none would be replaced',
      },
    },
    {
      kind: 'asg-refresh',
      image: { ...refreshed, desired: 0 },
      answer: { unchanged: 'the group web has no instance' },
    },
  ]);
});

const definition = (revision: number) =>
  `arn:aws:ecs:us-east-1:123456789012:task-definition/shop:${revision}`;
const service = {
  status: 'ACTIVE',
  desired: 2,
  taskDefinition: definition(7),
  strategy: 'REPLICA',
  controller: 'ECS',
};

describe('an ECS service', () => {
  table([
    {
      kind: 'ecs-redeploy',
      image: service,
      answer: { expected: { taskDefinition: definition(7), desired: 2 } },
    },
    {
      kind: 'ecs-redeploy',
      image: { ...service, desired: 0 },
      answer: { refused: 'the service main/shop is set to run no task: scale it instead' },
    },
    {
      kind: 'ecs-redeploy',
      image: { ...service, controller: 'CODE_DEPLOY' },
      answer: { refused: 'deployments of the service main/shop are made by CodeDeploy, not by ECS' },
    },
    {
      kind: 'ecs-redeploy',
      image: { ...service, status: 'DRAINING' },
      answer: { refused: 'ECS says the service main/shop is DRAINING: it cannot be changed' },
    },
    {
      kind: 'ecs-scale',
      image: service,
      params: { maxScale: 2 },
      answer: { expected: { desired: 3 }, undo: { kind: 'ecs-scale', params: { desired: 2 } } },
    },
    {
      kind: 'ecs-scale',
      image: service,
      params: { desired: 9 },
      settings: { minCount: '1', maxCount: '6' },
      answer: { refused: '9 is outside of what the deployment allows: 1 to 6' },
    },
    {
      kind: 'ecs-scale',
      image: { ...service, strategy: 'DAEMON' },
      params: { by: 1 },
      answer: {
        refused: 'the service main/shop runs one task on each instance: scale the instances instead',
      },
    },
    {
      kind: 'ecs-rollback',
      image: { ...service, previous: definition(6) },
      answer: {
        expected: { taskDefinition: definition(6) },
        undo: { kind: 'ecs-rollback', params: { taskDefinition: definition(7) } },
      },
    },
    {
      kind: 'ecs-rollback',
      image: { ...service, previous: null },
      answer: {
        refused: 'the service main/shop runs shop:7, and there is no older active task definition',
      },
    },
    {
      kind: 'ecs-rollback',
      image: { ...service, previous: definition(7) },
      answer: { unchanged: 'the service main/shop runs shop:7 already' },
    },
  ]);
});

const database = { status: 'available', isMultiAz: true, cluster: null };
const cluster = { status: 'available', writer: 'main-1', readers: ['main-3', 'main-2'] };

describe('a database', () => {
  table([
    { kind: 'rds-reboot', image: database, answer: { expected: { status: 'available' }, risk: 'medium' } },
    { kind: 'rds-reboot', image: { ...database, isMultiAz: false }, answer: { risk: 'high' } },
    {
      kind: 'rds-reboot',
      image: { ...database, status: 'stopped' },
      answer: { refused: 'the database orders is stopped: it can be rebooted only while it is available' },
    },
    {
      kind: 'rds-reboot',
      image: { ...database, status: 'rebooting' },
      answer: { unchanged: 'the database orders is rebooting already' },
    },
    {
      kind: 'rds-reboot',
      image: { ...database, isMultiAz: false },
      params: { forceFailover: true },
      answer: { refused: 'the database orders is in a single zone: there is no standby to fail over to' },
    },
    {
      kind: 'rds-reboot',
      image: { ...database, cluster: 'main' },
      params: { forceFailover: true },
      answer: { refused: 'the database orders belongs to the cluster main: fail the cluster over instead' },
    },
    {
      kind: 'rds-failover',
      image: cluster,
      answer: {
        expected: { writer: 'main-3' },
        undo: { kind: 'rds-failover', params: { target: 'main-1' } },
      },
    },
    {
      kind: 'rds-failover',
      image: cluster,
      params: { target: 'main-2' },
      answer: { expected: { writer: 'main-2' } },
    },
    {
      kind: 'rds-failover',
      image: cluster,
      params: { target: 'main-1' },
      answer: { unchanged: 'main-1 is the writer of the cluster main already' },
    },
    {
      kind: 'rds-failover',
      image: cluster,
      params: { target: 'other' },
      answer: { refused: 'other is no reader of the cluster main' },
    },
    {
      kind: 'rds-failover',
      image: { ...cluster, readers: [] },
      answer: { refused: 'the cluster main has no reader that could become its writer' },
    },
    {
      kind: 'rds-failover',
      image: { ...cluster, status: 'failing-over' },
      answer: { refused: 'the cluster main is failing-over: it can fail over only while it is available' },
    },
  ]);
});

const alias = { version: '7', weights: {}, previous: '6' };

describe('an alias of a function', () => {
  table([
    {
      kind: 'lambda-alias',
      image: alias,
      answer: {
        expected: { version: '6', weights: {} },
        undo: { kind: 'lambda-alias', params: { version: '7', weights: {} } },
      },
    },
    {
      kind: 'lambda-alias',
      image: { ...alias, weights: { '8': 0.1 } },
      answer: {
        expected: { version: '7', weights: {} },
        undo: { kind: 'lambda-alias', params: { version: '7', weights: { '8': 0.1 } } },
        summary: 'Set the Lambda alias shop:live from version 7 (10 percent to 8) to version 7.',
      },
    },
    {
      kind: 'lambda-alias',
      image: alias,
      params: { version: '7', weights: { '8': 0.1 } },
      answer: { expected: { version: '7', weights: { '8': 0.1 } } },
    },
    {
      kind: 'lambda-alias',
      image: alias,
      params: { version: '7' },
      answer: { unchanged: 'the alias shop:live stands at version 7 already' },
    },
    {
      kind: 'lambda-alias',
      image: { ...alias, previous: null },
      answer: { refused: 'the alias shop:live stands at version 7, and none older was published' },
    },
    {
      kind: 'lambda-alias',
      image: { version: '$LATEST', weights: {}, previous: null },
      answer: {
        refused: 'the alias shop:live stands at $LATEST, which has no previous version: publish versions',
      },
    },
    {
      kind: 'lambda-concurrency',
      image: { provisioned: 2, version: '7' },
      params: { desired: 4 },
      answer: {
        expected: { provisioned: 4 },
        undo: { kind: 'lambda-concurrency', params: { desired: 2 } },
      },
    },
    {
      kind: 'lambda-concurrency',
      image: { provisioned: 0, version: '$LATEST' },
      params: { desired: 4 },
      answer: {
        refused: 'the alias shop:live stands at $LATEST, which can have no provisioned concurrency',
      },
    },
  ]);
});

const volume = { state: 'available', attachedTo: [], sizeGib: 8, snapshot: null };

describe('an EBS volume', () => {
  table([
    { kind: 'ebs-snapshot-delete', image: volume, answer: { expected: { snapshot: 'completed' } } },
    {
      kind: 'ebs-snapshot-delete',
      image: { ...volume, snapshot: { id: 'snap-1', state: 'pending' } },
      answer: { refused: 'the snapshot snap-1 of vol-1 is pending: wait until it is complete' },
    },
    {
      kind: 'ebs-snapshot-delete',
      image: { ...volume, snapshot: { id: 'snap-1', state: 'completed' } },
      answer: { expected: { state: 'deleted' }, risk: 'high' },
    },
    {
      kind: 'ebs-snapshot-delete',
      image: { ...volume, state: 'in-use', attachedTo: ['i-1'], snapshot: { id: 's', state: 'completed' } },
      answer: { refused: 'the volume vol-1 is attached to i-1: it is in use' },
    },
  ]);
});

const old = {
  state: 'running',
  group: null,
  template: { id: 'lt-1', version: '3', instanceProfile: null },
  tags: {},
  replacement: null,
};
const beside = (isWell: boolean) => ({ ...old, replacement: { id: 'i-2', state: 'running', isWell } });

describe('an instance that is provisioned anew', () => {
  table([
    {
      kind: 'reprovision',
      image: old,
      answer: {
        expected: { replacement: 'well' },
        undo: { kind: 'reprovision', params: { discard: true } },
      },
    },
    {
      kind: 'reprovision',
      image: beside(false),
      answer: {
        refused: 'i-2, which takes the place of i-1, is running and not well yet: i-1 is not retired before',
      },
    },
    {
      kind: 'reprovision',
      image: beside(true),
      answer: { expected: { state: 'terminated' }, risk: 'high' },
    },
    {
      kind: 'reprovision',
      image: { ...old, template: { id: 'lt-1', version: '3', instanceProfile: 'shop' } },
      answer: {
        refused:
          'the launch template lt-1 gives its instances the role of shop, and Homeostat may pass no role: launch the new instance by hand, with the tag homeostat:replaces=i-1',
      },
    },
    {
      kind: 'reprovision',
      image: { ...old, group: 'web' },
      answer: { refused: 'i-1 belongs to the Auto Scaling group web: have that replace it' },
    },
    {
      kind: 'reprovision',
      image: { ...beside(true), state: 'stopped' },
      params: { discard: true },
      answer: { refused: 'i-1 is stopped: i-2 may be the only one that runs, and stays' },
    },
    {
      kind: 'reprovision',
      image: old,
      params: { discard: true },
      answer: { unchanged: 'nothing takes the place of i-1' },
    },
  ]);

  test('and a volume is never deleted without a person, whatever a policy says', () => {
    const manual = Object.entries(registry).flatMap(([kind, action]) => (action?.manualOnly ? [kind] : []));
    expect(manual).toEqual(['ebs-snapshot-delete']);
  });
});
