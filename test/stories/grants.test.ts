import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RawTemplate } from '../../infra/local/assembly.ts';
import { listenForResponse } from '../../infra/local/custom-resources/response.ts';
import type { CallRecord } from '../../infra/local/gateway/access.ts';
import { writeSecret } from '../../infra/local/secrets/check-secrets.ts';
import {
  act,
  incidentsOf,
  makeChannel,
  makeRule,
  makeSilence,
  makeSlack,
  makeWebhook,
  monitoring,
  reference,
  setAlerting,
} from './alerting.ts';
import { changesOf, checksPath, makeCheck, readCheck, resultsOf, statusOf } from './checks.ts';
import { deadLetters } from './queues.ts';
import { openReceiver, type Receiver } from './receivers.ts';
import { isOfRemedies } from './remedy-grants.ts';
import { putFinding } from './signals.ts';
import { openStack, type Stack } from './stack.ts';
import { openTarget, type Target } from './target.ts';
import { functionNames, list, statementsOf, withoutPermission } from './template.ts';

/** A broad story on the widest stack there is: everything the product does, each thing once. */
let stack: Stack;
let target: Target;
let receiver: Receiver;
let refuser: Receiver;
let template: RawTemplate = { Resources: {} };
/** Of hosts that were stopped since every permission was there. */
const earlierCalls: CallRecord[] = [];
const calls = (): readonly CallRecord[] => [...earlierCalls, ...stack.host.calls()];
const config = {
  vpc: { subnetIds: ['subnet-0a1b2c3d'], securityGroupIds: ['sg-0a1b2c3d'] },
  heartbeatUrl: reference('HEARTBEAT_URL'),
};
const check = (name: string) => ({
  name,
  type: 'tcp',
  target: target.address,
  interval: '30s',
  deploymentId: 'shop',
});

// One after the other, each in a time of its own.
beforeAll(async () => {
  target = await openTarget();
  stack = await openStack({
    config,
    onDisk: true,
    patchTemplate: withoutPermission('api', 'Bus', 'events:PutEvents'),
  });
  receiver = await openReceiver(() => stack.host.now());
  refuser = await openReceiver(() => stack.host.now());
  await register();
  // Its event is left for the sweeper of the stack that has every permission.
  await makeCheck(stack, check('left-behind'));
  await stack.restart({
    patchTemplate(whole) {
      template = structuredClone(whole);
      Object.assign(whole.Resources, {
        TeamTopic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'team-alerts' } },
      });
    },
  });
});
beforeAll(() => defineChecks());
beforeAll(() => tellEverywhere());
beforeAll(() => askEverything());
beforeAll(() => actOnIncidents());
beforeAll(async () => {
  await useTokens();
  await readEverything();
  await publish();
  await stack.advance('2m');
  await sleepUntilTheWatchdog();
  await stack.advance('2m');
  await takeConsoleOut();
});
afterAll(async () => {
  await stack?.close();
  await target?.close();
  await receiver?.close();
  await refuser?.close();
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

/** Channels of every kind that asks for a permission of its own, at the paths of their names. */
const channelsOf = async (name: string, fields: Readonly<Record<string, unknown>>): Promise<void> => {
  const email = { transport: 'ses', from: 'alerts@example.com', to: ['team@example.com'] };
  const team = 'arn:aws:sns:us-east-1:000000000000:team-alerts';
  await makeSlack(stack, receiver, { name: `${name} slack`, ...fields });
  for (const [kind, type, config] of [
    ['sns', 'sns', {}],
    ['team sns', 'sns', { topicArn: team }],
    ['email', 'email', email],
    ['eventbridge', 'eventbridge', {}],
  ] as const)
    await makeChannel(stack, { name: `${name} ${kind}`, type, config, ...fields });
};
const channelKinds = ['slack', 'sns', 'team sns', 'email', 'eventbridge'];
const time = (at: number): string => new Date(at).toISOString().slice(11, 16);

/** The function `incidents` tells at once, and the notifier what waits for the end of quiet hours. */
const tellEverywhere = async (): Promise<void> => {
  writeSecret(stack.folder ?? '', 'HEARTBEAT_URL', `${receiver.url}/heartbeat`);
  const now = stack.host.now();
  await channelsOf('loud', {});
  await channelsOf('quiet', { quietHours: { from: time(now - 60_000), until: time(now + 5 * 60_000) } });
  const all = ['loud', 'quiet'].flatMap((one) => channelKinds.map((kind) => `${one} ${kind}`));
  await setAlerting(stack, { defaultChannels: all });
  await makeRule(stack, {
    deploymentId: 'shop',
    name: 'our own verdict',
    type: 'custom',
    condition: { function: 'arn:aws:lambda:us-east-1:111122223333:function:shop-verdict' },
  });
  await makeRule(stack, {
    deploymentId: 'shop',
    name: 'down for long',
    type: 'downtime',
    condition: { longerThan: '2m' },
  });
  await putFinding(stack, { deploymentId: 'told', state: 'open', severity: 'error' });
  // Refused for good, so that something is undelivered.
  await refuser.become('refusing');
  await makeWebhook(stack, refuser, { name: 'refusing' });
  await makeRule(stack, {
    deploymentId: 'shop',
    name: 'found',
    type: 'finding',
    condition: {},
    channels: ['refusing'],
  });
  await stack.advance('10s');
  await putFinding(stack, { deploymentId: 'shop', state: 'open', kind: 'idle' });
  await stack.advance('1m');
};

const actOnIncidents = async (): Promise<void> => {
  const [incident] = await incidentsOf(stack, 'told');
  const id = incident?.id ?? '';
  const link = receiver.slack('/loud')[0]?.links.acknowledge ?? '';
  expect((await fetch(link)).status).toBe(200);
  await act(stack, id, 'comment', { text: 'seen' });
  await makeSilence(stack, { matchers: ['deployment=told'], duration: '2m' });
  const redriven = await stack.api('POST', `${monitoring}/notifications/redrive`, { body: {} });
  expect(redriven.status, redriven.text).toBeLessThan(300);
  await putFinding(stack, { deploymentId: 'told', state: 'resolved', severity: 'error' });
  await stack.advance('3m');
  for (const path of [
    'audit',
    'incidents/figures',
    'alerts/noise',
    'alerts/events',
    'notifications/undelivered',
  ])
    expect((await stack.api('GET', `${monitoring}/${path}`)).status, path).toBe(200);
  const kinds = receiver.slack('/quiet').map(({ word }) => word);
  expect(kinds).toContain('Firing');
  expect(receiver.requests.filter(({ path }) => path === '/heartbeat').length).toBeGreaterThan(1);
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
    const definition = { name, deploymentId: 'shop', interval: '5m', ...one };
    const trial = await stack.api('POST', `${checksPath}/test`, { body: definition });
    expect(trial.status, trial.text).toBe(200);
    ids.set(name, await makeCheck(stack, definition));
  }
  for (const [name, one] of Object.entries(related()))
    await makeCheck(stack, { name, deploymentId: 'shop', interval: '2m', ...one });
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

/** What anybody reads, while nothing is signed in. */
const publish = async (): Promise<void> => {
  await makeCheck(stack, { ...check('shown'), isPublic: true });
  const body = { slug: 'shop', name: 'Shop', groups: [{ name: 'All of it', deploymentId: 'shop' }] };
  expect((await stack.api('POST', `${monitoring}/status-pages`, { body })).status).toBe(201);
  await stack.advance('1m');
  for (const path of ['', '/history', '/feed.xml', '/badge.svg', '/summary.json']) {
    const { status, text } = await stack.api('GET', `/status/shop${path}`, { token: null });
    expect([path, status]).toEqual([path, 200]);
    if (path === '') expect(text).toContain('>shown<');
  }
};

/** As when the stack is deleted, which on one machine nobody does. */
const takeConsoleOut = async (): Promise<void> => {
  const { stack: hosted, invoke } = stack.host;
  const [bucket] = hosted.ofType('AWS::S3::Bucket').map(hosted.refOf);
  const identity = { StackId: 'arn:of:this:stack', RequestId: 'the-end', LogicalResourceId: 'Content' };
  const listener = await listenForResponse({ path: 'answer', identity });
  await invoke('console-files', {
    ...identity,
    RequestType: 'Delete',
    ResponseURL: listener.url,
    ResourceType: 'Custom::ConsoleFiles',
    PhysicalResourceId: bucket,
    ResourceProperties: { BucketName: bucket },
  });
  expect(listener.response()).toMatchObject({ status: 'SUCCESS', physicalResourceId: bucket });
  await listener.stop();
  // 403 would say nothing: only who may list learns that a file is missing.
  expect((await stack.api('GET', '/', { token: null })).status).toBe(404);
};

test('nothing that the product does is refused', async () => {
  expect(calls().filter(({ allowed }) => !allowed)).toEqual([]);
  const errors = stack.lines.filter(({ source, level }) => level === 'error' && source !== 'api');
  // What the receiver of this story refused.
  const isRefusal = ({ text }: { readonly text: string }) =>
    /notifications were not delivered|Notifications could not be delivered/.test(text);
  expect(errors.filter((line) => !isRefusal(line))).toEqual([]);
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
      // What remediation is allowed is used in grants-remediation.test.ts.
      .filter(({ Sid }) => !ofTheMachinery.has(Sid) && !isOfRemedies(name, Sid))
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
