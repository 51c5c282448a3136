import {
  AutoScalingClient,
  type AutoScalingGroup,
  CreateAutoScalingGroupCommand,
  CreateLaunchConfigurationCommand,
  DescribeAutoScalingGroupsCommand,
  SetDesiredCapacityCommand,
  SetInstanceHealthCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  DescribeInstancesCommand,
  EC2Client,
  RunInstancesCommand,
  StopInstancesCommand,
} from '@aws-sdk/client-ec2';
import {
  CreateClusterCommand,
  CreateServiceCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import { DescribeDocumentCommand, SSMClient } from '@aws-sdk/client-ssm';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RawTemplate } from '../../../infra/local/assembly.ts';
import { type Host, startHost } from '../../../infra/local/host.ts';
import { writeSmallStack } from '../../domain/local/small-stack.ts';
import { startMoto } from './moto.ts';

/**
 * Roles of actions on one machine: the template names its own account and region, plans and configurations those of the
 * account behind the gateway, and tags are asked for there.
 */

const account = '123456789012';
const region = 'eu-central-1';
const roleArn = 'arn:aws:iam::000000000000:role/Act';
const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'anything' };
const stack = writeSmallStack();
let moto: Awaited<ReturnType<typeof startMoto>>;
let host: Host;
let groupArn = '';
const instances: { tagged?: string; untagged?: string } = {};

const byTag = { StringEquals: { 'aws:ResourceTag/homeostat': 'heal' } };
const allowed = () => [
  {
    Effect: 'Allow',
    Action: 'ec2:StopInstances',
    Resource: 'arn:aws:ec2:us-east-1:000000000000:instance/*',
    Condition: byTag,
  },
  {
    Effect: 'Allow',
    Action: 'ecs:UpdateService',
    Resource: 'arn:aws:ecs:us-east-1:000000000000:service/*',
    Condition: byTag,
  },
  // As the configuration lists it.
  {
    Effect: 'Allow',
    Action: ['autoscaling:SetDesiredCapacity', 'autoscaling:SetInstanceHealth'],
    Resource: groupArn,
  },
];
const withRole = ({ Resources }: RawTemplate): void => {
  const Version = '2012-10-17';
  const trust = { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: '000000000000' } };
  Resources.Act = {
    Type: 'AWS::IAM::Role',
    Properties: {
      RoleName: 'Act',
      AssumeRolePolicyDocument: { Version, Statement: [trust] },
      Policies: [{ PolicyName: 'Own', PolicyDocument: { Version, Statement: allowed() } }],
    },
  };
};

const furnish = async (): Promise<void> => {
  const settings = { endpoint: moto.endpoint, region, credentials };
  const ec2 = new EC2Client(settings);
  for (const name of ['tagged', 'untagged'] as const) {
    const Tags = name === 'tagged' ? [{ Key: 'homeostat', Value: 'heal' }] : [];
    const { Instances = [] } = await ec2.send(
      new RunInstancesCommand({
        ImageId: 'ami-12c6146b',
        MinCount: 1,
        MaxCount: 1,
        ...(Tags.length > 0 && { TagSpecifications: [{ ResourceType: 'instance', Tags }] }),
      }),
    );
    instances[name] = Instances[0]?.InstanceId ?? '';
  }
  const groups = new AutoScalingClient(settings);
  const LaunchConfigurationName = 'web';
  await groups.send(
    new CreateLaunchConfigurationCommand({
      LaunchConfigurationName,
      ImageId: 'ami-12c6146b',
      InstanceType: 't3.micro',
    }),
  );
  for (const AutoScalingGroupName of ['web', 'other']) {
    await groups.send(
      new CreateAutoScalingGroupCommand({
        AutoScalingGroupName,
        LaunchConfigurationName,
        AvailabilityZones: ['eu-central-1a'],
        MinSize: 1,
        MaxSize: 4,
        DesiredCapacity: 1,
      }),
    );
  }
  groupArn = (await group('web')).AutoScalingGroupARN ?? '';
  const ecs = new ECSClient(settings);
  await ecs.send(new CreateClusterCommand({ clusterName: 'main' }));
  await ecs.send(
    new RegisterTaskDefinitionCommand({
      family: 'shop',
      containerDefinitions: [{ name: 'shop', image: 'shop', memory: 128 }],
    }),
  );
  for (const [serviceName, tags] of [
    ['shop', [{ key: 'homeostat', value: 'heal' }]],
    ['bank', []],
  ] as const) {
    await ecs.send(
      new CreateServiceCommand({
        cluster: 'main',
        serviceName,
        taskDefinition: 'shop',
        desiredCount: 1,
        tags: [...tags],
      }),
    );
  }
};
const group = async (name: string): Promise<Partial<AutoScalingGroup>> => {
  const client = new AutoScalingClient({ endpoint: moto.endpoint, region, credentials });
  const answer = await client.send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] }));
  return answer.AutoScalingGroups?.[0] ?? {};
};
const instanceIn = async (name: string): Promise<string> =>
  (await group(name)).Instances?.[0]?.InstanceId ?? '';
const stateOf = async (id: string | undefined) => {
  const client = new EC2Client({ endpoint: moto.endpoint, region, credentials });
  const answer = await client.send(new DescribeInstancesCommand({ InstanceIds: [id ?? ''] }));
  return answer.Reservations?.[0]?.Instances?.[0]?.State?.Name;
};

beforeAll(async () => {
  moto = await startMoto();
  await furnish();
  host = await startHost({
    assemblyDir: stack.assemblyDir,
    catchUp: false,
    awsAccount: { credentials: async () => credentials, region, endpoint: moto.endpoint },
    patchTemplate: withRole,
  });
});
afterAll(async () => {
  await host?.stop();
  await moto?.stop();
  stack.remove();
});

/** Clients with a session of the role, narrowed to this. */
const session = async (Action: string, Resource: string) => {
  const { endpoint, region: homeRegion, credentials: own } = host.aws;
  const { Credentials } = await new STSClient({ endpoint, region: homeRegion, credentials: own }).send(
    new AssumeRoleCommand({
      RoleArn: roleArn,
      RoleSessionName: 'plan',
      Policy: JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource }] }),
    }),
  );
  return {
    endpoint,
    region: homeRegion,
    maxAttempts: 1,
    credentials: {
      accessKeyId: Credentials?.AccessKeyId ?? '',
      secretAccessKey: Credentials?.SecretAccessKey ?? '',
      sessionToken: Credentials?.SessionToken ?? '',
    },
  };
};
const instanceArn = (id: string | undefined) => `arn:aws:ec2:${region}:${account}:instance/${id}`;
const stop = async (id: string | undefined, planned: string) =>
  new EC2Client(await session('ec2:StopInstances', planned)).send(
    new StopInstancesCommand({ InstanceIds: [id ?? ''] }),
  );

describe('a session of an action’s role on one machine', () => {
  test('changes nothing without the tag that its role asks for', async () => {
    await expect(stop(instances.untagged, instanceArn(instances.untagged))).rejects.toThrow(
      /may not ec2:StopInstances/,
    );
    expect(await stateOf(instances.untagged)).toBe('running');
  });

  test('changes nothing that the plan does not name', async () => {
    await expect(stop(instances.tagged, instanceArn(instances.untagged))).rejects.toThrow(/session policy/);
    expect(await stateOf(instances.tagged)).toBe('running');
  });

  test('changes the tagged resource that the plan names by the ARN in its own account', async () => {
    await stop(instances.tagged, instanceArn(instances.tagged));
    expect(await stateOf(instances.tagged)).toBe('stopped');
  });

  test.each([
    ['shop', 3],
    ['bank', 1],
  ])('asks ECS for the tags of its services: %s runs %i tasks afterwards', async (service, count) => {
    const planned = `arn:aws:ecs:${region}:${account}:service/main/${service}`;
    const ecs = new ECSClient(await session('ecs:UpdateService', planned));
    const changing = ecs.send(new UpdateServiceCommand({ cluster: 'main', service, desiredCount: 3 }));
    const desired = await changing.then(
      (answer) => answer.service?.desiredCount,
      (error: Error) => (error.name === 'AccessDeniedException' ? 1 : error),
    );
    expect(desired).toBe(count);
  });

  test('knows a group that the configuration lists, with the id in its ARN, by its name', async () => {
    const groups = new AutoScalingClient(await session('autoscaling:SetDesiredCapacity', groupArn));
    const set = (AutoScalingGroupName: string) =>
      groups.send(new SetDesiredCapacityCommand({ AutoScalingGroupName, DesiredCapacity: 2 }));
    await set('web');
    await expect(set('other')).rejects.toThrow(/may not autoscaling:SetDesiredCapacity/);
    expect([(await group('web')).DesiredCapacity, (await group('other')).DesiredCapacity]).toEqual([2, 1]);
  });

  test('marks only instances of its group, which the call does not name', async () => {
    const groups = new AutoScalingClient(await session('autoscaling:SetInstanceHealth', groupArn));
    const mark = async (name: string) =>
      groups.send(
        new SetInstanceHealthCommand({ InstanceId: await instanceIn(name), HealthStatus: 'Unhealthy' }),
      );
    await expect(mark('other')).rejects.toThrow(/may not autoscaling:SetInstanceHealth/);
    await mark('web');
    const statuses = (await group('web')).Instances?.map(({ HealthStatus }) => HealthStatus);
    expect(statuses).toContain('Unhealthy');
  });
});

test('documents of Systems Manager are the account’s, parameters are hosted here', async () => {
  const { endpoint, region: homeRegion, credentials: own } = host.aws;
  const ssm = new SSMClient({ endpoint, region: homeRegion, credentials: own, maxAttempts: 1 });
  await expect(ssm.send(new DescribeDocumentCommand({ Name: 'nobody-wrote-this' }))).rejects.toThrow(
    expect.objectContaining({ name: 'InvalidDocument' }),
  );
});
