import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { asgRefresh } from '../../../../shared/remediation/actions/asg-refresh.ts';
import { lambdaConcurrency } from '../../../../shared/remediation/actions/lambda-concurrency.ts';
import type { PlannedAction } from '../../../../shared/remediation/plan.ts';
import { type Asked, portsAt, respond, startWire } from './aws-wire.ts';

// What no emulator knows, against the documents of the API references.

let wire: Awaited<ReturnType<typeof startWire>>;
beforeAll(async () => {
  wire = await startWire();
});
afterAll(() => wire?.stop());

const group = 'arn:aws:autoscaling:us-east-1:123456789012:autoScalingGroup:0a1b:autoScalingGroupName/web';
const described = `<DescribeAutoScalingGroupsResponse><DescribeAutoScalingGroupsResult><AutoScalingGroups><member>
  <AutoScalingGroupName>web</AutoScalingGroupName><AutoScalingGroupARN>${group}</AutoScalingGroupARN>
  <MinSize>1</MinSize><MaxSize>4</MaxSize><DesiredCapacity>2</DesiredCapacity>
  <Instances><member><InstanceId>i-1</InstanceId><LifecycleState>InService</LifecycleState><HealthStatus>Healthy</HealthStatus><ProtectedFromScaleIn>true</ProtectedFromScaleIn></member></Instances>
  <Tags><member><Key>homeostat</Key><Value>heal</Value></member></Tags>
</member></AutoScalingGroups></DescribeAutoScalingGroupsResult></DescribeAutoScalingGroupsResponse>`;
const refreshes = (status: string, percent: number) =>
  `<DescribeInstanceRefreshesResponse><DescribeInstanceRefreshesResult><InstanceRefreshes><member>
  <InstanceRefreshId>r-1</InstanceRefreshId><AutoScalingGroupName>web</AutoScalingGroupName><Status>${status}</Status>
  <StartTime>2026-01-01T00:00:00Z</StartTime><PercentageComplete>${percent}</PercentageComplete>
</member></InstanceRefreshes></DescribeInstanceRefreshesResult></DescribeInstanceRefreshesResponse>`;
const none =
  '<DescribeInstanceRefreshesResponse><DescribeInstanceRefreshesResult><InstanceRefreshes/></DescribeInstanceRefreshesResult></DescribeInstanceRefreshesResponse>';
const started =
  '<StartInstanceRefreshResponse><StartInstanceRefreshResult><InstanceRefreshId>r-1</InstanceRefreshId></StartInstanceRefreshResult></StartInstanceRefreshResponse>';

describe('an instance refresh', () => {
  const web = { name: 'web', type: 'auto-scaling-group', id: 'web' } as const;
  const answers = (refreshed: string) => (asked: Asked, response: Parameters<typeof respond>[0]) => {
    const action = new URLSearchParams(asked.body).get('Action');
    const bodies: Record<string, string> = {
      DescribeAutoScalingGroups: described,
      DescribeInstanceRefreshes: refreshed,
      StartInstanceRefresh: started,
    };
    respond(response, 200, bodies[action ?? ''] ?? '');
  };
  const planned = async (): Promise<PlannedAction> => {
    wire.answerWith(answers(none));
    const image = await asgRefresh.read(portsAt(wire.endpoint).ports, web, {});
    expect(image).toMatchObject({ arn: group, tags: { homeostat: 'heal' } });
    const proposed = asgRefresh.propose(image.before, web, {});
    if (!('expected' in proposed)) throw new Error(JSON.stringify(proposed));
    return { kind: 'asg-refresh', resource: web, params: {}, ...image, ...proposed };
  };

  test('leaves out what is protected, keeps nine of ten healthy, and is followed by its id', async () => {
    const action = await planned();
    expect(action.summary).toBe(
      'Replace the 2 instances of the group web, with at least 90 percent of them healthy. 1 that are protected from scale-in are left out.',
    );
    expect(action.permissions).toEqual([
      { actions: ['autoscaling:StartInstanceRefresh'], resources: [group] },
    ]);
    const receipts: unknown[] = [];
    await asgRefresh.apply(portsAt(wire.endpoint).ports, action, (receipt) => receipts.push(receipt));
    expect(receipts).toEqual([{ refreshId: 'r-1' }]);
    const form = Object.fromEntries(new URLSearchParams(wire.asked.at(-1)?.body));
    expect(form).toMatchObject({
      Action: 'StartInstanceRefresh',
      AutoScalingGroupName: 'web',
      'Preferences.MinHealthyPercentage': '90',
      'Preferences.ScaleInProtectedInstances': 'Ignore',
    });
  });

  test.each([
    { status: 'InProgress', percent: 50, state: 'pending' },
    { status: 'Successful', percent: 100, state: 'verified' },
    { status: 'Failed', percent: 50, state: 'failed' },
    { status: 'Cancelled', percent: 50, state: 'failed' },
    { status: 'RollbackSuccessful', percent: 100, state: 'failed' },
  ])('that Auto Scaling says is $status is $state', async ({ status, percent, state }) => {
    const action = await planned();
    wire.answerWith(answers(refreshes(status, percent)));
    const { ports } = portsAt(wire.endpoint);
    expect(await asgRefresh.verify(ports, action, 0, { refreshId: 'r-1' })).toMatchObject({
      state,
      reason: `Auto Scaling says of the refresh of web: ${status}, ${percent} percent`,
    });
  });
});

describe('provisioned concurrency', () => {
  const live = { name: 'live', type: 'lambda-alias', id: 'shop:live' } as const;
  const arn = 'arn:aws:lambda:us-east-1:123456789012:function:shop:live';
  const alias = JSON.stringify({ AliasArn: arn, Name: 'live', FunctionVersion: '3' });
  const answers =
    (provisioned: object | undefined) => (asked: Asked, response: Parameters<typeof respond>[0]) => {
      const json = 'application/json';
      if (asked.method !== 'GET') return respond(response, 202, '{}', json);
      if (asked.path.includes('/aliases/')) return respond(response, 200, alias, json);
      if (provisioned) return respond(response, 200, JSON.stringify(provisioned), json);
      response.setHeader('x-amzn-errortype', 'ProvisionedConcurrencyConfigNotFoundException');
      return respond(response, 404, '{"Message":"none"}', json);
    };
  const perform = async (found: object | undefined, params: Record<string, number>) => {
    wire.answerWith(answers(found));
    const image = await lambdaConcurrency.read(portsAt(wire.endpoint).ports, live, params);
    const proposed = lambdaConcurrency.propose(image.before, live, params);
    if (!('expected' in proposed)) throw new Error(JSON.stringify(proposed));
    const action = { kind: 'lambda-concurrency', resource: live, params, ...image, ...proposed } as const;
    await lambdaConcurrency.apply(portsAt(wire.endpoint).ports, action, () => undefined);
    return { action, sent: wire.asked.at(-1) };
  };
  const ready = (requested: number, available: number, Status: string) => ({
    RequestedProvisionedConcurrentExecutions: requested,
    AvailableProvisionedConcurrentExecutions: available,
    Status,
  });

  test('is set where there was none, and taken away again by the undo', async () => {
    const { action, sent } = await perform(undefined, { desired: 5 });
    expect(action.permissions).toEqual([
      { actions: ['lambda:PutProvisionedConcurrencyConfig'], resources: [arn] },
    ]);
    expect(sent).toMatchObject({
      method: 'PUT',
      path: '/2019-09-30/functions/shop/provisioned-concurrency?Qualifier=live',
      body: '{"ProvisionedConcurrentExecutions":5}',
    });
    expect(action.undo).toEqual({ kind: 'lambda-concurrency', params: { desired: 0 } });
    const undone = await perform(ready(5, 5, 'READY'), { desired: 0 });
    expect(undone.sent).toMatchObject({ method: 'DELETE' });
    expect(undone.action.permissions[0]?.actions).toEqual(['lambda:DeleteProvisionedConcurrencyConfig']);
  });

  test.each([
    { found: ready(5, 2, 'IN_PROGRESS'), state: 'pending' },
    { found: ready(5, 5, 'READY'), state: 'verified' },
    { found: ready(5, 0, 'FAILED'), state: 'failed' },
    { found: ready(3, 3, 'READY'), state: 'failed' },
  ])(
    '$found.Status with $found.RequestedProvisionedConcurrentExecutions is $state',
    async ({ found, state }) => {
      const { action } = await perform(undefined, { desired: 5 });
      wire.answerWith(answers(found));
      const verdict = await lambdaConcurrency.verify(portsAt(wire.endpoint).ports, action, 0, undefined);
      expect(verdict.state).toBe(state);
    },
  );
});
