import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deadLetters } from './queues.ts';
import { openStack, type Stack } from './stack.ts';

let stack: Stack;
let aws: EventBridgeClient;
beforeAll(async () => {
  stack = await openStack({ config: { alertEmail: 'team@example.com' } });
  aws = new EventBridgeClient(stack.host.aws);
});
afterAll(async () => {
  aws.destroy();
  await stack.close();
});

/** As CloudWatch puts it on the default bus of an account. */
const alarm = (value: 'ALARM' | 'OK') => ({
  Source: 'aws.cloudwatch',
  DetailType: 'CloudWatch Alarm State Change',
  Time: new Date(stack.host.now()),
  Resources: ['arn:aws:cloudwatch:us-east-1:000000000000:alarm:orders-5xx'],
  Detail: JSON.stringify({
    alarmName: 'orders-5xx',
    state: {
      value,
      reason: value === 'ALARM' ? 'Threshold Crossed: 1 datapoint [12.0]' : 'back',
      timestamp: new Date(stack.host.now()).toISOString().replace('Z', '+0000'),
    },
    previousState: {
      value: value === 'ALARM' ? 'OK' : 'ALARM',
      timestamp: new Date(stack.host.now()).toISOString().replace('Z', '+0000'),
    },
    configuration: { metrics: [] },
  }),
});
const told = () => stack.lines.filter(({ source }) => source === 'topic').map(({ text }) => text);

test('an alarm that a team already has becomes an incident told by e-mail, and so does its end', async () => {
  const made = await stack.api('POST', '/api/v1/monitoring/alerts', {
    body: {
      deploymentId: '*',
      name: 'alarms of AWS',
      type: 'external',
      condition: { sources: ['cloudwatch'] },
    },
  });
  expect(made.status, made.text).toBe(201);
  await stack.advance('5s');
  await aws.send(new PutEventsCommand({ Entries: [alarm('ALARM')] }));
  await stack.advance('20s');
  expect(told()).toHaveLength(1);
  expect(told()[0]).toMatch(/^Homeostat alerts, to team@example\.com \(not delivered on one machine\): /);
  expect(told()[0]).toContain('orders-5xx');
  await aws.send(new PutEventsCommand({ Entries: [alarm('OK')] }));
  await stack.advance('20s');
  expect(told()).toHaveLength(2);
  expect(told()[1]).toMatch(/resolved/i);
  expect(await deadLetters(stack)).toEqual({});
});

test('links in what is told lead to where the host answers', async () => {
  expect(told()[0]).toContain(`${stack.host.url}/`);
});
