import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { openActionRoles } from '../../shared/platform/aws/roles.aws.ts';
import { openWorkflows } from '../../shared/platform/aws/workflows.aws.ts';
import { type Occurrence, onEvents } from '../../shared/platform/edge/events.ts';
import { onStep } from '../../shared/platform/edge/step.ts';
import { defineFunction } from '../../shared/platform/function/contract.ts';

const place = { timeoutSeconds: 5, memoryMb: 128, needs: {}, why: {} } as const;

describe('a function that events start', () => {
  const contract = defineFunction({
    ...place,
    name: 'listener',
    purpose: 'Listens.',
    trigger: { kind: 'events', types: ['finding.changed', 'plan.decided'], executions: true },
  });
  const told: Occurrence[] = [];
  const handler = onEvents(contract, {}, async (occurrence) => {
    told.push(occurrence);
  });
  beforeEach(() => told.splice(0));

  const detail = { id: 'plan:abc@1', planHash: 'abc', decision: 'approved' };
  const event = { source: 'homeostat', 'detail-type': 'plan.decided', detail };

  test('is told the event of the bus by type and detail', async () => {
    await handler(event);
    expect(told).toEqual([{ type: 'plan.decided', detail }]);
  });

  test('is told of an execution that ended badly: which, how, why and when', async () => {
    const machine = 'arn:aws:states:us-east-1:123456789012:stateMachine:Homeostat-heal';
    const execution = 'arn:aws:states:us-east-1:123456789012:execution:Homeostat-heal:abc';
    // As the Step Functions developer guide shows it, cut to what matters.
    await handler({
      source: 'aws.states',
      'detail-type': 'Step Functions Execution Status Change',
      time: '2026-01-31T12:00:21Z',
      detail: {
        executionArn: execution,
        stateMachineArn: machine,
        name: 'abc',
        status: 'TIMED_OUT',
        startDate: 1_769_860_800_000,
        stopDate: 1_769_860_820_000,
        input: '{}',
        output: null,
        error: null,
        cause: null,
      },
    });
    expect(told).toEqual([
      {
        type: 'execution.ended',
        executionArn: execution,
        stateMachineArn: machine,
        name: 'abc',
        status: 'TIMED_OUT',
        endedAt: 1_769_860_820_000,
      },
    ]);
  });

  test.each([
    ['of a type it does not listen to', { ...event, 'detail-type': 'rule.changed' }],
    ['of another publisher', { ...event, source: 'somebody' }],
    ['without an id', { ...event, detail: {} }],
    ['of an execution that went well', { source: 'aws.states', detail: { status: 'SUCCEEDED' } }],
    ['that is none', 'text'],
  ])('throws at an event %s, so that it becomes a dead letter (fault 10)', async (_, payload) => {
    await expect(handler(payload)).rejects.toThrow();
    expect(told).toEqual([]);
  });

  test('throws what its work throws, so that Lambda tries again', async () => {
    const failing = onEvents(contract, {}, async () => {
      throw new Error('no table');
    });
    await expect(failing(event)).rejects.toThrow('no table');
  });
});

describe('a function that is a step', () => {
  const contract = defineFunction({
    ...place,
    name: 'stepper',
    purpose: 'Steps.',
    trigger: { kind: 'step' },
  });
  const handler = onStep(
    contract,
    {},
    (input) => {
      if (typeof input !== 'object') throw new TypeError('the step has no input');
      return input as { planHash: string };
    },
    async ({ planHash }, _, { invocationId }) => ({ next: planHash, invocationId }),
  );

  test('answers the machine, and knows which invocation it is', async () => {
    expect(await handler({ planHash: 'abc' }, { awsRequestId: 'one' })).toEqual({
      next: 'abc',
      invocationId: 'one',
    });
    expect(await handler({ planHash: 'abc' }, { awsRequestId: 'two' })).toEqual({
      next: 'abc',
      invocationId: 'two',
    });
  });

  test('fails by the name of the error, which the machine may catch', async () => {
    await expect(handler(7)).rejects.toThrow(TypeError);
  });
});

describe('the clients', () => {
  type Call = { readonly target: string; readonly body: Readonly<Record<string, unknown>> | URLSearchParams };
  const calls: Call[] = [];
  /** What the service answers next; a type is an error. */
  let answer: { readonly error?: string; readonly body?: unknown; readonly xml?: string };
  let close: () => void;

  beforeAll(async () => {
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const text = Buffer.concat(chunks).toString();
      const target = String(request.headers['x-amz-target'] ?? '');
      calls.push({
        target: target.replace(/^.*\./, ''),
        body: target ? JSON.parse(text) : new URLSearchParams(text),
      });
      if (answer.xml) response.writeHead(200, { 'content-type': 'text/xml' }).end(answer.xml);
      else
        response
          .writeHead(answer.error ? 400 : 200, { 'content-type': 'application/x-amz-json-1.0' })
          .end(JSON.stringify(answer.error ? { __type: answer.error, message: 'no' } : answer.body));
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    vi.stubEnv('AWS_ENDPOINT_URL_SFN', url);
    vi.stubEnv('AWS_ENDPOINT_URL_STS', url);
    vi.stubEnv('AWS_REGION', 'us-east-1');
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
    close = () => server.close();
  });
  afterAll(() => {
    close();
    vi.unstubAllEnvs();
  });
  afterEach(() => {
    calls.splice(0);
  });

  const workflows = openWorkflows('arn:aws:states:us-east-1:123456789012:stateMachine:Homeostat-');
  const execution = 'arn:aws:states:us-east-1:123456789012:execution:Homeostat-heal:abc';

  test('a workflow is started by its name, with the name of the execution', async () => {
    answer = { body: { executionArn: execution, startDate: 1_769_860_800 } };
    expect(await workflows.start('heal', 'abc', { planHash: 'abc', attempt: 1 })).toEqual({
      arn: execution,
      isNew: true,
    });
    expect(calls).toEqual([
      {
        target: 'StartExecution',
        body: {
          stateMachineArn: 'arn:aws:states:us-east-1:123456789012:stateMachine:Homeostat-heal',
          name: 'abc',
          input: '{"planHash":"abc","attempt":1}',
        },
      },
    ]);
  });

  test('a name that ran before is no failure, and nothing new: at most one execution a plan', async () => {
    answer = { error: 'com.amazonaws.states#ExecutionAlreadyExists' };
    expect(await workflows.start('heal', 'abc', {})).toEqual({ arn: execution, isNew: false });
  });

  test('what the service refuses otherwise is told', async () => {
    answer = { error: 'com.amazonaws.states#StateMachineDoesNotExist' };
    await expect(workflows.start('heal', 'abc', {})).rejects.toThrow();
  });

  test.each(['TaskTimedOut', 'TaskDoesNotExist', 'InvalidToken'])(
    'an answer to a step that does not wait any more (%s) is gone, not a failure',
    async (error) => {
      answer = { body: {} };
      expect(await workflows.answer('token', { decision: 'approved' })).toBe('answered');
      expect(calls[0]?.body).toEqual({ taskToken: 'token', output: '{"decision":"approved"}' });
      answer = { error: `com.amazonaws.states#${error}` };
      expect(await workflows.answer('token', { decision: 'approved' })).toBe('gone');
    },
  );

  test('stopping what is not there is done', async () => {
    answer = { error: 'com.amazonaws.states#ExecutionDoesNotExist' };
    await workflows.stop(execution, 'cancelled by alice');
    expect(calls.map(({ target }) => target)).toEqual(['StopExecution']);
  });

  test('the role of an action is taken with a session policy, for as short as STS allows; another kind has none', async () => {
    const roles = openActionRoles(
      'arn:aws:iam::123456789012:role/path/,ec2-reboot=Homeostat-Reboot,asg-scale=Homeostat-Scale',
    );
    expect(roles.kinds).toEqual(['ec2-reboot', 'asg-scale']);
    answer = {
      xml:
        '<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>' +
        '<AccessKeyId>ASIAEXAMPLE</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>' +
        '<Expiration>2026-01-31T12:15:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>',
    };
    const policy = { Version: '2012-10-17', Statement: [] };
    expect(await roles.assume('ec2-reboot', { policy, sessionName: 'abc' })).toMatchObject({
      accessKeyId: 'ASIAEXAMPLE',
      sessionToken: 't',
    });
    const asked = calls[0]?.body as URLSearchParams;
    expect(
      ['Action', 'RoleArn', 'RoleSessionName', 'DurationSeconds', 'Policy'].map((name) => asked.get(name)),
    ).toEqual([
      'AssumeRole',
      'arn:aws:iam::123456789012:role/path/Homeostat-Reboot',
      'abc',
      '900',
      '{"Version":"2012-10-17","Statement":[]}',
    ]);
    await expect(roles.assume('ec2-stop', { policy, sessionName: 'abc' })).rejects.toThrow(
      'was not opted in',
    );
  });
});
