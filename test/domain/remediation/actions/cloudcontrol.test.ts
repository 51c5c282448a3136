import { applyPatch } from 'rfc6902';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DeploymentResource } from '../../../../shared/catalog/index.ts';
import { sessionPolicyOf } from '../../../../shared/remediation/actions/session-policy.ts';
import { type Answer, portsAt, respond, startWire } from './aws-wire.ts';
import { applied, planned, planOne, verified } from './planned.ts';

let wire: Awaited<ReturnType<typeof startWire>>;
beforeAll(async () => {
  wire = await startWire();
});
afterAll(() => wire?.stop());

const queue: DeploymentResource = {
  name: 'orders',
  type: 'cloudcontrol-resource',
  id: 'https://sqs.us-east-1.amazonaws.com/123456789012/orders',
  settings: { typeName: 'AWS::SQS::Queue' },
};
const arn = 'arn:aws:sqs:us-east-1:123456789012:orders';
type Properties = Record<string, unknown>;

/** Cloud Control as its API Reference has it (JSON 1.0, target `CloudApiService.*`), with one resource. */
const cloudControl = (
  world: { properties: Properties; status: string; message?: string },
  requests: Record<string, unknown>[] = [],
): Answer => {
  const json = 'application/x-amz-json-1.0';
  return ({ target, body }, response) => {
    const given = JSON.parse(body);
    const say = (status: number, answer: unknown) => respond(response, status, JSON.stringify(answer), json);
    if (target.endsWith('.GetResource')) {
      if (given.Identifier !== queue.id)
        return say(400, {
          __type: 'com.amazonaws.cloudapiservice#ResourceNotFoundException',
          Message: 'gone',
        });
      const Properties = JSON.stringify(world.properties);
      return say(200, {
        TypeName: given.TypeName,
        ResourceDescription: { Identifier: queue.id, Properties },
      });
    }
    if (target.endsWith('.UpdateResource')) {
      requests.push(given);
      const patched = structuredClone(world.properties);
      const faults = applyPatch(patched, JSON.parse(given.PatchDocument));
      if (faults.some((fault) => fault !== null))
        return say(400, {
          __type: 'com.amazonaws.cloudapiservice#InvalidRequestException',
          Message: 'a test operation failed',
        });
      world.properties = patched;
    }
    const ProgressEvent = {
      RequestToken: 'token-1',
      OperationStatus: world.status,
      ...(world.message && { ErrorCode: 'NotUpdatable', StatusMessage: world.message }),
    };
    return say(200, { ProgressEvent });
  };
};

const drifted = () => ({ Arn: arn, VisibilityTimeout: 30, DelaySeconds: 0, QueueName: 'orders' });
const patch = [{ op: 'replace', path: '/VisibilityTimeout', value: 60 }] as const;

describe('a patch by Cloud Control', () => {
  test('is planned with what it touches and nothing else, and with the permissions of that one resource', async () => {
    wire.answerWith(cloudControl({ properties: drifted(), status: 'SUCCESS' }));
    const plan = await planned(portsAt(wire.endpoint).ports, 'cloudcontrol-patch', queue, {
      patch: [...patch],
    });
    expect(plan).toMatchObject({
      before: { typeName: 'AWS::SQS::Queue', properties: { VisibilityTimeout: 30 } },
      expected: { properties: { VisibilityTimeout: 60 } },
      undo: {
        params: {
          typeName: 'AWS::SQS::Queue',
          patch: [
            { op: 'test', path: '/VisibilityTimeout', value: 60 },
            { op: 'replace', path: '/VisibilityTimeout', value: 30 },
          ],
        },
      },
      permissions: [
        { actions: ['cloudformation:UpdateResource'], resources: ['*'] },
        { actions: ['sqs:SetQueueAttributes', 'sqs:TagQueue', 'sqs:UntagQueue'], resources: [arn] },
        { actions: ['sqs:GetQueueAttributes', 'sqs:ListQueueTags'], resources: ['*'] },
      ],
    });
    expect(plan.before).not.toHaveProperty('properties.DelaySeconds');
    expect(sessionPolicyOf(plan)).toHaveProperty('policy');
  });

  test('tests each value again where it is made, and its undo restores what was there', async () => {
    const world = { properties: drifted(), status: 'SUCCESS' };
    const requests: Record<string, unknown>[] = [];
    wire.answerWith(cloudControl(world, requests));
    const { ports, calls } = portsAt(wire.endpoint);
    const plan = await planned(ports, 'cloudcontrol-patch', queue, { patch: [...patch] });
    const receipt = await applied(ports, plan);
    expect(requests[0]).toMatchObject({
      ClientToken: 'f'.repeat(64),
      PatchDocument: JSON.stringify([{ op: 'test', path: '/VisibilityTimeout', value: 30 }, ...patch]),
    });
    expect(receipt).toEqual({ requestToken: 'token-1' });
    expect(await verified(ports, plan, receipt)).toMatchObject({ state: 'verified' });
    expect(world.properties).toEqual({ ...drifted(), VisibilityTimeout: 60 });
    expect(calls.map(({ operation, outcome }) => `${operation} ${outcome}`)).toContain('UpdateResource ok');

    const { settings: _, ...unlisted } = queue;
    const undo = await planned(
      portsAt(wire.endpoint).ports,
      'cloudcontrol-patch',
      unlisted,
      plan.undo?.params,
    );
    await applied(portsAt(wire.endpoint).ports, undo);
    expect(world.properties).toEqual(drifted());
  });

  test('is refused, and nothing is changed, when the world changed after it was planned', async () => {
    const world = { properties: drifted(), status: 'SUCCESS' };
    wire.answerWith(cloudControl(world));
    const { ports } = portsAt(wire.endpoint);
    const plan = await planned(ports, 'cloudcontrol-patch', queue, { patch: [...patch] });
    world.properties.VisibilityTimeout = 45;
    await expect(applied(ports, plan)).rejects.toMatchObject({
      name: 'ActionRefused',
      message: expect.stringContaining('a test operation failed'),
    });
    expect(world.properties.VisibilityTimeout).toBe(45);
  });

  test.each([
    { status: 'IN_PROGRESS', state: 'pending' },
    { status: 'PENDING', state: 'pending' },
    { status: 'FAILED', message: 'it cannot be updated', state: 'failed' },
    { status: 'CANCEL_COMPLETE', state: 'failed' },
  ])('whose request is $status is $state', async ({ state, ...told }) => {
    const world = { properties: drifted(), ...told };
    wire.answerWith(cloudControl(world));
    const { ports } = portsAt(wire.endpoint);
    const plan = await planned(ports, 'cloudcontrol-patch', queue, { patch: [...patch] });
    const verdict = await verified(ports, plan, { requestToken: 'token-1' });
    expect(verdict).toMatchObject({ state, reason: expect.stringContaining(told.message ?? told.status) });
  });

  test('that Cloud Control reports as done but that is not to be seen has failed', async () => {
    const world = { properties: drifted(), status: 'SUCCESS' };
    wire.answerWith(cloudControl(world));
    const { ports } = portsAt(wire.endpoint);
    const plan = await planned(ports, 'cloudcontrol-patch', queue, { patch: [...patch] });
    expect(await verified(ports, plan, { requestToken: 'token-1' })).toMatchObject({
      state: 'failed',
      reason: `VisibilityTimeout of ${queue.id} is not as expected`,
    });
  });

  test('may say the wanted properties instead; what is as wanted is left alone', async () => {
    wire.answerWith(cloudControl({ properties: drifted(), status: 'SUCCESS' }));
    const { ports } = portsAt(wire.endpoint);
    const wanted = await planned(ports, 'cloudcontrol-patch', queue, {
      properties: { VisibilityTimeout: 60, DelaySeconds: 0 },
    });
    expect(wanted.expected).toMatchObject({ properties: { VisibilityTimeout: 60, DelaySeconds: 0 } });
    const same = await planOne(ports, 'cloudcontrol-patch', queue, { properties: { VisibilityTimeout: 30 } });
    expect(same).toEqual({ unchanged: `${queue.id} is as wanted` });
  });

  test.each([
    { why: 'what is of IAM', typeName: 'AWS::IAM::Role', says: 'what is of IAM is never patched' },
    { why: 'a type nobody may patch', typeName: 'AWS::EC2::VPC', says: 'AWS::EC2::VPC cannot be patched' },
    { why: 'no type', typeName: 'queue', says: 'give its type in settings.typeName' },
  ])('of $why is refused', async ({ typeName, says }) => {
    wire.answerWith(cloudControl({ properties: drifted(), status: 'SUCCESS' }));
    const { ports } = portsAt(wire.endpoint);
    const plan = planOne(
      ports,
      'cloudcontrol-patch',
      { ...queue, settings: { typeName } },
      { patch: [...patch] },
    );
    await expect(plan).rejects.toMatchObject({
      name: 'ActionRefused',
      message: expect.stringContaining(says),
    });
  });

  test('of what may hold secrets is refused before anything is read: a plan would show it (fault 29)', async () => {
    wire.answerWith(cloudControl({ properties: drifted(), status: 'SUCCESS' }));
    const { ports } = portsAt(wire.endpoint);
    const shop = {
      name: 'shop',
      type: 'cloudcontrol-resource',
      id: 'shop',
      settings: { typeName: 'AWS::Lambda::Function' },
    } as const;
    const plan = planOne(ports, 'cloudcontrol-patch', shop, {
      patch: [{ op: 'replace', path: '/Environment/Variables/MODE', value: 'quiet' }],
    });
    await expect(plan).rejects.toMatchObject({
      name: 'ActionRefused',
      message:
        'shop: Environment may hold secrets, which a plan would show: it is never patched by Homeostat',
    });
  });

  test('of what is not there is refused', async () => {
    wire.answerWith(cloudControl({ properties: drifted(), status: 'SUCCESS' }));
    const { ports } = portsAt(wire.endpoint);
    const plan = planOne(ports, 'cloudcontrol-patch', { ...queue, id: 'other' }, { patch: [...patch] });
    await expect(plan).rejects.toMatchObject({ message: 'there is no AWS::SQS::Queue other' });
  });
});
