import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Host, startHost } from '../../../infra/local/host.ts';
import { describeResource } from '../../../shared/health/probing/describe-resource.ts';
import { openAwsStates } from '../../../shared/platform/aws/aws-states.aws.ts';
import { look, portsWith } from '../../domain/health/look.ts';
import { writeSmallStack } from '../../domain/local/small-stack.ts';
import { createFunction, furnish, query, startMoto } from './moto.ts';

let moto: Awaited<ReturnType<typeof startMoto>>;
let host: Host;
let instances: Awaited<ReturnType<typeof furnish>>;
let shopHealth: string;
let key: Awaited<ReturnType<typeof watcherKey>>;
const stack = writeSmallStack();

type Policies = { PolicyDocument: { Statement: unknown[] } }[];
/** What a worker of the stack may ask: one service of ECS, and one function of another account. */
const grants = () => [
  {
    Effect: 'Allow',
    Action: 'ecs:DescribeServices',
    Resource: 'arn:aws:ecs:us-east-1:000000000000:service/main/*',
  },
  { Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: shopHealth },
];

beforeAll(async () => {
  moto = await startMoto();
  instances = await furnish(moto.endpoint);
  shopHealth = await createFunction(moto.endpoint, 'shop-health');
  key = await watcherKey();
  // From here on Moto refuses every call that is not signed by this key, which may describe and invoke.
  await trustAfter(0);
  host = await startHost({
    assemblyDir: stack.assemblyDir,
    catchUp: false,
    awsAccount: { credentials: async () => key, region: 'us-east-1', endpoint: moto.endpoint },
    patchTemplate: (template) => {
      const policies = template.Resources.WorkerRole?.Properties?.Policies as Policies;
      policies[0]?.PolicyDocument.Statement.push(...grants());
    },
  });
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: host.aws.endpoint,
    AWS_REGION: host.aws.region,
    AWS_ACCESS_KEY_ID: host.aws.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: host.aws.credentials.secretAccessKey,
  });
});
afterAll(async () => {
  await host?.stop();
  await moto?.stop();
});

/** Moto refuses what is not signed rightly after so many calls. */
const trustAfter = (calls: number) =>
  fetch(`${moto.endpoint}/moto-api/reset-auth`, { method: 'POST', body: String(calls) });

const watcherKey = async () => {
  await query(moto.endpoint, 'iam', { Action: 'CreateUser', UserName: 'watcher' });
  const policy = {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: [
          'ec2:DescribeInstanceStatus',
          'ecs:DescribeServices',
          'autoscaling:DescribeAutoScalingGroups',
          'lambda:InvokeFunction',
        ],
        Resource: '*',
      },
    ],
  };
  await query(moto.endpoint, 'iam', {
    Action: 'PutUserPolicy',
    UserName: 'watcher',
    PolicyName: 'watch',
    PolicyDocument: JSON.stringify(policy),
  });
  const text = await query(moto.endpoint, 'iam', { Action: 'CreateAccessKey', UserName: 'watcher' });
  const accessKeyId = /<AccessKeyId>(.*?)</.exec(text)?.[1] ?? '';
  const secretAccessKey = /<SecretAccessKey>(.*?)</.exec(text)?.[1] ?? '';
  return { accessKeyId, secretAccessKey };
};

/** Through the SDK, the gateway of the local host, and the account behind it. */
const ask = (service: string, target: string) =>
  look(
    { type: 'resource', target, config: { service }, timeoutSeconds: 10 },
    {
      ports: portsWith({
        describe: describeResource({
          awsResources: openAwsStates('ec2,ecs,autoscaling,rds'),
          insideLambda: false,
        }),
      }),
    },
  );

describe('what AWS says of a resource', () => {
  test.each([
    { service: 'ec2-instance', target: () => instances.running, status: 'healthy', reason: null },
    {
      service: 'ec2-instance',
      target: () => instances.stopped,
      status: 'unhealthy',
      reason: 'EC2 says the instance is stopped',
    },
    {
      service: 'ec2-instance',
      target: () => 'i-00000000000000000',
      status: 'unhealthy',
      reason: 'there is no EC2 instance i-00000000000000000',
    },
    {
      service: 'ecs-service',
      target: () => 'main/shop',
      status: 'unhealthy',
      reason: 'ECS says 0 of 2 tasks run',
    },
    { service: 'ecs-service', target: () => 'main/idle', status: 'healthy', reason: null },
    {
      service: 'ecs-service',
      target: () => 'main/nowhere',
      status: 'unhealthy',
      reason: 'there is no ECS service nowhere in the cluster main',
    },
    {
      service: 'ecs-service',
      target: () => 'other/shop',
      status: 'unhealthy',
      reason: 'there is no ECS cluster other',
    },
    { service: 'auto-scaling-group', target: () => 'workers', status: 'healthy', reason: null },
    {
      service: 'auto-scaling-group',
      target: () => 'nobody',
      status: 'unhealthy',
      reason: 'there is no Auto Scaling group nobody',
    },
  ])('$service: $status, $reason', async ({ service, target, status, reason }) => {
    expect(await ask(service, target())).toMatchObject({
      status,
      reason: reason && expect.stringContaining(reason),
    });
  });

  test('a database is asked for where the credentials may', async () => {
    await trustAfter(1000);
    const [orders, nowhere] = [await ask('rds-instance', 'orders'), await ask('rds-instance', 'nowhere')];
    await trustAfter(0);
    expect(orders).toMatchObject({ status: 'healthy', reason: null });
    expect(nowhere).toMatchObject({ status: 'unhealthy', reason: 'there is no RDS instance nowhere' });
  });

  test('what the credentials may not ask is unknown, in the words of AWS', async () => {
    const seen = await ask('rds-instance', 'orders');
    expect(seen).toMatchObject({
      status: 'unknown',
      reason: expect.stringContaining('rds:DescribeDBInstances'),
    });
  });
});

describe('a function of the stack', () => {
  const cluster = (name: string) => [
    'AmazonEC2ContainerServiceV20141113.DescribeServices',
    'ecs',
    { cluster: name, services: ['shop'] },
  ];

  test('asks the account for what its own role in the template allows', async () => {
    expect(await host.invoke('worker', { aws: cluster('main') })).toMatchObject({
      status: 200,
      body: { services: [{ serviceName: 'shop', desiredCount: 2 }] },
    });
  });

  test('is refused what its role does not allow, whatever the credentials of the account may do', async () => {
    expect(await host.invoke('worker', { aws: cluster('other') })).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('role Small-WorkerRole may not ecs:DescribeServices') },
    });
    const form = 'Action=DescribeInstanceStatus&Version=2016-11-15';
    expect(await host.invoke('worker', { aws: ['', 'ec2', form] })).toMatchObject({
      status: 403,
      body: expect.stringContaining('role Small-WorkerRole may not ec2:DescribeInstanceStatus'),
    });
  });

  test("calls a function of the team's own, where its ARN says", async () => {
    // Of Lambda, Moto takes no signed call for rightly signed, not even one of the SDK itself.
    await trustAfter(1000);
    const answer = await host.invoke('worker', { invoke: [shopHealth, { name: 'check-1' }] });
    await trustAfter(0);
    expect(shopHealth).toMatch(/^arn:aws:lambda:eu-central-1:/);
    expect(answer).toMatchObject({ status: 200 });
  });

  test('a wrong secret key is what AWS says it is, and nobody is down for it', async () => {
    const { secretAccessKey } = key;
    key.secretAccessKey = 'not the secret key';
    const seen = await ask('ec2-instance', instances.running);
    key.secretAccessKey = secretAccessKey;
    expect(seen).toMatchObject({
      status: 'unknown',
      reason: expect.stringContaining('not able to validate'),
    });
  });
});

test('without an account, what to do is said', async () => {
  const alone = await startHost({ assemblyDir: stack.assemblyDir, catchUp: false });
  const { endpoint, credentials } = alone.aws;
  const answer = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      authorization: `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/20260101/us-east-1/rds/aws4_request, SignedHeaders=host, Signature=00`,
    },
    body: 'Action=DescribeDBInstances',
  });
  const text = await answer.text();
  await alone.stop();
  expect(text).toContain('<Code>NoAwsCredentials</Code>');
  expect(text).toContain(
    'to ask your AWS account, give AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, and AWS_REGION to npm start',
  );
});
