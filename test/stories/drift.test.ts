import { afterAll, beforeAll, expect, test } from 'vitest';
import { incidentsOf, makeSlack, setAlerting } from './alerting.ts';
import type { Account } from './aws-account.ts';
import { logGroup, type Properties } from './aws-cloudcontrol.ts';
import { optedIn } from './aws-state.ts';
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
import { openReceiver, type Receiver, wordsOf } from './receivers.ts';
import {
  callsIn,
  decide,
  deliver,
  findingsOf,
  makePolicyFor,
  openRemedying,
  readFinding,
  registerIn,
  remediate,
  signed,
  switchOff,
  type Told,
  tell,
  undo,
} from './remedying.ts';
import type { Stack } from './stack.ts';

/** A team's engine finds that a log group keeps its lines for another time than it should; Homeostat puts that right. */
let stack: Stack;
let account: Account;
let slack: Receiver;
beforeAll(async () => {
  ({ stack, account } = await openRemedying());
  slack = await openReceiver(() => stack.host.now());
  await makeSlack(stack, slack, { name: 'slack' });
  await setAlerting(stack, { defaultChannels: ['slack'], repeatInterval: '12h' });
});
afterAll(async () => {
  await stack?.close();
  await Promise.all([account?.close(), slack?.close()]);
});

const typeName = 'AWS::Logs::LogGroup';
const wanted = 14;
const drifted = 30;

const groupOf = (name: string) => `/shop/${name}`;
const drift = (deploymentId: string, name: string, severity = 'error'): Told => ({
  kind: 'drift',
  severity,
  deploymentId,
  resource: groupOf(name),
  title: `${name} keeps its lines for another time`,
  reason: `RetentionInDays is not ${wanted}`,
  details: {
    typeName,
    identifier: groupOf(name),
    patch: [{ op: 'replace', path: '/RetentionInDays', value: wanted }],
  },
});
const set = (name: string, days: number, tags: Readonly<Record<string, string>> = optedIn): void => {
  account.resources.set(
    `${typeName} ${groupOf(name)}`,
    logGroup(groupOf(name), { RetentionInDays: days }, tags),
  );
};
const retentionOf = (name: string): Properties[string] | undefined =>
  account.resources.get(`${typeName} ${groupOf(name)}`)?.RetentionInDays;

/** A deployment with an environment and a policy of its own, and log groups that have drifted. */
const given = async (
  name: string,
  remedy: Readonly<Record<string, unknown>>,
  groups: readonly string[] = [name],
  more: Readonly<Record<string, unknown>> = {},
): Promise<void> => {
  await registerIn(stack, name, []);
  const entry = { severity: 'error', action: 'fix', ...remedy };
  await makePolicyFor(stack, name, { drift_remediation: { auto_fix: [entry] }, ...more });
  for (const group of groups) set(group, drifted);
};

const updates = (): number => account.changes().filter((name) => name === 'UpdateResource').length;

test('drift that the engine signs is planned, applied by the role of the action, verified and resolved; the same finding again does nothing; undo really restores what was there', async () => {
  await given('shop', { approval: 'auto', max_resources: 5 });
  const [finding = ''] = await tell(stack, drift('shop', 'shop'));
  await tell(stack, drift('shop', 'shop'));
  await stack.advance('2m');
  expect(retentionOf('shop')).toBe(wanted);
  expect(updates()).toBe(1);
  const fixed = await onlyRemediation(stack, 'shop');
  expect(fixed).toMatchObject({ status: 'succeeded', attempt: 1, madeBy: 'policy:shop', holds: [] });
  const record = await recordOf(stack, fixed.id);
  expect(kindsOf(record)).toEqual(['planned', 'started', 'call', 'applied', 'verified', 'verified', 'ended']);
  expect(callsIn(record)).toEqual(['cloudcontrol UpdateResource ok']);
  expect(record.at(-1)).toMatchObject({
    before: { properties: { RetentionInDays: drifted } },
    after: { properties: { RetentionInDays: wanted } },
  });
  const taken = stack.host.calls().filter(({ action }) => action === 'cloudformation:UpdateResource');
  expect(taken).toMatchObject([{ allowed: true, caller: expect.stringContaining(fixed.id.slice(0, 12)) }]);
  expect(await readFinding(stack, finding)).toMatchObject({ state: 'resolved' });

  const undone = await undo(stack, fixed);
  await stack.advance('30s');
  expect(retentionOf('shop')).toBe(wanted);
  await decide(stack, { id: undone }, 'approve');
  await stack.advance('2m');
  expect(retentionOf('shop')).toBe(drifted);
  expect(await readRemediation(stack, undone)).toMatchObject({ status: 'succeeded', undoOf: fixed.id });
  expect(await readRemediation(stack, fixed.id)).toMatchObject({ undoneBy: undone });
  const again = await stack.api('POST', `/api/v1/monitoring/remediations/${fixed.id}/undo`, { body: {} });
  expect(again.status).toBe(409);
});

test('a delivery that is replayed counts once; one that is forged, altered or old is refused, and nothing follows from it (fault 34)', async () => {
  await given('replay', { approval: 'auto' });
  const delivery = signed(stack, [drift('replay', 'replay')]);
  const { body } = delivery;
  const refused = [
    signed(stack, [drift('replay', 'replay')], { key: 'k'.repeat(48) }),
    { ...delivery, body: body.replace(`"value":${wanted}`, '"value":1') },
    signed(stack, [drift('replay', 'replay')], { at: stack.host.now() - 301_000 }),
    signed(stack, [drift('replay', 'replay')], { at: stack.host.now() + 301_000 }),
    { ...delivery, signature: delivery.signature.replace(/v1=.*/, 'v1=') },
  ];
  for (const one of refused) expect((await deliver(stack, one)).status).toBe(401);
  await stack.advance('1m');
  expect(await remediationsOf(stack, 'replay')).toEqual([]);
  expect(await findingsOf(stack, 'replay')).toEqual([]);

  const first = await deliver(stack, delivery);
  expect(first.body).toMatchObject({ repeated: false, items: [{ outcome: 'opened' }] });
  await stack.advance('2m');
  expect(retentionOf('replay')).toBe(wanted);
  set('replay', drifted);
  const before = updates();
  // Within the five minutes in which its signature is valid.
  for (const _ of [1, 2]) {
    const repeated = await deliver(stack, delivery);
    expect(repeated.body).toEqual({ repeated: true, items: [] });
  }
  await stack.advance('2m');
  expect(updates()).toBe(before);
  expect(await remediationsOf(stack, 'replay')).toHaveLength(1);
});

test('people approve, reject, or do not answer: only what is approved is done', async () => {
  for (const name of ['granted', 'rejected', 'expired'])
    await given(name, { approval: { mode: 'manual', expires: '10m' } });
  const plans: Record<string, RemediationView> = {};
  for (const name of ['granted', 'rejected', 'expired']) {
    await tell(stack, drift(name, name));
    await stack.advance('30s');
    plans[name] = await onlyRemediation(stack, name);
    expect(plans[name]).toMatchObject({ status: 'waiting' });
  }
  const { granted, rejected, expired } = plans as Record<string, RemediationView>;
  if (!granted || !rejected || !expired) throw new Error('three plans wait');
  await decide(stack, granted, 'approve');
  await decide(stack, granted, 'approve');
  await decide(stack, rejected, 'reject');
  await stack.advance('12m');
  expect(['granted', 'rejected', 'expired'].map(retentionOf)).toEqual([wanted, drifted, drifted]);
  expect(await readRemediation(stack, granted.id)).toMatchObject({
    status: 'succeeded',
    approvals: [{ by: 'admin' }],
  });
  expect(await readRemediation(stack, rejected.id)).toMatchObject({
    status: 'rejected',
    rejectedBy: 'admin',
  });
  expect(await readRemediation(stack, expired.id)).toMatchObject({ status: 'expired' });
  const late = await stack.api('POST', `/api/v1/monitoring/plans/${expired.id}/approve`, { body: {} });
  expect(late.status).toBe(409);
});

test('the world changed while the plan waited: nothing is written over it, and it is planned anew from what is there (fault 19)', async () => {
  await given('changed', { approval: 'manual' });
  await tell(stack, drift('changed', 'changed'));
  await stack.advance('30s');
  const first = await onlyRemediation(stack, 'changed');
  set('changed', 60);
  const before = updates();
  await decide(stack, first, 'approve');
  await stack.advance('1m');
  expect(updates()).toBe(before);
  expect(retentionOf('changed')).toBe(60);
  expect(await readRemediation(stack, first.id)).toMatchObject({ status: 'superseded' });
  const second = (await remediationsOf(stack, 'changed')).at(-1);
  expect(second).toMatchObject({
    status: 'waiting',
    plan: { actions: [{ before: { properties: { RetentionInDays: 60 } } }] },
  });
  if (!second) throw new Error('there is no second plan');
  // What one approved was the first plan, and no other.
  expect(second.id).not.toBe(first.id);
  await decide(stack, second, 'approve');
  await stack.advance('2m');
  expect(retentionOf('changed')).toBe(wanted);
  expect(await readRemediation(stack, second.id)).toMatchObject({ status: 'succeeded' });
});

test('somebody writes it back each time: it is tried as often as the policy says, then people are told, and it is left alone', async () => {
  await given('fought', { approval: 'auto', max_attempts: 2 });
  account.onDone(({ operation, input }) => {
    if (operation === 'UpdateResource' && input.Identifier === groupOf('fought')) set('fought', drifted);
  });
  const heardBefore = slack.slack().length;
  const before = updates();
  const [finding = ''] = await tell(stack, drift('fought', 'fought'));
  await stack.advance('30m');
  expect(updates() - before).toBe(2);
  const failed = await onlyRemediation(stack, 'fought');
  expect(failed).toMatchObject({ status: 'failed', attempt: 2 });
  expect(failed.reason).toContain('RetentionInDays');
  expect(kindsOf(await recordOf(stack, failed.id))).toContain('retry');
  expect(await readFinding(stack, finding)).toMatchObject({ state: 'open' });
  expect(await incidentsOf(stack, 'fought')).toMatchObject([{ status: 'open' }]);
  expect(wordsOf(slack.slack().slice(heardBefore))).toContain('Firing');
});

test('a limit of zero means zero, and where more is in need than the limit allows nothing is touched', async () => {
  await given('zero', { approval: 'auto', max_resources: 0 });
  await given('many', { approval: 'auto', max_resources: 1 }, ['one', 'two']);
  const before = updates();
  await tell(stack, drift('zero', 'zero'));
  await tell(stack, drift('many', 'one'), drift('many', 'two'));
  await stack.advance('5m');
  expect(updates()).toBe(before);
  // What may touch nothing is not even planned.
  expect(await remediationsOf(stack, 'zero')).toEqual([]);
  const held = { status: 'held', holds: [{ brake: 'blast_radius' }] };
  expect(await remediationsOf(stack, 'many')).toMatchObject([held, held]);
});

test('while somebody stopped healing nothing is applied, not even what a person approves; afterwards a person has it done', async () => {
  await given('stopped', { approval: 'auto' });
  await switchOff(stack, true);
  await tell(stack, drift('stopped', 'stopped'));
  const before = updates();
  await stack.advance('2m');
  const asked = await remediate(stack, 'stopped', { action: 'fix-drift', approve: true });
  expect(asked.status, asked.text).toBe(202);
  await stack.advance('1m');
  expect(updates()).toBe(before);
  const held = { status: 'held', holds: [{ brake: 'stop_switch' }] };
  expect(await remediationsOf(stack, 'stopped')).toMatchObject([held, held]);
  await switchOff(stack, false);
  await stack.advance('1m');
  expect(retentionOf('stopped')).toBe(drifted);
  const wish = await remediate(stack, 'stopped', { action: 'fix-drift', approve: true });
  await stack.advance('2m');
  expect(retentionOf('stopped')).toBe(wanted);
  expect(await readRemediation(stack, String(wish.body.planHash))).toMatchObject({
    status: 'succeeded',
    madeBy: 'admin',
  });
});

test('what drifts again and again is left alone, and whoever writes it is named', async () => {
  const brakes = { flaps_per_day: 2, cooldown: 0, attempts_per_hour: 10 };
  await given('flapping', { approval: 'auto' }, ['flapping'], { brakes });
  const arn = 'arn:aws:iam::111122223333:user/deploy-bot';
  for (const _ of [1, 2, 3]) {
    set('flapping', drifted);
    const at = stack.host.now();
    account.trail.push({ resource: groupOf('flapping'), arn, eventName: 'PutRetentionPolicy', at });
    await tell(stack, drift('flapping', 'flapping'));
    await stack.advance('2m');
  }
  expect(retentionOf('flapping')).toBe(drifted);
  const all = await remediationsOf(stack, 'flapping');
  expect(all.map(({ status }) => status)).toEqual(['succeeded', 'succeeded', 'held']);
  const [hold] = all.at(-1)?.holds ?? [];
  expect(hold).toMatchObject({
    brake: 'flapping',
    reason: expect.stringContaining(`${arn} (PutRetentionPolicy)`),
  });
});

test('what is not tagged is never touched: no plan is made, and whoever relies on the policy is told', async () => {
  await given('untagged', { approval: 'auto' });
  set('untagged', drifted, {});
  const before = updates();
  await tell(stack, drift('untagged', 'untagged'));
  await stack.advance('2m');
  expect(updates()).toBe(before);
  expect(await remediationsOf(stack, 'untagged')).toEqual([]);
  const called = await findingsOf(stack, 'untagged', '&kind=remediation');
  expect(called).toMatchObject([{ state: 'open', reason: expect.stringContaining('homeostat=heal') }]);
});

test('nothing of it is left behind: no event unpublished, no message dead', async () => {
  expect(await unpublished(stack)).toEqual([]);
  expect(await deadLetters(stack)).toEqual({});
});
