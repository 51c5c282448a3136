import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DeploymentResource } from '../../../../shared/catalog/index.ts';
import { openNameWriter } from '../../../../shared/platform/aws/actions/cloudtrail.aws.ts';
import { sessionPolicyOf } from '../../../../shared/remediation/actions/session-policy.ts';
import { type Answer, portsAt, queryError, respond, startWire } from './aws-wire.ts';
import { applied, planned, planOne, verified } from './planned.ts';

// What no emulator knows, against the documents of the API references.

let wire: Awaited<ReturnType<typeof startWire>>;
beforeAll(async () => {
  wire = await startWire();
});
afterAll(() => wire?.stop());

type Json = Record<string, unknown>;
/** A service that speaks JSON 1.1: an answer by operation; one with `__type` is an error of 400. */
const json = (
  answers: Readonly<Record<string, Json | ((given: Json) => Json)>>,
  asked: Json[] = [],
): Answer => {
  return ({ target, body }, response) => {
    const operation = target.split('.').at(-1) ?? '';
    const given = JSON.parse(body);
    asked.push({ operation, ...given });
    const answer = answers[operation] ?? { __type: 'UnknownOperationException' };
    const told = typeof answer === 'function' ? answer(given) : answer;
    respond(response, '__type' in told ? 400 : 200, JSON.stringify(told), 'application/x-amz-json-1.1');
  };
};

describe('an automation of Systems Manager', () => {
  const instance: DeploymentResource = {
    name: 'web',
    type: 'ec2-instance',
    id: 'i-0a1b',
    settings: { document: 'Shop-Drain', parameters: '{"InstanceId": "{id}", "Force": ["false"]}' },
  };
  const described = {
    Document: { Name: 'Shop-Drain', DocumentType: 'Automation', DefaultVersion: '4', Owner: '123456789012' },
  };
  const answers = (status: string, FailureMessage?: string) => ({
    DescribeDocument: described,
    StartAutomationExecution: { AutomationExecutionId: '11111111-2222-3333-4444-555555555555' },
    GetAutomationExecution: { AutomationExecution: { AutomationExecutionStatus: status, FailureMessage } },
  });

  test('is planned in the version of now and for this resource, and is allowed that document alone', async () => {
    wire.answerWith(json(answers('Success')));
    const plan = await planned(portsAt(wire.endpoint).ports, 'ssm-automation', instance);
    expect(plan).toMatchObject({
      before: {
        document: 'Shop-Drain',
        version: '4',
        parameters: { InstanceId: ['i-0a1b'], Force: ['false'] },
      },
      permissions: [
        {
          actions: ['ssm:StartAutomationExecution'],
          resources: [
            'arn:aws:ssm:us-east-1:123456789012:automation-definition/Shop-Drain:*',
            'arn:aws:ssm:us-east-1:123456789012:document/Shop-Drain',
            'arn:aws:ssm:us-east-1:123456789012:automation-execution/*',
          ],
        },
      ],
    });
    expect(sessionPolicyOf(plan)).toHaveProperty('policy');
  });

  test('is started once with a token of the attempt, and followed by its id', async () => {
    const asked: Json[] = [];
    wire.answerWith(json(answers('Success'), asked));
    const { ports } = portsAt(wire.endpoint);
    const plan = await planned(ports, 'ssm-automation', instance);
    const receipt = await applied(ports, plan);
    expect(asked.at(-1)).toMatchObject({
      operation: 'StartAutomationExecution',
      DocumentVersion: '4',
      ClientToken: 'ffffffff-ffff-ffff-ffff-ffffffffffff',
    });
    expect(receipt).toEqual({ executionId: '11111111-2222-3333-4444-555555555555' });
    expect(await verified(ports, plan, receipt)).toMatchObject({ state: 'verified' });
  });

  test.each([
    { status: 'InProgress', state: 'pending' },
    { status: 'Waiting', state: 'pending' },
    { status: 'Failed', state: 'failed' },
    { status: 'TimedOut', state: 'failed' },
    { status: 'Cancelled', state: 'failed' },
  ])('that is $status is $state, in its own words', async ({ status, state }) => {
    wire.answerWith(json(answers(status, 'Step drain said why')));
    const { ports } = portsAt(wire.endpoint);
    const plan = await planned(ports, 'ssm-automation', instance);
    expect(await verified(ports, plan, { executionId: 'e' })).toMatchObject({
      state,
      reason: expect.stringContaining('Step drain said why'),
    });
  });

  test.each([
    {
      why: 'the document is not there',
      answer: { __type: 'InvalidDocument' },
      says: 'there is no document Shop-Drain',
    },
    {
      why: 'the document is of another type',
      answer: { Document: { ...described.Document, DocumentType: 'Command' } },
      says: 'is a document of the type Command',
    },
  ])('is refused where $why', async ({ answer, says }) => {
    wire.answerWith(json({ DescribeDocument: answer }));
    await expect(planOne(portsAt(wire.endpoint).ports, 'ssm-automation', instance)).rejects.toThrow(says);
  });
});

describe('a rollback of CodeDeploy', () => {
  const group: DeploymentResource = { name: 'web', type: 'codedeploy-group', id: 'shop/production' };
  const info = (status: string, more: Json = {}) => ({ deploymentInfo: { status, ...more } });
  const rollback = { rollbackInfo: { rollbackDeploymentId: 'd-BACK' } };
  const answers = (stopped: Json, back: Json = info('Succeeded')) => ({
    ListDeployments: { deployments: ['d-NEW'] },
    StopDeployment: { status: 'Pending' },
    GetDeployment: ({ deploymentId }: Json) => (deploymentId === 'd-BACK' ? back : stopped),
  });

  test('stops the deployment that is under way and asks for the last good revision', async () => {
    const asked: Json[] = [];
    wire.answerWith(json(answers(info('Stopped', rollback)), asked));
    const { ports } = portsAt(wire.endpoint);
    const plan = await planned(ports, 'codedeploy-rollback', group);
    expect(plan).toMatchObject({
      before: { deployment: 'd-NEW' },
      permissions: [{ resources: ['arn:aws:codedeploy:us-east-1:*:deploymentgroup:shop/production'] }],
    });
    await applied(ports, plan);
    expect(asked.at(-1)).toEqual({
      operation: 'StopDeployment',
      deploymentId: 'd-NEW',
      autoRollbackEnabled: true,
    });
    expect(await verified(ports, plan, undefined)).toMatchObject({ state: 'verified' });
  });

  test.each([
    { why: 'it still stops', stopped: info('InProgress'), back: undefined, state: 'pending' },
    {
      why: 'the rollback is under way',
      stopped: info('Stopped', rollback),
      back: info('InProgress'),
      state: 'pending',
    },
    { why: 'the rollback failed', stopped: info('Stopped', rollback), back: info('Failed'), state: 'failed' },
    {
      why: 'nothing can be rolled back to',
      stopped: info('Stopped', { rollbackInfo: { rollbackMessage: 'There is no successful deployment.' } }),
      back: undefined,
      state: 'failed',
    },
    {
      why: 'it was done before it was stopped',
      stopped: info('Succeeded'),
      back: undefined,
      state: 'failed',
    },
  ])('is $state where $why', async ({ stopped, back, state }) => {
    wire.answerWith(json(answers(stopped, back)));
    const { ports } = portsAt(wire.endpoint);
    const plan = await planned(ports, 'codedeploy-rollback', group);
    expect(await verified(ports, plan, undefined)).toMatchObject({ state });
  });

  test('is refused while nothing is deployed, and by CodeDeploy when it is over', async () => {
    wire.answerWith(json({ ListDeployments: { deployments: [] } }));
    expect(await planOne(portsAt(wire.endpoint).ports, 'codedeploy-rollback', group)).toHaveProperty(
      'refused',
    );
    wire.answerWith(json({ ListDeployments: { __type: 'DeploymentGroupDoesNotExistException' } }));
    await expect(planOne(portsAt(wire.endpoint).ports, 'codedeploy-rollback', group)).rejects.toThrow(
      'there is no deployment group production of shop',
    );
    const over = { __type: 'DeploymentAlreadyCompletedException', message: 'It is over.' };
    wire.answerWith(json({ ...answers(info('Succeeded')), StopDeployment: over }));
    const { ports } = portsAt(wire.endpoint);
    const plan = await planned(ports, 'codedeploy-rollback', group);
    await expect(applied(ports, plan)).rejects.toMatchObject({ name: 'ActionRefused' });
  });
});

describe('a stack of CloudFormation', () => {
  const stackId = 'arn:aws:cloudformation:us-east-1:123456789012:stack/shop/0a1b';
  const stack: DeploymentResource = { name: 'infra', type: 'cloudformation-stack', id: 'shop' };
  const ofStack = (status: string, roleArn = 'arn:aws:iam::123456789012:role/deploy') =>
    `<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackId>${stackId}</StackId><StackName>shop</StackName><CreationTime>2026-01-01T00:00:00Z</CreationTime><StackStatus>${status}</StackStatus>${roleArn && `<RoleARN>${roleArn}</RoleARN>`}</member></Stacks></DescribeStacksResult></DescribeStacksResponse>`;
  const answers =
    (described: () => string, asked: string[] = []): Answer =>
    ({ body }, response) => {
      const given = new URLSearchParams(body);
      const action = given.get('Action') ?? '';
      if (action === 'DescribeStacks') return respond(response, 200, described());
      asked.push(`${action} ${given.get('StackName')} ${given.get('ClientRequestToken')?.length}`);
      return respond(response, 200, `<${action}Response><${action}Result/></${action}Response>`);
    };

  test.each([
    {
      kind: 'cloudformation-continue',
      from: 'UPDATE_ROLLBACK_FAILED',
      call: 'ContinueUpdateRollback',
      to: 'UPDATE_ROLLBACK_COMPLETE',
    },
    {
      kind: 'cloudformation-cancel',
      from: 'UPDATE_IN_PROGRESS',
      call: 'CancelUpdateStack',
      to: 'UPDATE_ROLLBACK_COMPLETE',
    },
    {
      kind: 'cloudformation-rollback',
      from: 'UPDATE_FAILED',
      call: 'RollbackStack',
      to: 'UPDATE_ROLLBACK_COMPLETE',
    },
    {
      kind: 'cloudformation-rollback',
      from: 'CREATE_FAILED',
      call: 'RollbackStack',
      to: 'ROLLBACK_COMPLETE',
    },
  ] as const)(
    'that is $from: $call once, and it is verified when it is $to',
    async ({ kind, from, call, to }) => {
      let status: string = from;
      const asked: string[] = [];
      wire.answerWith(answers(() => ofStack(status), asked));
      const { ports } = portsAt(wire.endpoint);
      const plan = await planned(ports, kind, stack);
      expect(plan.permissions).toEqual([{ actions: [`cloudformation:${call}`], resources: [stackId] }]);
      await applied(ports, plan);
      expect(asked).toEqual([`${call} ${stackId} 64`]);
      status = 'UPDATE_ROLLBACK_IN_PROGRESS';
      expect(await verified(ports, plan, undefined)).toMatchObject({ state: 'pending' });
      status = to;
      expect(await verified(ports, plan, undefined)).toMatchObject({ state: 'verified' });
      status = 'UPDATE_ROLLBACK_FAILED';
      expect(await verified(ports, plan, undefined, -60_000)).toMatchObject({ state: 'failed' });
    },
  );

  test.each([
    { status: 'UPDATE_IN_PROGRESS', says: 'use cloudformation-cancel' },
    { status: 'UPDATE_ROLLBACK_FAILED', says: 'use cloudformation-continue' },
    { status: 'UPDATE_COMPLETE', says: 'the stack shop is UPDATE_COMPLETE' },
  ])('that is $status is not rolled back: $says', async ({ status, says }) => {
    wire.answerWith(answers(() => ofStack(status)));
    const plan = await planOne(portsAt(wire.endpoint).ports, 'cloudformation-rollback', stack);
    expect(plan).toEqual({ refused: expect.stringContaining(says) });
  });

  test('without a role of its own is not rolled back with the permissions of Homeostat, which has none', async () => {
    wire.answerWith(answers(() => ofStack('UPDATE_FAILED', '')));
    const plan = await planOne(portsAt(wire.endpoint).ports, 'cloudformation-rollback', stack);
    expect(plan).toEqual({ refused: expect.stringContaining('give the stack a service role') });
  });

  test('that is not there is refused', async () => {
    const absent = queryError('ValidationError').replace('It says no.', 'Stack with id shop does not exist');
    wire.answerWith((_asked, response) => respond(response, 400, absent));
    const plan = planOne(portsAt(wire.endpoint).ports, 'cloudformation-rollback', stack);
    await expect(plan).rejects.toThrow('there is no stack shop');
  });
});

describe('who wrote a resource last, by CloudTrail', () => {
  const event = (eventName: string, arn: string, more: Json = {}, EventTime = 1_767_225_600) => ({
    EventName: eventName,
    EventTime,
    CloudTrailEvent: JSON.stringify({ readOnly: false, userIdentity: { arn }, ...more }),
  });
  const person = 'arn:aws:sts::123456789012:assumed-role/Admin/ada';
  const own = 'arn:aws:sts::123456789012:assumed-role/Homeostat-ActionX/0123456789ab';
  const lookUp = (Events: Json[]) => {
    wire.answerWith(json({ LookupEvents: { Events } }));
    process.env.AWS_ENDPOINT_URL = wire.endpoint;
    Object.assign(process.env, {
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'AKIA',
      AWS_SECRET_ACCESS_KEY: 'x',
    });
    return openNameWriter({ ownRoleArns: [], clock: () => 0 })('sg-1');
  };

  test('is the newest change that succeeded and is not our own', async () => {
    const found = await lookUp([
      event('DescribeSecurityGroups', person, { readOnly: true }),
      event('AuthorizeSecurityGroupIngress', own),
      event('RevokeSecurityGroupEgress', person, { errorCode: 'Client.UnauthorizedOperation' }),
      event('AuthorizeSecurityGroupIngress', person),
      event('CreateSecurityGroup', 'arn:aws:iam::123456789012:user/eve'),
    ]);
    expect(found).toEqual({
      identity: person,
      eventName: 'AuthorizeSecurityGroupIngress',
      at: Date.UTC(2026, 0, 1),
    });
    expect(JSON.parse(wire.asked[0]?.body ?? '')).toMatchObject({
      LookupAttributes: [{ AttributeKey: 'ResourceName', AttributeValue: 'sg-1' }],
    });
  });

  test('is nobody where CloudTrail shows nothing or may not be asked', async () => {
    expect(await lookUp([])).toBeUndefined();
    wire.answerWith(json({ LookupEvents: { __type: 'AccessDeniedException' } }));
    const faults: Error[] = [];
    const nameWriter = openNameWriter({
      ownRoleArns: [],
      clock: () => 0,
      onFault: (error) => faults.push(error),
    });
    expect(await nameWriter('sg-1')).toBeUndefined();
    expect(faults).toMatchObject([{ name: 'AccessDeniedException' }]);
  });
});
