import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RawTemplate } from '../../infra/local/assembly.ts';
import { monitoring, reference, setSecret } from './alerting.ts';
import { type Account, openAwsAccount } from './aws-account.ts';
import { logGroup } from './aws-cloudcontrol.ts';
import { ecsService, taskDefinitionArn } from './aws-ecs.ts';
import { optedIn } from './aws-state.ts';
import { makeCheck } from './checks.ts';
import { openDocker } from './docker.ts';
import { onlyRemediation, remediationsOf } from './healing.ts';
import { deadLetters } from './queues.ts';
import { openReceiver, type Receiver } from './receivers.ts';
import { isOfRemedies } from './remedy-grants.ts';
import { decide, findingsKey, makePolicyFor, registerIn, remediate, type Told, tell } from './remedying.ts';
import { openStack, type Stack } from './stack.ts';
import { openTarget, type Target } from './target.ts';
import { functionNames, list, type Statement, statementsOf } from './template.ts';

/** Everything that remediation does, each thing once: what its functions and roles are allowed is used, and no more is needed. */
let stack: Stack;
let account: Account;
let receiver: Receiver;
let docker: Awaited<ReturnType<typeof openDocker>>;
let template: RawTemplate = { Resources: {} };
const targets = new Map<string, Target>();
const targetOf = (name: string): Target => {
  const target = targets.get(name);
  if (!target) throw new Error(`there is no target ${name}`);
  return target;
};

const config = {
  vpc: { subnetIds: ['subnet-0a1b2c3d'], securityGroupIds: ['sg-0a1b2c3d'] },
  orchestratorUrl: reference('ORCHESTRATOR_URL'),
  actions: {
    'cloudcontrol-patch': { tags: optedIn, types: ['AWS::Logs::LogGroup'] },
    'ecs-rollback': { tags: optedIn },
    'docker-restart': {},
    'probe-concurrency': {},
    webhook: {},
  },
};

beforeAll(async () => {
  account = await openAwsAccount(() => stack?.host.now() ?? 0);
  for (const name of ['outside', 'inside', 'web']) targets.set(name, await openTarget());
  docker = await openDocker((name) => targetOf(name).become('up'));
  stack = await openStack({
    config,
    awsAccount: account.account,
    patchTemplate: (whole) => {
      template = structuredClone(whole);
    },
  });
  receiver = await openReceiver(
    () => stack.host.now(),
    () => undefined,
    () => '{}',
  );
  await setSecret(stack, 'FINDINGS_KEY', findingsKey);
  await setSecret(stack, 'ORCHESTRATOR_URL', `${receiver.url}/orchestrator`);
  await setSecret(stack, 'ORCHESTRATOR_KEY', 'o'.repeat(40));
  await setSecret(stack, 'DOCKER_HOST', docker.url);
});
beforeAll(() => define());
beforeAll(() => heal());
beforeAll(() => fixDrift());
beforeAll(() => rollBack());
beforeAll(() => scale());
afterAll(async () => {
  await stack?.close();
  await Promise.all([account, receiver, docker, ...targets.values()].map((one) => one?.close()));
});

const define = async (): Promise<void> => {
  const container = (name: string) => ({
    name,
    type: 'docker-container',
    id: name,
    checks: [name],
    settings: { host: reference('DOCKER_HOST') },
  });
  account.taskDefinitions.push(taskDefinitionArn('web:1'), taskDefinitionArn('web:2'));
  account.services.set('prod/web', ecsService('prod/web', { tags: optedIn }));
  await registerIn(stack, 'outside', [container('outside')]);
  await registerIn(stack, 'inside', [container('inside')]);
  await registerIn(stack, 'web', [{ name: 'web', type: 'ecs-service', id: 'prod/web', checks: ['web'] }]);
  await registerIn(stack, 'drift', [
    { name: 'orchestrator', type: 'orchestrator', id: 'ours', settings: { action: 'run_templates' } },
    { name: 'probes', type: 'probe-concurrency', id: 'runner' },
  ]);
  const restart = { health_remediation: { unhealthy_service: { action: 'restart' } } };
  await makePolicyFor(stack, 'healing', restart, ['outside', 'inside']);
  await makePolicyFor(stack, 'web', {
    health_remediation: { failed_release: { action: 'rollback', approval: 'auto' } },
  });
  await makePolicyFor(stack, 'drift', {
    drift_remediation: { auto_fix: [{ severity: 'error', action: 'fix', approval: 'manual' }] },
    compliance_remediation: { auto_fix: [{ severity: 'error', action: 'webhook', approval: 'auto' }] },
    brakes: { flaps_per_day: 1, cooldown: 0, attempts_per_hour: 10 },
  });
  for (const [name, network] of [
    ['outside', 'public'],
    ['inside', 'vpc'],
    ['web', 'public'],
  ]) {
    await makeCheck(stack, {
      name,
      target: targetOf(String(name)).url,
      deploymentId: name,
      // So seldom that the verification has it looked at in between.
      interval: name === 'web' ? '30s' : '3m',
      failureThreshold: 1,
      retries: 0,
      network,
    });
  }
  await stack.advance('4m');
};

const heal = async (): Promise<void> => {
  for (const name of ['outside', 'inside']) await targetOf(name).become('failing');
  await stack.advance('6m');
  for (const name of ['outside', 'inside'])
    expect(await onlyRemediation(stack, name)).toMatchObject({ status: 'succeeded' });
};

const drift: Told = {
  kind: 'drift',
  severity: 'error',
  deploymentId: 'drift',
  resource: '/shop',
  title: '/shop keeps its lines too long',
  reason: 'somebody set it so',
  details: {
    typeName: 'AWS::Logs::LogGroup',
    identifier: '/shop',
    patch: [{ op: 'replace', path: '/RetentionInDays', value: 14 }],
  },
};

/** Approved once; then it drifts again, and whoever does that is looked up. */
const fixDrift = async (): Promise<void> => {
  for (const _ of [1, 2]) {
    const properties = logGroup('/shop', { RetentionInDays: 30 }, optedIn);
    account.resources.set('AWS::Logs::LogGroup /shop', properties);
    await tell(stack, drift);
    await stack.advance('30s');
    const plan = (await remediationsOf(stack, 'drift')).at(-1);
    await decide(stack, { id: plan?.id ?? '' }, 'approve');
    await stack.advance('2m');
  }
  const all = await remediationsOf(stack, 'drift');
  expect(all.map(({ status }) => status)).toEqual(['succeeded', 'held']);
  await tell(stack, {
    kind: 'violation',
    severity: 'error',
    deploymentId: 'drift',
    resource: 'bucket',
    title: 'the bucket is public',
    reason: 'its policy says so',
  });
  await stack.advance('2m');
  expect((await remediationsOf(stack, 'drift')).at(-1)).toMatchObject({ status: 'succeeded' });
};

const rollBack = async (): Promise<void> => {
  const path = `${monitoring}/deployments/web/releases`;
  const told = async (state: string): Promise<void> => {
    const answer = await stack.api('POST', path, { body: { version: 'v2', state, window: '3m' } });
    expect(answer.status, answer.text).toBe(202);
  };
  await told('began');
  const service = account.services.get('prod/web');
  if (service) service.taskDefinition = taskDefinitionArn('web:2');
  await targetOf('web').become('failing');
  account.onDone(async ({ operation }) => {
    if (operation === 'UpdateService') await targetOf('web').become('up');
  });
  await told('finished');
  await stack.advance('5m');
  expect(await onlyRemediation(stack, 'web')).toMatchObject({ status: 'succeeded' });
};

/** By a rule, and by a person. */
const scale = async (): Promise<void> => {
  const { status, text } = await stack.api('POST', `${monitoring}/scaling`, {
    body: {
      deploymentId: 'drift',
      name: 'probes',
      target: { kind: 'probe-concurrency', resource: 'probes' },
      series: 'check.response_time_ms',
      min: 30,
      max: 50,
      targetValue: 100_000,
      scaleInProtection: true,
    },
  });
  expect(status, text).toBe(201);
  await makeCheck(stack, {
    name: 'probed',
    target: targetOf('web').url,
    deploymentId: 'drift',
    interval: '30s',
  });
  await stack.advance('4m');
  const wish = { action: 'scale', resource: 'probes', params: { desired: 40 }, approve: true };
  expect((await remediate(stack, 'drift', wish)).status).toBe(202);
  await stack.advance('2m');
  const [byRule, byHand] = (await remediationsOf(stack, 'drift')).slice(-2);
  expect(byRule).toMatchObject({ status: 'succeeded', madeBy: 'scaling:probes' });
  expect(byHand).toMatchObject({ status: 'succeeded', madeBy: 'admin' });
};

test('nothing that remediation does is refused', async () => {
  expect(stack.host.calls().filter(({ allowed }) => !allowed)).toEqual([]);
  expect(await deadLetters(stack)).toEqual({});
  expect([docker.restarts('outside'), docker.restarts('inside')]).toEqual([1, 1]);
  expect(receiver.requests.length).toBeGreaterThan(2);
});

/** Not the product's own calls: Lambda's log lines, events that failed three times, and network interfaces. */
const ofTheMachinery = new Set(['OwnLogs', 'OwnQueue', 'MissedTick', 'LostEvent', 'NetworkInterfaces']);

/** What only happens when two do the same at once. */
const inRaces = new Set([
  // Somebody approves between the gate that asks and the step that waits.
  'remedy-approval: WorkflowsTokens states:SendTaskSuccess',
  // Healing is stopped between the gate and the step that applies.
  'remedy-apply: Bus events:PutEvents',
  // The plan changes between the gate that asks and the step that waits.
  'remedy-approval: Bus events:PutEvents',
]);

/** Who used what: `planner: State dynamodb:GetItem`. A session of a role counts as its role. */
const used = (): ReadonlySet<string> =>
  new Set(
    stack.host
      .calls()
      .filter(({ allowed }) => allowed)
      .map(({ caller, statementSid, action }) => `${caller.split('/')[0]}: ${statementSid} ${action}`),
  );
const grantsOf = (name: string, statements: readonly Statement[]): readonly string[] =>
  statements.flatMap(({ Sid, Action }) => list(Action).map((action) => `${name}: ${Sid} ${action}`));

test('every action of every statement that a function of remediation has is used', () => {
  const calls = used();
  const granted = functionNames(template).flatMap((name) =>
    grantsOf(
      name,
      statementsOf(template, name).filter(
        ({ Sid }) => isOfRemedies(name, Sid) && !ofTheMachinery.has(Sid) && !Sid.startsWith('ActionTargets'),
      ),
    ),
  );
  expect(granted.length).toBeGreaterThan(50);
  expect(granted.filter((grant) => !calls.has(grant) && !inRaces.has(grant))).toEqual([]);
});

test('every read that the opted-in actions ask for is used by a function that plans, judges or verifies', () => {
  const calls = [...used()];
  const readers = ['planner', 'remedy-gate', 'remedy-verify'];
  const reads = new Set(
    readers.flatMap((name) =>
      statementsOf(template, name)
        .filter(({ Sid }) => Sid.startsWith('ActionTargets'))
        .flatMap(({ Action }) => list(Action)),
    ),
  );
  // The handlers of Cloud Control's types read with the caller's permissions: those calls are made inside AWS.
  const inAws = [...reads].filter((action) => action.startsWith('logs:'));
  const made = [...reads].filter((action) => !inAws.includes(action));
  expect(made.length).toBeGreaterThan(4);
  expect(made.filter((action) => !calls.some((call) => call.endsWith(` ${action}`)))).toEqual([]);
});

test('workflows call every step by roles of their own, and the roles of the actions do what they are for and nothing else', () => {
  const calls = stack.host.calls().filter(({ allowed }) => allowed);
  const machines = Object.values(template.Resources).filter(
    ({ Type }) => Type === 'AWS::StepFunctions::StateMachine',
  );
  const ofMachines = calls.filter(({ statementSid }) => statementSid === 'Steps');
  // Nothing is idle in this story.
  expect(new Set(ofMachines.map(({ caller }) => caller)).size).toBe(machines.length - 1);
  expect(new Set(ofMachines.map(({ resource }) => resource)).size).toBe(5);
  const ofActions = calls.filter(({ caller }) => /^[^/]+\/[0-9a-f]{12}$/.test(caller));
  expect(new Set(ofActions.map(({ action }) => action))).toEqual(
    new Set(['cloudformation:UpdateResource', 'ecs:UpdateService']),
  );
});
