import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  CreateLaunchConfigurationCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeAutoScalingInstancesCommand,
  SetInstanceProtectionCommand,
  SuspendProcessesCommand,
  TerminateInstanceInAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  CreateClusterCommand,
  CreateServiceCommand,
  DescribeServicesCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
} from '@aws-sdk/client-ecs';
import {
  CreateAliasCommand,
  CreateFunctionCommand,
  GetAliasCommand,
  LambdaClient,
  PublishVersionCommand,
  UpdateFunctionCodeCommand,
} from '@aws-sdk/client-lambda';
import {
  CreateDBClusterCommand,
  CreateDBInstanceCommand,
  DescribeDBClustersCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { query, startMoto } from './moto.ts';
import { performer } from './perform.ts';

const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'nobody asks for it' };
const { plan, perform, verify, undo } = performer(credentials);
let moto: Awaited<ReturnType<typeof startMoto>>;
let settings: { endpoint: string; region: string; credentials: typeof credentials };

beforeAll(async () => {
  moto = await startMoto();
  process.env.AWS_ENDPOINT_URL = moto.endpoint;
  settings = { endpoint: moto.endpoint, region: 'us-east-1', credentials };
});
afterAll(() => moto?.stop());

describe('an Auto Scaling group', () => {
  const web = { type: 'auto-scaling-group', id: 'web' } as const;
  let groups: AutoScalingClient;
  const healthOf = async (id: string) => {
    const { AutoScalingInstances } = await groups.send(
      new DescribeAutoScalingInstancesCommand({ InstanceIds: [id] }),
    );
    return AutoScalingInstances?.[0]?.HealthStatus;
  };
  const found = async () => {
    const { AutoScalingGroups = [] } = await groups.send(
      new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: ['web'] }),
    );
    const { DesiredCapacity = -1, Instances = [] } = AutoScalingGroups[0] ?? {};
    return { desired: DesiredCapacity, ids: Instances.map(({ InstanceId = '' }) => InstanceId) };
  };
  beforeAll(async () => {
    groups = new AutoScalingClient(settings);
    await groups.send(
      new CreateLaunchConfigurationCommand({
        LaunchConfigurationName: 'web',
        ImageId: 'ami-12c6146b',
        InstanceType: 't3.micro',
      }),
    );
    await groups.send(
      new CreateAutoScalingGroupCommand({
        AutoScalingGroupName: 'web',
        LaunchConfigurationName: 'web',
        AvailabilityZones: ['us-east-1a'],
        MinSize: 1,
        MaxSize: 4,
        DesiredCapacity: 2,
        Tags: [{ Key: 'homeostat', Value: 'heal' }],
      }),
    );
  });

  test('grows, is verified by what is in service, and comes down again by the undo', async () => {
    const { action, verdict } = await perform('asg-scale', web, { desired: 3 });
    expect((await found()).ids).toHaveLength(3);
    expect(verdict).toEqual({
      state: 'verified',
      reason: '3 of 3 instances of the group web are in service and healthy',
      after: { desired: 3, inService: 3 },
    });
    await undo(action);
    expect(await found()).toMatchObject({ desired: 2, ids: { length: 2 } });
  });

  test('replaces an instance of its own that is said not to be well', async () => {
    const [id = ''] = (await found()).ids;
    const { action, verdict } = await perform('ec2-replace', { type: 'ec2-instance', id });
    expect(action.permissions[0]?.resources[0]).toMatch(/:autoScalingGroupName\/web$/);
    expect(await healthOf(id)).toBe('Unhealthy');
    expect(verdict).toMatchObject({ state: 'pending', reason: `${id} is still InService in the group web` });
    // Moto leaves to us what Auto Scaling then does.
    await groups.send(
      new TerminateInstanceInAutoScalingGroupCommand({
        InstanceId: id,
        ShouldDecrementDesiredCapacity: false,
      }),
    );
    expect((await found()).ids).not.toContain(id);
    expect(await verify(action)).toMatchObject({
      state: 'verified',
      reason: `${id} is gone; 2 of 2 instances of the group web are in service and healthy`,
    });
  });

  test('comes not below those that are protected, nor while somebody suspended what it needs', async () => {
    const { ids } = await found();
    await groups.send(
      new SetInstanceProtectionCommand({
        AutoScalingGroupName: 'web',
        InstanceIds: ids,
        ProtectedFromScaleIn: true,
      }),
    );
    expect(await plan('asg-scale', web, { desired: ids.length - 1 })).toEqual({
      refused: `${ids.length} instances of the group web are protected from scale-in: it cannot come down to ${ids.length - 1}`,
    });
    await groups.send(
      new SuspendProcessesCommand({ AutoScalingGroupName: 'web', ScalingProcesses: ['Launch'] }),
    );
    expect(await plan('asg-scale', web, { by: 1 })).toEqual({
      refused: 'somebody suspended the process Launch of the group web: resume it first',
    });
  });
});

describe('an ECS service', () => {
  const shop = { type: 'ecs-service', id: 'main/shop' } as const;
  let ecs: ECSClient;
  const found = async () => {
    const { services } = await ecs.send(new DescribeServicesCommand({ cluster: 'main', services: ['shop'] }));
    return services?.[0];
  };
  const register = async (): Promise<string> => {
    const { taskDefinition } = await ecs.send(
      new RegisterTaskDefinitionCommand({
        family: 'shop',
        containerDefinitions: [{ name: 'shop', image: 'shop', memory: 128 }],
      }),
    );
    return taskDefinition?.taskDefinitionArn ?? '';
  };
  let revisions: string[];
  beforeAll(async () => {
    ecs = new ECSClient(settings);
    await ecs.send(new CreateClusterCommand({ clusterName: 'main' }));
    revisions = [await register(), await register()];
    await ecs.send(
      new CreateServiceCommand({
        cluster: 'main',
        serviceName: 'shop',
        taskDefinition: 'shop',
        desiredCount: 2,
      }),
    );
  });

  test('is set to more tasks and back, verified by the tasks that run', async () => {
    const { action, verdict } = await perform('ecs-scale', shop, { factor: 2 });
    expect((await found())?.desiredCount).toBe(4);
    expect(verdict).toEqual({
      state: 'verified',
      reason: 'ECS says 4 of 4 tasks of main/shop run',
      after: { desired: 4, running: 4 },
    });
    await undo(action);
    expect((await found())?.desiredCount).toBe(2);
  });

  test('is deployed anew with the same task definition', async () => {
    const before = (await found())?.deployments?.map(({ id }) => id);
    const { receipt } = await perform('ecs-redeploy', shop);
    const primary = (await found())?.deployments?.find(({ status }) => status === 'PRIMARY');
    expect(before).not.toContain(primary?.id);
    expect(primary?.taskDefinition).toBe(revisions[1]);
    expect(receipt).toEqual({ deploymentId: primary?.id });
  });

  test('goes back to the previous task definition, and forward again by the undo', async () => {
    const { action } = await perform('ecs-rollback', shop);
    expect(action.summary).toBe('Take the ECS service main/shop from shop:2 back to shop:1.');
    expect((await found())?.taskDefinition).toBe(revisions[0]);
    await undo(action);
    expect((await found())?.taskDefinition).toBe(revisions[1]);
  });

  test('goes back to a task definition that was named, if there is one', async () => {
    await expect(plan('ecs-rollback', shop, { taskDefinition: 'shop:7' })).rejects.toThrow(
      'there is no active task definition shop:7',
    );
  });
});

describe('a database', () => {
  let rds: RDSClient;
  const instance = (id: string, rest: Partial<CreateDBInstanceCommand['input']>) =>
    rds.send(
      new CreateDBInstanceCommand({
        DBInstanceIdentifier: id,
        DBInstanceClass: 'db.t3.micro',
        Engine: 'postgres',
        ...rest,
      }),
    );
  const alone = { AllocatedStorage: 20, MasterUsername: 'admin', MasterUserPassword: 'not-a-secret' };
  beforeAll(async () => {
    rds = new RDSClient(settings);
    await instance('orders', alone);
    await rds.send(
      new CreateDBClusterCommand({
        DBClusterIdentifier: 'main',
        Engine: 'aurora-postgresql',
        MasterUsername: 'admin',
        MasterUserPassword: 'not-a-secret',
      }),
    );
    for (const id of ['main-1', 'main-2'])
      await instance(id, { Engine: 'aurora-postgresql', DBClusterIdentifier: 'main' });
  });
  const writer = async () => {
    const { DBClusters } = await rds.send(new DescribeDBClustersCommand({ DBClusterIdentifier: 'main' }));
    return DBClusters?.[0]?.DBClusterMembers?.find(({ IsClusterWriter }) => IsClusterWriter)
      ?.DBInstanceIdentifier;
  };

  test('is rebooted; in a single zone it has nothing to fail over to', async () => {
    const orders = { type: 'rds-instance', id: 'orders' } as const;
    const { verdict } = await perform('rds-reboot', orders);
    expect(verdict).toMatchObject({ state: 'verified', reason: 'RDS says the database orders is available' });
    expect(await plan('rds-reboot', orders, { forceFailover: true })).toEqual({
      refused: 'the database orders is in a single zone: there is no standby to fail over to',
    });
  });

  test('of a cluster takes over as its writer, and hands back by the undo', async () => {
    expect(await writer()).toBe('main-1');
    const { action, verdict } = await perform('rds-failover', { type: 'rds-cluster', id: 'main' });
    expect(action.expected).toEqual({ writer: 'main-2' });
    expect(await writer()).toBe('main-2');
    expect(verdict.state).toBe('verified');
    await undo(action);
    expect(await writer()).toBe('main-1');
  });
});

describe('an alias of a function', () => {
  const live = { type: 'lambda-alias', id: 'shop:live' } as const;
  let lambda: LambdaClient;
  const code = (text: string) => Buffer.from(`PK\x05\x06${text}`.padEnd(22, '\0'), 'latin1');
  const standsAt = async () =>
    (await lambda.send(new GetAliasCommand({ FunctionName: 'shop', Name: 'live' }))).FunctionVersion;
  beforeAll(async () => {
    lambda = new LambdaClient(settings);
    await fetch(`${moto.endpoint}/moto-api/config`, {
      method: 'POST',
      body: JSON.stringify({ lambda: { use_docker: false } }),
    });
    await query(moto.endpoint, 'iam', {
      Action: 'CreateRole',
      RoleName: 'shop',
      AssumeRolePolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [] }),
    });
    await lambda.send(
      new CreateFunctionCommand({
        FunctionName: 'shop',
        Runtime: 'nodejs22.x',
        Handler: 'index.handler',
        Role: 'arn:aws:iam::123456789012:role/shop',
        Code: { ZipFile: code('') },
      }),
    );
    for (const text of ['1', '2', '3']) {
      await lambda.send(new UpdateFunctionCodeCommand({ FunctionName: 'shop', ZipFile: code(text) }));
      await lambda.send(new PublishVersionCommand({ FunctionName: 'shop' }));
    }
    await lambda.send(new CreateAliasCommand({ FunctionName: 'shop', Name: 'live', FunctionVersion: '3' }));
  });

  test('goes back to the previous version, and forward again by the undo', async () => {
    const { action, verdict } = await perform('lambda-alias', live);
    expect(action.summary).toBe('Set the Lambda alias shop:live from version 3 to version 2.');
    expect(await standsAt()).toBe('2');
    expect(verdict.state).toBe('verified');
    await undo(action);
    expect(await standsAt()).toBe('3');
  });

  test('that is not there is refused', async () => {
    await expect(plan('lambda-alias', { type: 'lambda-alias', id: 'shop:beta' })).rejects.toThrow(
      'there is no Lambda alias shop:beta',
    );
  });
});
