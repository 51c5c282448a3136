import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  CreateLaunchConfigurationCommand,
} from '@aws-sdk/client-auto-scaling';
import { EC2Client, RunInstancesCommand, StopInstancesCommand } from '@aws-sdk/client-ec2';
import {
  CreateClusterCommand,
  CreateServiceCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
} from '@aws-sdk/client-ecs';
import { CreateFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CreateDBInstanceCommand, RDSClient } from '@aws-sdk/client-rds';
import { moto } from '../../installed.ts';
import { freePort, serverFolder, startDaemon } from '../servers/daemon.ts';

/** Moto stands in for AWS: it keeps instances, services, groups and databases, and answers as AWS does. */
export const startMoto = async () => {
  const executable = moto();
  if (!executable) throw new Error('moto_server is not installed: see test/suites.ts');
  const port = await freePort();
  const args = ['-H', '127.0.0.1', '-p', `${port}`];
  // A Python environment may lie where only its owner may read.
  const daemon = await startDaemon(serverFolder('moto'), port, executable, args, 'ourselves');
  return { ...daemon, endpoint: `http://127.0.0.1:${port}` };
};

const credentials = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'anything, as long as nobody asks',
};

/** What a team has in its account. */
export const furnish = async (endpoint: string) => {
  const settings = { endpoint, region: 'us-east-1', credentials };
  const ec2 = new EC2Client(settings);
  const run = async (): Promise<string> => {
    const { Instances = [] } = await ec2.send(
      new RunInstancesCommand({ ImageId: 'ami-12c6146b', MinCount: 1, MaxCount: 1 }),
    );
    const id = Instances[0]?.InstanceId;
    if (!id) throw new Error('no instance was made');
    return id;
  };
  const [running, stopped] = [await run(), await run()];
  await ec2.send(new StopInstancesCommand({ InstanceIds: [stopped] }));

  const ecs = new ECSClient(settings);
  await ecs.send(new CreateClusterCommand({ clusterName: 'main' }));
  await ecs.send(
    new RegisterTaskDefinitionCommand({
      family: 'shop',
      containerDefinitions: [{ name: 'shop', image: 'shop', memory: 128 }],
    }),
  );
  for (const [serviceName, desiredCount] of [
    ['shop', 2],
    ['idle', 0],
  ] as const) {
    await ecs.send(
      new CreateServiceCommand({ cluster: 'main', serviceName, taskDefinition: 'shop', desiredCount }),
    );
  }

  const groups = new AutoScalingClient(settings);
  await groups.send(
    new CreateLaunchConfigurationCommand({
      LaunchConfigurationName: 'workers',
      ImageId: 'ami-12c6146b',
      InstanceType: 't3.micro',
    }),
  );
  await groups.send(
    new CreateAutoScalingGroupCommand({
      AutoScalingGroupName: 'workers',
      LaunchConfigurationName: 'workers',
      AvailabilityZones: ['us-east-1a'],
      MinSize: 2,
      MaxSize: 4,
      DesiredCapacity: 2,
    }),
  );

  await new RDSClient(settings).send(
    new CreateDBInstanceCommand({
      DBInstanceIdentifier: 'orders',
      DBInstanceClass: 'db.t3.micro',
      Engine: 'postgres',
      AllocatedStorage: 20,
      MasterUsername: 'admin',
      MasterUserPassword: 'not-a-secret',
    }),
  );
  return { running, stopped };
};

/** A call as the command line would make it, to services that no client is installed for. */
export const query = async (
  endpoint: string,
  service: string,
  form: Record<string, string>,
): Promise<string> => {
  const answer = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      authorization: `AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=00`,
    },
    body: new URLSearchParams({ Version: '2010-05-08', ...form }).toString(),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(text);
  return text;
};

/** A function that exists; Moto answers its calls with a text of its own. */
export const createFunction = async (endpoint: string, name: string): Promise<string> => {
  await fetch(`${endpoint}/moto-api/config`, {
    method: 'POST',
    body: JSON.stringify({ lambda: { use_docker: false } }),
  });
  const settings = { endpoint, region: 'eu-central-1', credentials };
  const trust = { Version: '2012-10-17', Statement: [] };
  await query(endpoint, 'iam', {
    Action: 'CreateRole',
    RoleName: name,
    AssumeRolePolicyDocument: JSON.stringify(trust),
  });
  const { FunctionArn } = await new LambdaClient(settings).send(
    new CreateFunctionCommand({
      FunctionName: name,
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      Role: `arn:aws:iam::123456789012:role/${name}`,
      Code: { ZipFile: Buffer.from('PK\x05\x06'.padEnd(22, '\0'), 'latin1') },
    }),
  );
  if (!FunctionArn) throw new Error('no function was made');
  return FunctionArn;
};
