import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { handler as approval } from '../../functions/remedy-approval/handler.ts';
import { handler as responder } from '../../functions/responder/handler.ts';
import { noteFinding } from '../../shared/findings/index.ts';
import { channelIdOf } from '../../shared/notifications/channel.ts';
import { notificationKey } from '../../shared/notifications/notification.ts';
import { readNotification } from '../../shared/notifications/store.ts';
import type { EventDetails, EventType } from '../../shared/platform/events.ts';
import type { PlannerMessage } from '../../shared/remediation/planner-message.ts';
import { readRemediation } from '../../shared/remediation/store.ts';
import { call } from './api-client.ts';
import { type Cloud, startCloud } from './cloud.ts';
import { planFor, putPlan } from './plan-item.ts';

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud({ HOMEOSTAT_RETENTION_DAYS: '{}', HOMEOSTAT_ORCHESTRATOR_URL: '' });
  // Each time it is asked the world looks a little different.
  let size = 1;
  cloud.invoked = (_name, payload) => {
    const { request } = payload as unknown as Extract<PlannerMessage, { kind: 'plan' }>;
    const { occasion, workflow, remedy, madeBy } = request;
    const [action] = planFor().actions;
    if (!action) throw new Error('a plan has an action');
    const actions = [{ ...action, before: { desired: ++size } }];
    return planFor({ occasion, workflow, approval: remedy.approval, madeBy, actions });
  };
  const resources = [{ name: 'web', type: 'ecs-service', id: 'main/web' }];
  await call('POST', '/api/monitoring/register', { body: { deploymentId: 'shop', resources } });
  const body = {
    name: 'savings',
    selector: { deployments: ['shop'] },
    cost_optimization: { idle_resources: { action: 'scale_down', approval: 'manual' } },
  };
  expect((await call('POST', '/api/v1/monitoring/policies', { body })).status).toBe(201);
});
afterAll(() => cloud.close());
beforeEach(() => {
  cloud.executions.clear();
  cloud.answers.length = 0;
  cloud.sent.length = 0;
});

const place = { accountId: '123456789012', region: 'eu-central-1' };
const tell = <T extends EventType>(type: T, detail: object): Promise<void> =>
  responder({ source: 'homeostat', 'detail-type': type, detail: { id: `${type}@1`, ...place, ...detail } });
const idle = async (resource = 'web'): Promise<EventDetails['finding.changed']['findingId']> => {
  const world = { state: cloud.state, newId: () => String(Math.random()), place };
  const { finding } = await noteFinding(world, {
    source: 'scan',
    kind: 'idle',
    deploymentId: 'shop',
    resource,
    state: 'open',
    severity: 'warning',
    title: `${resource} is idle`,
    reason: 'nobody asked it',
    tags: {},
    details: { idleSeconds: 30 * 86_400 },
    at: Date.now(),
  });
  return finding.id;
};
const step = (planHash: string, taskToken: string) => ({
  planHash,
  attempt: 1,
  execution: 'arn:aws:states:eu-central-1:123456789012:execution:Homeostat-cost:x',
  taskToken,
});

describe('what happens on the bus', () => {
  it('a finding is planned once and its workflow started once, however often it is told (fault 1)', async () => {
    const findingId = await idle();
    for (const time of [1, 2, 3]) await tell('finding.changed', { findingId, time });
    expect([...cloud.executions.values()].map(({ machine }) => machine)).toEqual(['Homeostat-cost']);
    const [hash = ''] = [...cloud.executions.keys()];
    const remediation = await readRemediation(cloud.state, hash);
    expect([remediation?.status, remediation?.plan.occasion.id]).toEqual(['waiting', findingId]);
    expect(remediation?.executionArn).toContain(`:execution:Homeostat-cost:${hash}`);
  });

  it('what it cannot read it refuses, so that it ends among the dead letters', async () => {
    await expect(tell('alert.state_changed' as EventType, {})).rejects.toThrow('there is nothing to do with');
    await expect(responder({ source: 'homeostat', 'detail-type': 'finding.changed' })).rejects.toThrow(
      'no detail',
    );
  });

  it('an execution that ended badly is closed', async () => {
    const { plan } = await putPlan(cloud.state);
    const detail = {
      executionArn: `arn:aws:states:eu-central-1:123456789012:execution:Homeostat-heal:${plan.hash}`,
      stateMachineArn: 'arn:aws:states:eu-central-1:123456789012:stateMachine:Homeostat-heal',
      name: plan.hash,
      status: 'ABORTED',
      stopDate: Date.now(),
    };
    const event = { source: 'aws.states', 'detail-type': 'Step Functions Execution Status Change', detail };
    await responder(event);
    await responder(event);
    expect((await readRemediation(cloud.state, plan.hash))?.status).toBe('cancelled');
  });
});

describe('a step that waits for people', () => {
  it('has the channels asked once, and goes on when somebody approved', async () => {
    const { plan } = await putPlan(cloud.state);
    await approval(step(plan.hash, 'token-1'));
    await approval(step(plan.hash, 'token-1'));
    const email = channelIdOf('email');
    const told = await readNotification(cloud.state, notificationKey(email, `plan:${plan.hash}`));
    expect(told?.unsent.map(({ kind, plan: asked }) => [kind, asked?.hash])).toEqual([
      ['approval', plan.hash],
    ]);
    expect(cloud.sent[0]).toMatchObject({ body: { kind: 'send', channelId: email } });
    await call('POST', `/api/v1/monitoring/plans/${plan.hash}/approve`);
    await tell('plan.decided', { planHash: plan.hash });
    expect(cloud.answers).toEqual([{ token: 'token-1', output: { decision: 'approved' } }]);
    const after = await readNotification(cloud.state, notificationKey(email, `plan:${plan.hash}`));
    expect(after?.unsent.map(({ kind }) => kind)).toEqual(['approval', 'resolved']);
    const shown = await call('GET', `/api/v1/monitoring/plans/${plan.hash}`);
    expect(shown.text).not.toContain('token-1');
  });

  it('that comes after the decision is told at once', async () => {
    const { plan } = await putPlan(cloud.state);
    await call('POST', `/api/v1/monitoring/plans/${plan.hash}/reject`);
    await approval(step(plan.hash, 'token-9'));
    expect(cloud.answers).toEqual([{ token: 'token-9', output: { decision: 'rejected' } }]);
  });

  it('with input that no machine of ours gives is refused', async () => {
    await expect(approval({ planHash: 'x', attempt: 1, execution: 'e', taskToken: 't' })).rejects.toThrow(
      'no hash',
    );
    await expect(approval({ ...step('a'.repeat(64), '') })).rejects.toThrow('no task token');
  });
});
