import { createHmac } from 'node:crypto';
import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  CreateLaunchConfigurationCommand,
  DescribeAutoScalingGroupsCommand,
} from '@aws-sdk/client-auto-scaling';
import { DescribeExecutionCommand, GetExecutionHistoryCommand, SFNClient } from '@aws-sdk/client-sfn';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { region } from './cdk.ts';
import { openHttpTarget } from './http.ts';

/** What remedies change in the emulator: a service that its orchestrator deploys again, and an Auto Scaling group. */

const groupName = 'workers';
/** As a configuration lists a group: the id in its ARN is known to nobody. */
export const groupArn = `arn:aws:autoscaling:${region}:000000000000:autoScalingGroup:*:autoScalingGroupName/${groupName}`;

export const orchestratorKeyName = 'ORCHESTRATOR_KEY';
const key = 'an-orchestrator-key-of-thirty-two-characters';

/** `t=<unix seconds>,v1=<hex>` over `<t>.<body>`, as the documentation says. */
const isSigned = (header: string | undefined, body: string): boolean => {
  const [, t = '', v1 = ''] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(header ?? '') ?? [];
  return v1 === createHmac('sha256', key).update(`${t}.${body}`).digest('hex');
};

/** A service, and the orchestrator that deploys it again when a signed request says so: then it is well. */
export const openService = async () => {
  const asked: string[] = [];
  const service = await openHttpTarget();
  const orchestrator = await openHttpTarget(({ headers, body }) => {
    if (!isSigned(headers['x-homeostat-signature'] as string | undefined, body)) return 401;
    const { action } = JSON.parse(body) as { action: string };
    asked.push(action);
    if (action === 'run_templates') service.answer.status = 200;
    return 200;
  });
  return {
    service,
    orchestrator,
    /** What it was asked for, once a request. */
    asked,
    close: async (): Promise<void> => void (await Promise.all([service.close(), orchestrator.close()])),
  };
};

type Settings = ConstructorParameters<typeof SFNClient>[0];

export const keepOrchestratorKey = (settings: Settings, path: string) =>
  new SSMClient({ ...settings }).send(
    new PutParameterCommand({ Name: `${path}${orchestratorKeyName}`, Value: key, Type: 'SecureString' }),
  );

export const createGroup = async (settings: Settings): Promise<void> => {
  const client = new AutoScalingClient({ ...settings });
  const template = { ImageId: 'ami-12c6146b', InstanceType: 't3.micro' };
  await client.send(
    new CreateLaunchConfigurationCommand({ LaunchConfigurationName: groupName, ...template }),
  );
  await client.send(
    new CreateAutoScalingGroupCommand({
      AutoScalingGroupName: groupName,
      LaunchConfigurationName: groupName,
      AvailabilityZones: [`${region}a`],
      MinSize: 1,
      MaxSize: 4,
      DesiredCapacity: 2,
    }),
  );
};

export const instancesInGroup = async (settings: Settings): Promise<number | undefined> => {
  const { AutoScalingGroups = [] } = await new AutoScalingClient({ ...settings }).send(
    new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [groupName] }),
  );
  return AutoScalingGroups[0]?.Instances?.length;
};

/** The execution of a plan: how it stands, and the states it entered, in order. */
export const executionOf = async (settings: Settings, workflow: string, planHash: string) => {
  const client = new SFNClient({ ...settings });
  const executionArn = `arn:aws:states:${region}:000000000000:execution:Homeostat-${workflow}:${planHash}`;
  const { status } = await client.send(new DescribeExecutionCommand({ executionArn }));
  const { events = [] } = await client.send(
    new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 }),
  );
  return {
    status,
    entered: events.flatMap(({ stateEnteredEventDetails }) => stateEnteredEventDetails?.name ?? []),
  };
};
