import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AwsService, openAwsStates } from '../../../shared/platform/aws/aws-states.aws.ts';

/** What AWS answers next, in its own words. */
let answer = { status: 200, type: 'text/xml', body: '' };
let server: Server;

beforeAll(async () => {
  server = createServer((request, response) => {
    request.resume().on('end', () => {
      response.writeHead(answer.status, { 'content-type': answer.type });
      response.end(answer.body);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'example',
  });
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const states = openAwsStates('ec2,ecs,autoscaling,rds');
const ask = (service: AwsService, id: string) => states.describe(service, id, AbortSignal.timeout(10_000));
const xml = (body: string, status = 200) => {
  answer = { status, type: 'text/xml', body };
};
const json = (body: unknown) => {
  answer = { status: 200, type: 'application/x-amz-json-1.1', body: JSON.stringify(body) };
};

const instance = (state: string, own: string, system: string, disk: string) =>
  `<DescribeInstanceStatusResponse><instanceStatusSet><item><instanceId>i-0a1b2c3d</instanceId>
  <instanceState><name>${state}</name></instanceState><instanceStatus><status>${own}</status></instanceStatus>
  <systemStatus><status>${system}</status></systemStatus><attachedEbsStatus><status>${disk}</status></attachedEbsStatus>
  </item></instanceStatusSet></DescribeInstanceStatusResponse>`;

test.each([
  ['running', 'ok', 'ok', 'ok', true],
  ['running', 'initializing', 'initializing', 'initializing', true],
  ['running', 'insufficient-data', 'ok', 'ok', true],
  ['running', 'impaired', 'ok', 'ok', false],
  ['running', 'ok', 'impaired', 'ok', false],
  ['running', 'ok', 'ok', 'impaired', false],
] as const)('an instance that is %s, %s, %s, %s is well: %s', async (state, own, system, disk, isWell) => {
  xml(instance(state, own, system, disk));
  expect(await ask('ec2', 'i-0a1b2c3d')).toEqual({
    isWell,
    says: `EC2 says the instance is running, instance status ${own}, system status ${system}, EBS status ${disk}`,
  });
});

test.each(['pending', 'shutting-down', 'terminated', 'stopping', 'stopped'])(
  'an instance that is %s is not well',
  async (state) => {
    xml(instance(state, 'not-applicable', 'not-applicable', 'not-applicable'));
    expect(await ask('ec2', 'i-0a1b2c3d')).toEqual({
      isWell: false,
      says: `EC2 says the instance is ${state}`,
    });
  },
);

test('an instance that AWS never heard of is not well', async () => {
  const code = 'InvalidInstanceID.NotFound';
  xml(`<Response><Errors><Error><Code>${code}</Code><Message>no</Message></Error></Errors></Response>`, 400);
  expect(await ask('ec2', 'i-0a1b2c3d')).toEqual({
    isWell: false,
    says: 'there is no EC2 instance i-0a1b2c3d',
  });
});

const service = (runningCount: number, desiredCount: number, rollout: Record<string, unknown>) => ({
  services: [
    {
      status: 'ACTIVE',
      runningCount,
      desiredCount,
      deployments: [
        { status: 'PRIMARY', failedTasks: 0, ...rollout },
        { status: 'ACTIVE', failedTasks: 9 },
      ],
    },
  ],
});
test.each([
  [2, 2, { rolloutState: 'COMPLETED' }, true, 'ECS says 2 of 2 tasks run'],
  [1, 2, { rolloutState: 'COMPLETED' }, false, 'ECS says 1 of 2 tasks run'],
  [3, 2, { rolloutState: 'IN_PROGRESS' }, true, 'ECS says 3 of 2 tasks run, a deployment is in progress'],
  [
    2,
    2,
    { rolloutState: 'IN_PROGRESS', failedTasks: 4 },
    false,
    'ECS says 2 of 2 tasks run, its deployment fails (4 tasks failed)',
  ],
  [
    2,
    2,
    { rolloutState: 'FAILED', rolloutStateReason: 'circuit breaker', failedTasks: 4 },
    false,
    'ECS says 2 of 2 tasks run, its deployment fails: circuit breaker (4 tasks failed)',
  ],
])('a service with %i of %i tasks and %j is well: %s', async (running, desired, rollout, isWell, says) => {
  json(service(running, desired, rollout));
  expect(await ask('ecs', 'main/shop')).toEqual({ isWell, says });
});

test('a service that drains is not well', async () => {
  json({ services: [{ status: 'DRAINING', runningCount: 2, desiredCount: 0, deployments: [] }] });
  expect(await ask('ecs', 'main/shop')).toEqual({ isWell: false, says: 'ECS says the service is DRAINING' });
});

const group = (instances: readonly (readonly [string, string])[], more = '') =>
  `<DescribeAutoScalingGroupsResponse><DescribeAutoScalingGroupsResult><AutoScalingGroups><member>
  <AutoScalingGroupName>workers</AutoScalingGroupName><DesiredCapacity>2</DesiredCapacity>${more}<Instances>
  ${instances
    .map(
      ([state, health]) =>
        `<member><LifecycleState>${state}</LifecycleState><HealthStatus>${health}</HealthStatus></member>`,
    )
    .join('')}
  </Instances></member></AutoScalingGroups></DescribeAutoScalingGroupsResult></DescribeAutoScalingGroupsResponse>`;
test.each([
  [
    [
      ['InService', 'Healthy'],
      ['InService', 'Healthy'],
    ],
    true,
    2,
  ],
  [
    [
      ['InService', 'Healthy'],
      ['InService', 'Unhealthy'],
    ],
    false,
    1,
  ],
  [
    [
      ['InService', 'Healthy'],
      ['Pending', 'Healthy'],
    ],
    false,
    1,
  ],
  [
    [
      ['InService', 'Healthy'],
      ['InService', 'Healthy'],
      ['Terminating', 'Unhealthy'],
    ],
    true,
    2,
  ],
] as const)('a group of %j is well: %s', async (instances, isWell, inService) => {
  xml(group(instances));
  expect(await ask('autoscaling', 'workers')).toEqual({
    isWell,
    says: `Auto Scaling says ${inService} of 2 instances are in service and healthy`,
  });
});

test('a group that is being deleted is not well', async () => {
  xml(
    group(
      [
        ['InService', 'Healthy'],
        ['InService', 'Healthy'],
      ],
      '<Status>Delete in progress</Status>',
    ),
  );
  expect(await ask('autoscaling', 'workers')).toEqual({
    isWell: false,
    says: 'Auto Scaling says of the group: Delete in progress',
  });
});

test.each([
  ['available', true],
  ['backing-up', true],
  ['modifying', true],
  ['rebooting', false],
  ['stopped', false],
  ['storage-full', false],
  ['failed', false],
  ['something AWS adds later', false],
])('a database instance that is %s is well: %s', async (status, isWell) => {
  xml(
    `<DescribeDBInstancesResponse><DescribeDBInstancesResult><DBInstances><DBInstance><DBInstanceStatus>${status}</DBInstanceStatus></DBInstance></DBInstances></DescribeDBInstancesResult></DescribeDBInstancesResponse>`,
  );
  expect(await ask('rds', 'orders')).toEqual({ isWell, says: `RDS says the instance is ${status}` });
});
