import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RawTemplate } from '../../infra/local/assembly.ts';
import { changesOf, checksPath, makeCheck, readCheck, resultsOf, statusOf } from './checks.ts';
import { deadLetters } from './queues.ts';
import { openStack, type Stack } from './stack.ts';
import { openTarget, type Target } from './target.ts';
import { functionNames, list, statementsOf, withoutPermission } from './template.ts';

/** A broad story on the widest stack there is: everything the product does, each thing once. */
let stack: Stack;
let target: Target;
let template: RawTemplate = { Resources: {} };
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
  await useTokens();
  await readEverything();
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
  expect(stack.host.calls().filter(({ allowed }) => !allowed)).toEqual([]);
  expect(stack.lines.filter(({ source, level }) => level === 'error' && source !== 'api')).toEqual([]);
  expect(await deadLetters(stack)).toEqual({});
});

/** Not the product's own calls: Lambda's log lines, pollers, network interfaces, and what goes to dead letters. */
const ofTheMachinery = new Set(['OwnLogs', 'OwnQueue', 'MissedTick', 'NetworkInterfaces']);

test('every action of every statement that a function has is used', () => {
  const used = new Set(
    stack.host
      .calls()
      .filter(({ allowed }) => allowed)
      .map(({ caller, statementSid, action }) => `${caller}: ${statementSid} ${action}`),
  );
  const granted = functionNames(template).flatMap((name) =>
    statementsOf(template, name)
      .filter(({ Sid }) => !ofTheMachinery.has(Sid))
      .flatMap(({ Sid, Action }) => list(Action).map((action) => `${name}: ${Sid} ${action}`)),
  );
  expect(granted.length).toBeGreaterThan(30);
  expect(granted.filter((grant) => !used.has(grant))).toEqual([]);
});

test('a check inside the VPC is looked at by the runner there, and moves there without a change of status', async () => {
  const page = await stack.api('GET', `${checksPath}?deploymentId=shop`);
  const items = page.body.items as readonly { id: string; name: string; status: string }[];
  expect(items.map(({ name, status }) => [name, status]).sort()).toEqual([
    ['applied', 'healthy'],
    ['inside', 'healthy'],
    ['left-behind', 'healthy'],
  ]);
  expect(stack.host.calls()).toContainEqual(
    expect.objectContaining({ caller: 'vpc-runner', action: 'dynamodb:PutItem', allowed: true }),
  );
  const id = items.find(({ name }) => name === 'left-behind')?.id ?? '';
  const before = await readCheck(stack, id);
  await stack.api('PUT', `${checksPath}/${id}`, { body: { ...check('left-behind'), network: 'vpc' } });
  await stack.advance('1m');
  expect(await statusOf(stack, id)).toBe('healthy');
  expect((await readCheck(stack, id)).statusSince).toBe(before.statusSince);
  expect(changesOf(stack, id)).toEqual(['unknown → healthy']);
  expect((await resultsOf(stack, id)).length).toBeGreaterThan(6);
});
