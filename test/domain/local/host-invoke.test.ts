import { afterEach, expect, test } from 'vitest';
import type { RawTemplate } from '../../../infra/local/assembly.ts';
import { type Host, startHost } from '../../../infra/local/host.ts';
import { writeSmallStack } from './small-stack.ts';

type Policies = { PolicyDocument: { Statement: unknown[] } }[];

/** A second function beside the worker, which the worker may or may not call. */
const withCalled = (template: RawTemplate): void => {
  const { Worker, WorkerRole } = template.Resources;
  const called = structuredClone(Worker) as NonNullable<typeof Worker>;
  const environment = called.Properties?.Environment as { Variables: Record<string, unknown> };
  environment.Variables = { POWERTOOLS_SERVICE_NAME: 'called' };
  template.Resources.Called = called;
  template.Resources.CalledRole = structuredClone(WorkerRole) as NonNullable<typeof WorkerRole>;
  called.Properties = { ...called.Properties, Role: { 'Fn::GetAtt': ['CalledRole', 'Arn'] }, Timeout: 1 };
};
const stack = writeSmallStack(withCalled);
let host: Host | undefined;
afterEach(async () => {
  await host?.stop();
  host = undefined;
});
const mayInvoke = (Resource: unknown) => (template: RawTemplate) => {
  const [policy] = (template.Resources.WorkerRole?.Properties?.Policies ?? []) as Policies;
  policy?.PolicyDocument.Statement.push({
    Sid: 'Called',
    Effect: 'Allow',
    Action: ['lambda:InvokeFunction'],
    Resource,
  });
};
const start = async (patchTemplate: (template: RawTemplate) => void): Promise<Host> => {
  host = await startHost({ assemblyDir: stack.assemblyDir, clock: 'driven', catchUp: false, patchTemplate });
  return host;
};
const itsArn = { 'Fn::GetAtt': ['Called', 'Arn'] };
const nameOf = (at: Host): string => {
  const called = at.stack.ofType('AWS::Lambda::Function').find(({ logicalId }) => logicalId === 'Called');
  return called ? at.stack.refOf(called) : '';
};
const call = (at: Host, event: unknown, name = nameOf(at)) => at.invoke('worker', { invoke: [name, event] });

test('a function that may call another one waits for its answer, by name and by ARN', async () => {
  const at = await start(mayInvoke(itsArn));
  const answer = { status: 200, failed: null, body: { now: at.now() } };
  expect(await call(at, {})).toMatchObject(answer);
  expect(await call(at, {}, `arn:aws:lambda:us-east-1:000000000000:function:${nameOf(at)}`)).toMatchObject(
    answer,
  );
  expect(at.calls()).toContainEqual(
    expect.objectContaining({ caller: 'worker', action: 'lambda:InvokeFunction', statementSid: 'Called' }),
  );
});

test('what the called function throws comes back as its error, marked as a failure of the function', async () => {
  const at = await start(mayInvoke(itsArn));
  expect(await call(at, { throw: 'the target is not there' })).toMatchObject({
    status: 200,
    failed: 'Unhandled',
    body: { errorType: 'RangeError', errorMessage: 'the target is not there' },
  });
});

test('a called function that takes longer than its time is told as such', async () => {
  const at = await start(mayInvoke(itsArn));
  expect(await call(at, { spin: true })).toMatchObject({
    status: 200,
    failed: 'Unhandled',
    body: { errorMessage: 'Task timed out after 1.00 seconds' },
  });
});

test('a function may not call another one without the permission, nor one that is not there', async () => {
  const at = await start(mayInvoke('arn:aws:lambda:us-east-1:000000000000:function:nowhere'));
  expect(await call(at, {})).toMatchObject({
    status: 403,
    body: { message: expect.stringContaining('may not lambda:InvokeFunction') },
  });
  expect(await call(at, {}, 'nowhere')).toMatchObject({
    status: 404,
    body: { message: 'Function not found: nowhere' },
  });
});

test('a function of another account is not looked for among those of the stack', async () => {
  const theirs = 'arn:aws:lambda:us-east-1:111122223333:function:small-called';
  const at = await start(mayInvoke('arn:aws:lambda:*:*:function:*'));
  expect(await call(at, {}, theirs)).toMatchObject({
    failed: null,
    body: { message: expect.stringMatching(/AWS account|credentials/i) },
  });
});
