import { afterAll, beforeAll, expect, test } from 'vitest';
import { incidentsOf, monitoring } from './alerting.ts';
import type { Account } from './aws-account.ts';
import type { Instance } from './aws-ec2.ts';
import { optedIn, type Tags } from './aws-state.ts';
import {
  kindsOf,
  onlyRemediation,
  type RemediationView,
  readRemediation,
  recordOf,
  remediationsOf,
} from './healing.ts';
import { unpublished } from './published.ts';
import { deadLetters } from './queues.ts';
import {
  callsIn,
  decide,
  findingsOf,
  makePolicyFor,
  openRemedying,
  readFinding,
  registerIn,
  switchOff,
  type Told,
  tell,
  undo,
} from './remedying.ts';
import type { Stack } from './stack.ts';

/** Instances that nobody uses are stopped, as far as a policy allows, and started again when somebody wants them back. */
let stack: Stack;
let account: Account;
beforeAll(async () => {
  ({ stack, account } = await openRemedying());
});
afterAll(async () => {
  await stack?.close();
  await account?.close();
});

type Body = Readonly<Record<string, unknown>>;
const dayMs = 86_400_000;
const ids = new Map<string, string>();
const idOf = (name: string): string => ids.get(name) ?? '';
const stateOf = (name: string): Instance['state'] | undefined => account.instances.get(idOf(name))?.state;

/** A deployment of one instance that runs, under a policy that stops what was idle for a week. */
const given = async (
  name: string,
  idle: Body = {},
  { tags = optedIn, ...more }: Body & { readonly tags?: Tags } = {},
): Promise<void> => {
  const id = `i-${String(ids.size + 1).padStart(17, '0')}`;
  ids.set(name, id);
  account.instances.set(id, { state: 'running', isStuck: false, tags });
  await registerIn(stack, name, [{ name: 'worker', type: 'ec2-instance', id }]);
  await makePolicyFor(stack, name, {
    cost_optimization: {
      idle_resources: { detection_period: '7d', action: 'stop', approval: 'auto', ...idle },
    },
    ...more,
  });
};

const idle = (deploymentId: string, days = 8, reason = 'its CPU never was above 1 %'): Told => ({
  kind: 'idle',
  severity: 'warning',
  deploymentId,
  resource: 'worker',
  title: 'worker is idle',
  reason,
  details: { idleSeconds: (days * dayMs) / 1000, savingsUsdPerMonth: 70.08 },
});

const savingsOf = (remediation: RemediationView): unknown =>
  (remediation as unknown as { readonly plan: Body }).plan.savingsUsdPerMonth;
const stops = (): number => account.changes().filter((name) => name === 'StopInstances').length;

test('what was idle for the detection period is stopped and verified, with what that saves; undo starts it again', async () => {
  await given('batch');
  await tell(stack, idle('batch', 6));
  await stack.advance('1m');
  expect(stateOf('batch')).toBe('running');
  expect(await remediationsOf(stack, 'batch')).toEqual([]);

  const [finding = ''] = await tell(stack, idle('batch', 7));
  await stack.advance('2m');
  expect(stateOf('batch')).toBe('stopped');
  const stopped = await onlyRemediation(stack, 'batch');
  expect(stopped).toMatchObject({ status: 'succeeded', workflow: 'cost', madeBy: 'policy:batch' });
  expect(savingsOf(stopped)).toBe(70.08);
  const record = await recordOf(stack, stopped.id);
  expect(record.at(-1)?.text).toContain('It saves about 70.08 USD a month.');
  expect(callsIn(record)).toEqual(['ec2 StopInstances ok']);
  expect(await readFinding(stack, finding)).toMatchObject({
    state: 'resolved',
    reason: expect.stringContaining('It saves about 70.08 USD a month.'),
  });

  const undone = await undo(stack, stopped);
  await decide(stack, { id: undone }, 'approve');
  await stack.advance('2m');
  expect(stateOf('batch')).toBe('running');
  expect(await readRemediation(stack, undone)).toMatchObject({ status: 'succeeded' });
  expect(callsIn(await recordOf(stack, undone))).toEqual(['ec2 StartInstances ok']);
});

test('people approve, reject or do not answer: only what is approved is stopped, and what somebody stopped by hand needs nothing', async () => {
  const names = ['approved', 'rejected', 'expired', 'by-hand'];
  for (const name of names) await given(name, { approval: { mode: 'manual', expires: '10m' } });
  const plans = new Map<string, RemediationView>();
  for (const name of names) {
    await tell(stack, idle(name));
    await stack.advance('20s');
    const plan = await onlyRemediation(stack, name);
    expect(plan).toMatchObject({ status: 'waiting' });
    plans.set(name, plan);
  }
  const planOf = (name: string): RemediationView => {
    const plan = plans.get(name);
    if (!plan) throw new Error(`no plan for ${name}`);
    return plan;
  };
  const stopsBefore = stops();
  const byHand = account.instances.get(idOf('by-hand'));
  if (byHand) byHand.state = 'stopped';
  await decide(stack, planOf('approved'), 'approve');
  await decide(stack, planOf('by-hand'), 'approve');
  await decide(stack, planOf('rejected'), 'reject');
  await stack.advance('12m');
  const statuses = await Promise.all(
    names.map(async (name) => (await readRemediation(stack, planOf(name).id)).status),
  );
  expect(statuses).toEqual(['succeeded', 'rejected', 'expired', 'not_needed']);
  expect(names.map(stateOf)).toEqual(['stopped', 'running', 'running', 'stopped']);
  expect(stops() - stopsBefore).toBe(1);
  expect(await findingsOf(stack, 'by-hand', '&kind=idle')).toMatchObject([{ state: 'resolved' }]);
});

test('an instance that belongs to another plan of the world by now is left alone: it is planned anew (fault 19)', async () => {
  await given('joined', { approval: 'manual' });
  await tell(stack, idle('joined'));
  await stack.advance('20s');
  const plan = await onlyRemediation(stack, 'joined');
  const tags = { ...optedIn, 'aws:autoscaling:groupName': 'workers' };
  account.instances.set(idOf('joined'), { state: 'running', isStuck: false, tags });
  await decide(stack, plan, 'approve');
  await stack.advance('1m');
  expect(stateOf('joined')).toBe('running');
  expect(await readRemediation(stack, plan.id)).toMatchObject({ status: 'superseded' });
  // A group would start another in its place: there is no second plan, and people are told why.
  expect(await remediationsOf(stack, 'joined')).toHaveLength(1);
  expect(await findingsOf(stack, 'joined', '&kind=remediation')).toMatchObject([
    { state: 'open', reason: expect.stringContaining('Auto Scaling group workers') },
  ]);
});

test('what is excepted is not touched while the exception lasts, and stopped when it is found idle after that', async () => {
  const until = new Date(stack.host.now() + 10 * 60_000).toISOString();
  await given('excepted', {}, { exceptions: [{ resource: 'worker', reason: 'a load test', until }] });
  await tell(stack, idle('excepted'));
  await stack.advance('2m');
  expect(stateOf('excepted')).toBe('running');
  const explained = await stack.api('POST', `${monitoring}/policies/explain`, {
    body: { deploymentId: 'excepted', finding: { kind: 'idle', resource: 'worker' } },
  });
  expect(explained.text).toContain('a load test');
  await stack.advance('10m');
  await tell(stack, idle('excepted', 9));
  await stack.advance('2m');
  expect(stateOf('excepted')).toBe('stopped');
});

test('outside of its window it waits when the window comes within an hour, and is held when it does not', async () => {
  const clock = (at: number): string => new Date(at).toISOString().slice(11, 16);
  const denied = (minutes: number) => ({
    windows: [
      {
        kind: 'deny',
        from: clock(stack.host.now() - 60_000),
        until: clock(stack.host.now() + minutes * 60_000),
      },
    ],
  });
  await given('soon', {}, denied(20));
  await given('late', {}, denied(180));
  await tell(stack, idle('soon'), idle('late'));
  await stack.advance('10m');
  expect([stateOf('soon'), stateOf('late')]).toEqual(['running', 'running']);
  expect(await onlyRemediation(stack, 'soon')).toMatchObject({
    endedAt: null,
    holds: [{ brake: 'outside_window' }],
  });
  expect(await onlyRemediation(stack, 'late')).toMatchObject({
    status: 'held',
    holds: [{ brake: 'outside_window' }],
  });
  await stack.advance('15m');
  expect([stateOf('soon'), stateOf('late')]).toEqual(['stopped', 'running']);
  expect(await onlyRemediation(stack, 'soon')).toMatchObject({ status: 'succeeded' });
});

test('an instance that never comes to rest is not taken for stopped: after its time people are told', async () => {
  await given('stuck');
  const stuck = account.instances.get(idOf('stuck'));
  if (stuck) stuck.isStuck = true;
  const before = stops();
  await tell(stack, idle('stuck'));
  await stack.advance('20m');
  expect(stops() - before).toBe(1);
  const failed = await onlyRemediation(stack, 'stuck');
  expect(failed).toMatchObject({ status: 'failed', reason: expect.stringContaining('stopping') });
  expect(kindsOf(await recordOf(stack, failed.id)).at(-1)).toBe('ended');
  expect(await incidentsOf(stack, 'stuck')).toMatchObject([{ status: 'open' }]);
});

test('EC2 refuses the call: nothing was changed, it is tried once more, and then people are told', async () => {
  await given('refused', { max_attempts: 2 });
  account.refuse('StopInstances', 'UnauthorizedOperation');
  const before = stops();
  await tell(stack, idle('refused'));
  await stack.advance('10m');
  account.refuse('StopInstances');
  expect(stops() - before).toBe(2);
  const failed = await onlyRemediation(stack, 'refused');
  expect(failed).toMatchObject({ status: 'failed', attempt: 2 });
  expect(callsIn(await recordOf(stack, failed.id))).toEqual([
    'ec2 StopInstances refused',
    'ec2 StopInstances refused',
  ]);
  expect(stateOf('refused')).toBe('running');
});

test('limits and the stop switch hold it, and what was held is not done later by itself', async () => {
  await given('limited', {}, { limits: { max_count: 0 } });
  await given('halted');
  await switchOff(stack, true);
  await tell(stack, idle('limited'), idle('halted'));
  await stack.advance('2m');
  await switchOff(stack, false);
  await stack.advance('5m');
  expect([stateOf('limited'), stateOf('halted')]).toEqual(['running', 'running']);
  expect(await onlyRemediation(stack, 'halted')).toMatchObject({
    status: 'held',
    holds: [{ brake: 'stop_switch' }],
  });
  const { holds } = await onlyRemediation(stack, 'limited');
  expect(holds.map(({ brake }) => brake)).toContain('blast_radius');
  expect(await unpublished(stack)).toEqual([]);
  expect(await deadLetters(stack)).toEqual({});
});
