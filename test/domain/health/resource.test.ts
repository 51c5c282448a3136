import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeResource } from '../../../shared/health/probing/describe-resource.ts';
import { CannotTell } from '../../../shared/health/probing/outcome.ts';
import type { AwsStates } from '../../../shared/platform/aws/aws-states.aws.ts';
import { look, portsWith } from './look.ts';

const folder = mkdtempSync(join(tmpdir(), 'homeostat-docker-'));
const servers: Server[] = [];
afterAll(async () => {
  for (const server of servers) server.closeAllConnections();
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  rmSync(folder, { recursive: true });
});

/** What speaks as Docker's API does, on a socket of its own. */
const docker = async (name: string, listener: RequestListener): Promise<string> => {
  const path = join(folder, `${name}.sock`);
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((done) => server.listen(path, done));
  return path;
};
const states: Readonly<Record<string, unknown>> = {
  shop: { Status: 'running', Running: true },
  orders: { Status: 'running', Health: { Status: 'healthy', FailingStreak: 0 } },
  young: { Status: 'running', Health: { Status: 'starting', FailingStreak: 0 } },
  sick: { Status: 'running', Health: { Status: 'unhealthy', FailingStreak: 4 } },
  gone: { Status: 'exited', ExitCode: 137, OOMKilled: true },
  stopped: { Status: 'exited', ExitCode: 2, OOMKilled: false },
  looping: { Status: 'restarting', ExitCode: 1 },
};
let socketPath: string;
beforeAll(async () => {
  socketPath = await docker('docker', (request, response) => {
    const name = /^\/containers\/([^/]+)\/json$/.exec(request.url ?? '')?.[1] ?? '';
    const state = states[name];
    response.writeHead(state ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(state ? { State: state } : { message: `No such container: ${name}` }));
  });
});

const container = (target: string, dockerSocketPath: string, insideLambda = false) =>
  look(
    { type: 'resource', target, config: { service: 'docker-container' } },
    { ports: portsWith({ describe: describeResource({ insideLambda, dockerSocketPath }) }) },
  );

describe('a Docker container', () => {
  test.each([
    { target: 'shop', status: 'healthy', reason: null },
    { target: 'orders', status: 'healthy', reason: null },
    { target: 'young', status: 'healthy', reason: null },
    {
      target: 'sick',
      status: 'unhealthy',
      reason: 'Docker says the container is running and unhealthy (4 failures in a row)',
    },
    {
      target: 'gone',
      status: 'unhealthy',
      reason: 'Docker says the container is exited, killed for its memory',
    },
    { target: 'stopped', status: 'unhealthy', reason: 'Docker says the container is exited with code 2' },
    { target: 'looping', status: 'unhealthy', reason: 'Docker says the container is restarting' },
    { target: 'nowhere', status: 'unhealthy', reason: 'there is no container nowhere' },
    {
      target: '../images/json?x=',
      status: 'unknown',
      reason: '../images/json?x= names no docker-container: give the name of a container as the target',
    },
  ])('$target: $status', async ({ target, status, reason }) => {
    expect(await container(target, socketPath)).toMatchObject({ status, reason });
  });

  test('is unknown, with what to do, where Docker does not run', async () => {
    const path = join(folder, 'nothing.sock');
    expect(await container('shop', path)).toMatchObject({
      status: 'unknown',
      reason: `Docker does not answer at ${path} (ENOENT): start it, and let the user who runs Homeostat read that socket`,
    });
  });

  test.each([
    { what: 'an answer without end', answer: '{'.padEnd(3_000_000, 'x') },
    { what: 'what is no JSON', answer: '<html>' },
    { what: 'no state', answer: '{}' },
  ])('is unknown where Docker gives $what', async ({ what, answer }) => {
    const path = await docker(String(what.length), (_request, response) => {
      response.on('error', () => {});
      response.end(answer);
    });
    expect(await container('shop', path)).toMatchObject({ status: 'unknown' });
  });

  test('is never asked for inside Lambda (fault 27)', async () => {
    expect(await container('shop', socketPath, true)).toMatchObject({
      status: 'unknown',
      reason: 'Docker runs on no machine of a deployed stack: watch its HTTP or TCP port instead',
    });
  });
});

describe('a resource of AWS', () => {
  const aws = (given: Partial<AwsStates>): AwsStates => ({
    services: ['ec2', 'ecs', 'autoscaling', 'rds'],
    describe: async () => ({ isWell: true, says: 'EC2 says the instance is running, instance status ok' }),
    ...given,
  });
  const ask = (service: string, target: string, awsResources?: AwsStates) =>
    look(
      { type: 'resource', target, config: { service } },
      { ports: portsWith({ describe: describeResource({ awsResources, insideLambda: true }) }) },
    );

  test('is healthy when its service says it is well', async () => {
    const seen = await ask('ec2-instance', 'i-0a1b2c3d4e5f60718', aws({}));
    expect(seen).toMatchObject({ status: 'healthy', reason: null });
    expect(seen.phases).toEqual({ total: expect.any(Number) });
  });

  test('is unhealthy in the words of its service', async () => {
    const says = 'RDS says the instance is storage-full';
    const states = aws({ describe: async () => ({ isWell: false, says }) });
    expect(await ask('rds-instance', 'orders', states)).toMatchObject({ status: 'unhealthy', reason: says });
  });

  test('is asked for by the name that AWS knows its service by', async () => {
    const asked: unknown[] = [];
    const states = aws({
      describe: async (service, id) => {
        asked.push([service, id]);
        return { isWell: true, says: '' };
      },
    });
    await ask('ec2-instance', 'i-0a1b2c3d', states);
    await ask('ecs-service', 'main/shop', states);
    await ask('auto-scaling-group', 'shop workers', states);
    await ask('rds-instance', 'orders', states);
    expect(asked).toEqual([
      ['ec2', 'i-0a1b2c3d'],
      ['ecs', 'main/shop'],
      ['autoscaling', 'shop workers'],
      ['rds', 'orders'],
    ]);
  });

  test.each([undefined, aws({ services: ['ec2'] })])(
    'is unknown where its service was not opted in',
    async (states) => {
      expect(await ask('rds-instance', 'orders', states)).toMatchObject({
        status: 'unknown',
        reason:
          "this stack may not ask AWS about it: list rds in awsServices of the stack's configuration, and deploy again",
      });
    },
  );

  test('is unknown, never unhealthy, where AWS does not tell (fault 16)', async () => {
    const refused = Object.assign(new Error('User is not authorized to perform: rds:DescribeDBInstances'), {
      name: 'AccessDenied',
    });
    const states = aws({ describe: () => Promise.reject(refused) });
    expect(await ask('rds-instance', 'orders', states)).toMatchObject({
      status: 'unknown',
      reason:
        'AWS did not tell (rds, AccessDenied): User is not authorized to perform: rds:DescribeDBInstances',
    });
  });

  test.each([
    ['ec2-instance', 'shop', 'the id of an instance, such as i-0a1b2c3d4e5f60718'],
    ['ecs-service', 'shop', 'cluster/service, such as main/shop'],
    [
      'rds-instance',
      'orders.abc.eu-central-1.rds.amazonaws.com',
      'the identifier of an instance, such as orders',
    ],
  ])('%s: %s is no name of one', async (service, target, what) => {
    expect(await ask(service, target, aws({}))).toMatchObject({
      status: 'unknown',
      reason: `${target} names no ${service}: give ${what} as the target`,
    });
  });

  test('is unknown, never unhealthy, where AWS hangs, and asking it ends with the deadline', async () => {
    let wasAborted = false;
    const describe: AwsStates['describe'] = (_service, _id, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          wasAborted = true;
          reject(new CannotTell('over'));
        });
      });
    const seen = await look(
      { type: 'resource', target: 'orders', config: { service: 'rds-instance' }, timeoutSeconds: 1 },
      {
        ports: portsWith({
          describe: describeResource({ awsResources: aws({ describe }), insideLambda: true }),
        }),
      },
    );
    expect(seen).toMatchObject({ status: 'unknown', reason: 'nobody told the state of it within 1 s' });
    expect(wasAborted).toBe(true);
  });
});
