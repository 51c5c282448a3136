import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { RawTemplate } from '../../infra/local/assembly.ts';
import { changes, checksPath, detailsOf, makeCheck, readCheck } from './checks.ts';
import { told, unpublished } from './published.ts';
import { openStack, type Stack } from './stack.ts';
import { openTarget, type Target } from './target.ts';

/** The pattern of the rule that the documentation gives as a template. */
const documentedPattern = (): unknown => {
  const page = readFileSync(new URL('../../docs/events.md', import.meta.url), 'utf8');
  const template = [...page.matchAll(/```yaml\n(.*?)```/gs)]
    .map(([, text = '']) => text)
    .find((text) => text.includes('AWS::Events::Rule'));
  if (template === undefined) throw new Error('docs/events.md shows no template with an AWS::Events::Rule');
  // What `!Ref` and the like mean does not matter here.
  const { Resources: resources } = parse(template, { logLevel: 'silent' }) as RawTemplate;
  return Object.values(resources).find(({ Type }) => Type === 'AWS::Events::Rule')?.Properties?.EventPattern;
};

/** What a team attaches to the bus of the stack: its rule and its queue. */
const withTeamsRule = (template: RawTemplate): void => {
  const arn = { 'Fn::GetAtt': ['TeamQueue', 'Arn'] };
  Object.assign(template.Resources, {
    TeamQueue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'team-on-call' } },
    TeamRule: {
      Type: 'AWS::Events::Rule',
      Properties: {
        EventBusName: { Ref: 'Bus' },
        EventPattern: documentedPattern(),
        Targets: [{ Id: 'queue', Arn: arn }],
      },
    },
    TeamQueuePolicy: {
      Type: 'AWS::SQS::QueuePolicy',
      Properties: {
        Queues: [{ Ref: 'TeamQueue' }],
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Principal: { Service: 'events.amazonaws.com' },
              Action: 'sqs:SendMessage',
              Resource: arn,
            },
          ],
        },
      },
    },
  });
};

let stack: Stack;
let targets: readonly Target[];
beforeAll(async () => {
  stack = await openStack({ patchTemplate: withTeamsRule });
  targets = await Promise.all([openTarget(), openTarget()]);
});
afterAll(async () => {
  await stack?.close();
  await Promise.all(targets.map((target) => target.close()));
});

test('the status of a deployment follows its worst check and is told each time it changes; the documented rule of a team hears of what became unhealthy with its tag, and of nothing else', async () => {
  const body = { deploymentId: 'shop', blueprintId: 'b1', environment: 'test' };
  expect((await stack.api('POST', '/api/monitoring/register', { body })).status).toBe(201);
  const check = { deploymentId: 'shop', retries: 0, failureThreshold: 1, successThreshold: 1 };
  const ids: string[] = [];
  for (const [no, target] of targets.entries()) {
    ids.push(
      await makeCheck(stack, {
        ...check,
        name: `check ${no}`,
        target: target.url,
        tags: { team: no === 0 ? 'payments' : 'pages' },
      }),
    );
  }
  const elsewhere = await makeCheck(stack, {
    ...check,
    deploymentId: 'default',
    name: 'blog',
    target: targets[0]?.url ?? '',
  });
  await stack.advance('1m');
  const [first, second] = targets;
  const turn = async (target: Target | undefined, conduct: 'up' | 'failing') => {
    await target?.become(conduct);
    await stack.advance('15s');
  };
  await turn(first, 'failing');
  await turn(second, 'failing');
  await turn(first, 'up');
  await turn(second, 'up');
  const all = detailsOf(stack, 'deployment.status_changed').filter((one) => one.deploymentId === 'shop');
  expect(all.map(({ from, to, reason, checks }) => [from, to, reason, checks])).toEqual([
    ['unknown', 'healthy', expect.any(String), expect.objectContaining({ total: 2, unhealthy: 0 })],
    [
      'healthy',
      'unhealthy',
      '1 of 2 checks is unhealthy: check 0',
      { total: 2, healthy: 1, degraded: 0, unhealthy: 1, unknown: 0 },
    ],
    [
      'unhealthy',
      'healthy',
      'all of its 2 checks are healthy',
      { total: 2, healthy: 2, degraded: 0, unhealthy: 0, unknown: 0 },
    ],
  ]);
  expect(new Set(all.map(({ id }) => id)).size).toBe(3);
  const shop = await stack.api('GET', '/api/monitoring/deployments/shop');
  expect(shop.body).toMatchObject({ status: 'healthy' });

  const heard = (await stack.host.messagesIn('team-on-call')).map((text) => JSON.parse(text));
  const unhealthy = [...ids, elsewhere].map((id) =>
    changes(stack, id).filter(({ to }) => to === 'unhealthy'),
  );
  expect(unhealthy.map((all) => all.length)).toEqual([1, 1, 1]);
  expect(heard.map(({ detail }) => detail)).toEqual(unhealthy[0]);
  for (const event of heard) {
    expect(event).toMatchObject({
      version: '0',
      source: 'homeostat',
      'detail-type': 'check.status_changed',
      account: '000000000000',
      region: 'us-east-1',
    });
  }
});

test('every event that the bus took is as the published schemas say, and names the same instant and place as the API', async () => {
  expect(Object.keys(told(stack)).sort()).toEqual([
    'alert.state_changed',
    'check.status_changed',
    'deployment.registered',
    'deployment.status_changed',
    'incident.changed',
  ]);
  expect(await unpublished(stack)).toEqual([]);
  for (const { at, checkId } of changesLast(stack)) {
    expect((await readCheck(stack, checkId)).statusSince).toBe(at);
  }
  expect((await stack.api('GET', checksPath)).body.items).toHaveLength(3);
});

/** The last change of each check. */
const changesLast = (open: Stack) => [
  ...new Map(
    detailsOf(open, 'check.status_changed').map((detail) => [
      detail.checkId,
      { at: String(detail.at), checkId: String(detail.checkId) },
    ]),
  ).values(),
];
