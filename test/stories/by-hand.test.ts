import { afterAll, beforeAll, expect, test } from 'vitest';
import { monitoring } from './alerting.ts';
import type { Account } from './aws-account.ts';
import { logGroup } from './aws-cloudcontrol.ts';
import { ecsService, taskDefinitionArn } from './aws-ecs.ts';
import { arnOf, optedIn } from './aws-state.ts';
import { readRemediation, recordOf, remediationsOf } from './healing.ts';
import { unpublished } from './published.ts';
import { deadLetters } from './queues.ts';
import { callsIn, decide, makePolicyFor, openRemedying, registerIn, remediate, tell } from './remedying.ts';
import type { Stack } from './stack.ts';

/** What people ask for themselves, and the borders that hold for them, too. */
let stack: Stack;
let account: Account;
beforeAll(async () => {
  ({ stack, account } = await openRemedying());
  account.taskDefinitions.push(taskDefinitionArn('web:1'), taskDefinitionArn('web:2'));
});
afterAll(async () => {
  await stack?.close();
  await account?.close();
});

type Body = Readonly<Record<string, unknown>>;
const instance = 'i-00000000000000001';
const typeName = 'AWS::Logs::LogGroup';

const serviceOf = (name: string) => {
  const service = account.services.get(`prod/${name}`);
  if (!service) throw new Error(`there is no service ${name}`);
  return service;
};
const given = async (name: string, fields: Body = {}, resources: readonly Body[] = []): Promise<void> => {
  const taskDefinition = taskDefinitionArn('web:2');
  account.services.set(
    `prod/${name}`,
    ecsService(`prod/${name}`, { taskDefinition, tags: optedIn, ...fields }),
  );
  await registerIn(stack, name, [{ name: 'web', type: 'ecs-service', id: `prod/${name}` }, ...resources]);
};
const updatesOf = (name: string): readonly Body[] =>
  account.asked
    .filter(({ operation, input }) => operation === 'UpdateService' && input.service === name)
    .map(({ input }) => {
      const { cluster: _c, service: _s, ...change } = input;
      return change;
    });
const makeToken = async (name: string, scopes: readonly string[], deployments: unknown = '*') => {
  const made = await stack.api('POST', `${monitoring}/tokens`, { body: { name, scopes, deployments } });
  expect(made.status, made.text).toBe(201);
  return String(made.body.token);
};
const ended = async (answer: Awaited<ReturnType<typeof remediate>>) => {
  expect(answer.status, answer.text).toBe(202);
  expect(answer.body.remediationId).toBe(answer.body.planHash);
  await stack.advance('2m');
  return readRemediation(stack, String(answer.body.planHash));
};

test('each of the six actions, approved with the wish itself, is planned, done once and verified', async () => {
  await given('shop', {}, [{ name: 'worker', type: 'ec2-instance', id: instance }]);
  account.instances.set(instance, { state: 'running', isStuck: false, tags: optedIn });
  for (const name of ['drifted', 'violating']) {
    account.resources.set(`${typeName} /${name}`, logGroup(`/${name}`, { RetentionInDays: 30 }, optedIn));
  }
  const patch = [{ op: 'replace', path: '/RetentionInDays', value: 14 }];
  const found = (kind: string, identifier: string) => ({
    kind,
    deploymentId: 'shop',
    resource: identifier,
    title: `${identifier} is not as wanted`,
    reason: 'it keeps its lines too long',
    details: { typeName, identifier, patch },
  });
  const idle = {
    kind: 'idle',
    deploymentId: 'shop',
    resource: 'worker',
    title: 'worker is idle',
    reason: 'no request',
  };
  await tell(stack, found('drift', '/drifted'), found('violation', '/violating'), idle);
  await stack.advance('30s');
  expect(await remediationsOf(stack, 'shop')).toEqual([]);

  const wishes: readonly (readonly [Body, string])[] = [
    [{ action: 'restart', resource: 'web' }, 'ecs UpdateService ok'],
    [{ action: 'scale', resource: 'web', params: { desired: 4 } }, 'ecs UpdateService ok'],
    [{ action: 'rollback', resource: 'web' }, 'ecs UpdateService ok'],
    [{ action: 'fix-drift' }, 'cloudcontrol UpdateResource ok'],
    [{ action: 'fix-compliance' }, 'cloudcontrol UpdateResource ok'],
    [{ action: 'optimize-cost' }, 'ec2 StopInstances ok'],
  ];
  for (const [wish, call] of wishes) {
    const done = await ended(await remediate(stack, 'shop', { ...wish, approve: true }));
    expect(done, String(wish.action)).toMatchObject({
      status: 'succeeded',
      madeBy: 'admin',
      approvals: [{ by: 'admin' }],
    });
    expect(callsIn(await recordOf(stack, done.id))).toEqual([call]);
  }
  expect(updatesOf('shop')).toEqual([
    { forceNewDeployment: true },
    { desiredCount: 4 },
    { taskDefinition: taskDefinitionArn('web:1') },
  ]);
  expect(serviceOf('shop')).toMatchObject({ desired: 4, taskDefinition: taskDefinitionArn('web:1') });
  for (const name of ['drifted', 'violating'])
    expect(account.resources.get(`${typeName} /${name}`)).toMatchObject({ RetentionInDays: 14 });
  expect(account.instances.get(instance)?.state).toBe('stopped');
  const nothing = await remediate(stack, 'shop', { action: 'fix-drift', approve: true });
  expect(nothing.status).toBe(409);
});

test('without approve it waits for somebody, a dry run only shows it, and a repeated request is the same plan', async () => {
  await given('patient');
  const wish = { action: 'scale', params: { desired: 5 } };
  const shown = await remediate(stack, 'patient', { ...wish, dryRun: true });
  expect(shown.status, shown.text).toBe(200);
  expect(shown.body).toMatchObject({
    remediationId: null,
    plan: { actions: [{ kind: 'ecs-scale', before: { desired: 2 }, expected: { desired: 5 } }] },
  });
  await stack.advance('1m');
  expect(await remediationsOf(stack, 'patient')).toEqual([]);

  const headers = { 'idempotency-key': 'the-same-wish' };
  const ask = () => stack.api('POST', '/api/monitoring/remediate/patient', { body: wish, headers });
  const first = await ask();
  expect(first.body).toMatchObject({ status: 'waiting' });
  await stack.advance('1m');
  expect(updatesOf('patient')).toEqual([]);
  const again = await ask();
  expect(again.body.planHash).toBe(first.body.planHash);
  await decide(stack, { id: String(first.body.planHash) }, 'approve');
  await stack.advance('2m');
  expect((await ask()).body.planHash).toBe(first.body.planHash);
  await stack.advance('2m');
  expect(updatesOf('patient')).toEqual([{ desiredCount: 5 }]);
  expect(await remediationsOf(stack, 'patient')).toHaveLength(1);
});

test('where the policy wants another person, or two, one alone cannot have it done', async () => {
  await given('four-eyes');
  await given('two');
  const unhealthy = (approval: Body) => ({
    health_remediation: {
      unhealthy_service: { action: 'restart', approval: { mode: 'manual', ...approval } },
    },
  });
  await makePolicyFor(stack, 'four-eyes', unhealthy({ another_person: true }));
  await makePolicyFor(stack, 'two', unhealthy({ people: 2 }));
  const [ada, bob] = [
    await makeToken('ada', ['read', 'operate']),
    await makeToken('bob', ['read', 'operate']),
  ];
  const wish = { action: 'restart' };
  expect((await remediate(stack, 'four-eyes', { ...wish, approve: true }, ada)).status).toBe(403);
  expect((await remediate(stack, 'two', { ...wish, approve: true }, ada)).status).toBe(409);
  expect(await remediationsOf(stack, 'four-eyes')).toEqual([]);
  expect(await remediationsOf(stack, 'two')).toEqual([]);

  const approve = (hash: unknown, token: string) =>
    stack.api('POST', `${monitoring}/plans/${hash}/approve`, { body: {}, token });
  const { body: asked } = await remediate(stack, 'four-eyes', wish, ada);
  await stack.advance('10s');
  expect((await approve(asked.planHash, ada)).status).toBe(403);
  expect((await approve(asked.planHash, bob)).status).toBe(200);
  const { body: ofTwo } = await remediate(stack, 'two', wish, ada);
  await stack.advance('10s');
  for (const token of [ada, ada]) expect((await approve(ofTwo.planHash, token)).status).toBe(200);
  await stack.advance('1m');
  expect([updatesOf('four-eyes').length, updatesOf('two').length]).toEqual([1, 0]);
  expect((await approve(ofTwo.planHash, bob)).status).toBe(200);
  await stack.advance('2m');
  expect(updatesOf('two')).toEqual([{ forceNewDeployment: true }]);
  expect(await readRemediation(stack, String(ofTwo.planHash))).toMatchObject({ status: 'succeeded' });
});

test('whoever may only read, or does not reach the deployment, has nothing done', async () => {
  await given('foreign');
  const wish = { action: 'restart', approve: true };
  const reader = await makeToken('reader', ['read']);
  const elsewhere = await makeToken('elsewhere', ['read', 'operate'], ['shop']);
  expect((await remediate(stack, 'foreign', wish, reader)).status).toBe(403);
  expect((await remediate(stack, 'foreign', wish, elsewhere)).status).toBe(404);
  await stack.advance('1m');
  expect(updatesOf('foreign')).toEqual([]);
});

test('a kind of action that was not opted in at deploy is refused, saying what to add', async () => {
  await given('closed', {}, [{ name: 'orders', type: 'rds-instance', id: 'orders' }]);
  const refused = await remediate(stack, 'closed', { action: 'restart', resource: 'orders', approve: true });
  expect(refused.status).toBe(409);
  expect(refused.text).toContain('rds-reboot');
  expect(refused.text).toContain('\\"actions\\" in the configuration');
  expect(await remediationsOf(stack, 'closed')).toEqual([]);
});

test('a plan that names another resource than the one that is changed: the session of the action is refused, and nothing is changed', async () => {
  await given('other');
  // The permission of a plan is the ARN that ECS tells; here ECS tells the one of another service.
  await given('liar', { arn: arnOf('ecs', 'service/prod/other') });
  const failed = await ended(
    await remediate(stack, 'liar', { action: 'scale', params: { desired: 9 }, approve: true }),
  );
  expect(failed).toMatchObject({ status: 'failed' });
  expect(callsIn(await recordOf(stack, failed.id))).toEqual(['ecs UpdateService refused']);
  expect([updatesOf('liar'), updatesOf('other')]).toEqual([[], []]);
  expect(serviceOf('liar').desired).toBe(2);
  const refusals = stack.host
    .calls()
    .filter(({ action, allowed }) => action === 'ecs:UpdateService' && !allowed);
  expect(refusals).toMatchObject([
    {
      caller: expect.stringContaining(failed.id.slice(0, 12)),
      resource: expect.stringContaining('prod/liar'),
    },
  ]);
});

test('what loses its tag after it was planned is refused by the role of the action, whoever approved it', async () => {
  await given('untagged');
  const { body } = await remediate(stack, 'untagged', { action: 'scale', params: { desired: 9 } });
  account.services.set('prod/untagged', { ...serviceOf('untagged'), tags: {} });
  await decide(stack, { id: String(body.planHash) }, 'approve');
  await stack.advance('2m');
  expect(await readRemediation(stack, String(body.planHash))).toMatchObject({ status: 'failed' });
  expect(callsIn(await recordOf(stack, String(body.planHash)))).toEqual(['ecs UpdateService refused']);
  expect(updatesOf('untagged')).toEqual([]);
  expect(await unpublished(stack)).toEqual([]);
  expect(await deadLetters(stack)).toEqual({});
});
