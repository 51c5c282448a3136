import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RawTemplate } from '../../infra/local/assembly.ts';
import type { CallRecord } from '../../infra/local/gateway/access.ts';
import { writeSecret } from '../../infra/local/secrets/check-secrets.ts';
import { changesOf, checksPath, makeCheck, readCheck, resultsOf, statusOf } from './checks.ts';
import { deadLetters } from './queues.ts';
import { openStack, type Stack } from './stack.ts';
import { openTarget, type Target } from './target.ts';
import { functionNames, list, statementsOf, withoutPermission } from './template.ts';

/** A broad story on the widest stack there is: everything the product does, each thing once. */
let stack: Stack;
let target: Target;
let template: RawTemplate = { Resources: {} };
/** Of hosts that were stopped since every permission was there. */
const earlierCalls: CallRecord[] = [];
const calls = (): readonly CallRecord[] => [...earlierCalls, ...stack.host.calls()];
const subnet = { vpc: { subnetIds: ['subnet-0a1b2c3d'], securityGroupIds: ['sg-0a1b2c3d'] } };
const check = (name: string) => ({
  name,
  type: 'tcp',
  target: target.address,
  interval: '10s',
  deploymentId: 'shop',
});

beforeAll(async () => {
  target = await openTarget();
  stack = await openStack({
    config: subnet,
    onDisk: true,
    patchTemplate: withoutPermission('api', 'Bus', 'events:PutEvents'),
  });
  await register();
  // Its event is left for the sweeper of the stack that has every permission.
  await makeCheck(stack, check('left-behind'));
  await stack.restart({
    patchTemplate(whole) {
      template = structuredClone(whole);
    },
  });
  await defineChecks();
  await askEverything();
  await useTokens();
  await readEverything();
  await stack.advance('2m');
  await sleepUntilTheWatchdog();
  await stack.advance('2m');
});
afterAll(async () => {
  await stack?.close();
  await target?.close();
});

const register = async (): Promise<void> => {
  const body = { deploymentId: 'shop', blueprintId: 'b1', environment: 'test' };
  expect((await stack.api('POST', '/api/monitoring/register', { body })).status).toBe(201);
};

const defineChecks = async (): Promise<void> => {
  const changed = await makeCheck(stack, check('changed'));
  await makeCheck(stack, { ...check('inside'), network: 'vpc' });
  await stack.advance('1m');
  const put = async (body: Readonly<Record<string, unknown>>) =>
    expect((await stack.api('PUT', `${checksPath}/${changed}`, { body })).status).toBe(200);
  await put({ ...check('changed'), interval: '30s' });
  await stack.advance('1m');
  await put({ ...check('changed'), interval: '30s', isActive: false });
  await stack.advance('1m');
  await put({ ...check('changed'), interval: '30s' });
  await stack.advance('1m');
  expect((await stack.api('DELETE', `${checksPath}/${changed}`)).status).toBe(204);
  const applied = await stack.api('POST', '/api/v1/monitoring/apply', {
    body: { changes: [{ op: 'put', kind: 'check', definition: check('applied') }] },
  });
  expect(applied.body.outcomes).toMatchObject([{ outcome: 'created' }]);
  await stack.host.settle();
};

/** What a stack that reaches all it can is asked to reach; no account answers here, but whoever asks must be allowed to. */
const reaching = () => {
  const secret = {
    type: 'http',
    target: target.url,
    config: { headers: { authorization: `Bearer $\{secret:TOKEN}` } },
  };
  const ofAws = (service: string, named: string) => ({
    type: 'resource',
    target: named,
    config: { service },
  });
  return {
    secret,
    'secret-inside': { ...secret, network: 'vpc' },
    function: { type: 'lambda', target: 'arn:aws:lambda:us-east-1:111122223333:function:shop-health' },
    instance: ofAws('ec2-instance', 'i-0a1b2c3d4e5f60718'),
    service: ofAws('ecs-service', 'main/shop'),
    group: ofAws('auto-scaling-group', 'shop'),
    database: ofAws('rds-instance', 'orders'),
  };
};

/** Checks that read how others stand: runners outside the VPC and inside. Nothing listens where the children look. */
const related = () => ({
  all: { type: 'composite', target: 'composite', config: { members: ['left-behind', 'inside'] } },
  child: { type: 'tcp', target: '127.0.0.1:9', parent: 'inside' },
  'child-inside': { type: 'tcp', target: '127.0.0.1:9', parent: 'left-behind', network: 'vpc' },
});

const askEverything = async (): Promise<void> => {
  writeSecret(stack.folder ?? '', 'TOKEN', 'known-to-the-story');
  const ids = new Map<string, string>();
  for (const [name, one] of Object.entries(reaching())) {
    const definition = { name, deploymentId: 'shop', interval: '1m', ...one };
    const trial = await stack.api('POST', `${checksPath}/test`, { body: definition });
    expect(trial.status, trial.text).toBe(200);
    ids.set(name, await makeCheck(stack, definition));
  }
  for (const [name, one] of Object.entries(related()))
    await makeCheck(stack, { name, deploymentId: 'shop', interval: '1m', ...one });
  const heartbeat = await makeCheck(stack, {
    ...check('pushed'),
    interval: '1m',
    type: 'heartbeat',
    target: 'heartbeat',
    config: { every: '5m' },
  });
  await stack.advance('1m');
  for (const name of ['secret', 'secret-inside']) {
    const asked = await stack.api('POST', `${checksPath}/${ids.get(name)}/run`);
    expect(asked.status, asked.text).toBe(202);
    await stack.host.settle();
    const run = await stack.api('GET', String(asked.body.resultUrl));
    expect(run.body).toMatchObject({ state: 'done', result: { status: 'healthy' } });
  }
  expect((await stack.api('POST', `${checksPath}/${heartbeat}/ping`)).status).toBeLessThan(300);
  await stack.advance('1h');
};

/** A machine that slept ten minutes and more: results are stale when it wakes, and the watchdog is the first to see it. */
const sleepUntilTheWatchdog = async (): Promise<void> => {
  earlierCalls.push(...stack.host.calls());
  const fiveMinutesMs = 300_000;
  const wakesAt = Math.ceil(stack.host.now() / fiveMinutesMs + 2) * fiveMinutesMs - 5_000;
  await stack.restart({ after: wakesAt - stack.host.now(), patchTemplate: () => {} });
};

const useTokens = async (): Promise<void> => {
  const path = '/api/v1/monitoring/tokens';
  const body = { name: 'reader', scopes: ['read'], deployments: ['shop'] };
  const { body: made } = await stack.api('POST', path, { body });
  const token = String(made.token);
  expect((await stack.api('GET', checksPath, { token })).status).toBe(200);
  expect((await stack.api('GET', path)).body.items).toMatchObject([{ name: 'reader' }]);
  expect((await stack.api('DELETE', `${path}/${made.id}`)).status).toBe(204);
  await stack.advance('61s');
  expect((await stack.api('GET', checksPath, { token })).status).toBe(401);
};

const readEverything = async (): Promise<void> => {
  for (const path of [
    '/',
    '/openapi.json',
    '/api/v1/monitoring/health',
    '/api/v1/monitoring/health/live',
    '/api/v1/monitoring/health/ready',
    '/api/v1/monitoring/overview',
    '/api/v1/monitoring/deployments',
    '/api/monitoring/deployments/shop',
    checksPath,
  ]) {
    expect((await stack.api('GET', path)).status, path).toBe(200);
  }
};

test('nothing that the product does is refused', async () => {
  expect(calls().filter(({ allowed }) => !allowed)).toEqual([]);
  expect(stack.lines.filter(({ source, level }) => level === 'error' && source !== 'api')).toEqual([]);
  expect(await deadLetters(stack)).toEqual({});
});

/** Not the product's own calls: Lambda's log lines, pollers, network interfaces, and what goes to dead letters. */
const ofTheMachinery = new Set(['OwnLogs', 'OwnQueue', 'MissedTick', 'NetworkInterfaces']);

/** What only happens when two write the same item at once. */
const inRaces = new Set(['rollup: Telemetry dynamodb:GetItem']);

test('every action of every statement that a function has is used', () => {
  const used = new Set(
    calls()
      .filter(({ allowed }) => allowed)
      .map(({ caller, statementSid, action }) => `${caller}: ${statementSid} ${action}`),
  );
  const granted = functionNames(template).flatMap((name) =>
    statementsOf(template, name)
      .filter(({ Sid }) => !ofTheMachinery.has(Sid))
      .flatMap(({ Sid, Action }) => list(Action).map((action) => `${name}: ${Sid} ${action}`)),
  );
  expect(granted.length).toBeGreaterThan(30);
  expect(granted.filter((grant) => !used.has(grant) && !inRaces.has(grant))).toEqual([]);
});

test('a check inside the VPC is looked at by the runner there, and moves there without a change of status', async () => {
  const page = await stack.api('GET', `${checksPath}?deploymentId=shop`);
  const items = page.body.items as readonly { id: string; name: string; status: string }[];
  const standing = Object.fromEntries(items.map(({ name, status }) => [name, status]));
  expect(standing).toMatchObject({ applied: 'healthy', inside: 'healthy', 'left-behind': 'healthy' });
  expect(calls()).toContainEqual(
    expect.objectContaining({ caller: 'vpc-runner', action: 'dynamodb:PutItem', allowed: true }),
  );
  const id = items.find(({ name }) => name === 'left-behind')?.id ?? '';
  const before = await readCheck(stack, id);
  await stack.api('PUT', `${checksPath}/${id}`, { body: { ...check('left-behind'), network: 'vpc' } });
  await stack.advance('1m');
  expect(await statusOf(stack, id)).toBe('healthy');
  expect((await readCheck(stack, id)).statusSince).toBe(before.statusSince);
  expect(changesOf(stack, id)).toEqual(['unknown → healthy', 'healthy → unknown', 'unknown → healthy']);
  expect((await resultsOf(stack, id)).length).toBeGreaterThan(6);
});
