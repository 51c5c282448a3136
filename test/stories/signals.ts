import { EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { expect } from 'vitest';
import type { Stack } from './stack.ts';

/** What others put on buses, so that rules hear of it. */

const put = async ({ host }: Stack, entry: PutEventsRequestEntry): Promise<void> => {
  const client = new EventBridgeClient(host.aws);
  try {
    const answer = await client.send(new PutEventsCommand({ Entries: [entry] }));
    expect(answer.FailedEntryCount).toBe(0);
  } finally {
    client.destroy();
  }
};

export type Finding = {
  readonly deploymentId: string;
  readonly state: 'open' | 'resolved';
  readonly kind?: string;
  readonly severity?: string;
  readonly resource?: string;
};

/** What a detector publishes on the bus of the stack. */
export const putFinding = (stack: Stack, finding: Finding): Promise<void> => {
  const { host } = stack;
  const { deploymentId, state, kind = 'violation', severity = 'error', resource = 'bucket' } = finding;
  const [bus] = host.stack.ofType('AWS::Events::EventBus');
  if (!bus) throw new Error('the stack has no bus');
  const findingId = `${deploymentId}-${kind}-${resource}`;
  const detail = {
    id: `finding:${findingId}@${host.now()}:${state}:${severity}`,
    at: new Date(host.now()).toISOString(),
    accountId: '000000000000',
    region: 'us-east-1',
    findingId,
    kind,
    state,
    severity,
    deploymentId,
    resource,
    title: `${resource} of ${deploymentId} is public`,
    reason: state === 'open' ? `${resource} may be read by everybody` : `${resource} is private again`,
    tags: {},
  };
  return put(stack, {
    EventBusName: host.stack.refOf(bus),
    Source: 'homeostat',
    DetailType: 'finding.changed',
    Detail: JSON.stringify(detail),
  });
};

/** What CloudWatch puts on the default bus of the account when an alarm changes. */
export const putAlarm = (stack: Stack, alarmName: string, value: 'ALARM' | 'OK'): Promise<void> => {
  const timestamp = new Date(stack.host.now()).toISOString().replace('Z', '+0000');
  const reason = value === 'ALARM' ? 'Threshold Crossed: 1 datapoint [12.0]' : 'Threshold not crossed';
  return put(stack, {
    Source: 'aws.cloudwatch',
    DetailType: 'CloudWatch Alarm State Change',
    Time: new Date(stack.host.now()),
    Resources: [`arn:aws:cloudwatch:us-east-1:000000000000:alarm:${alarmName}`],
    Detail: JSON.stringify({
      alarmName,
      state: { value, reason, timestamp },
      previousState: { value: value === 'ALARM' ? 'OK' : 'ALARM', timestamp },
      configuration: { metrics: [] },
    }),
  });
};
