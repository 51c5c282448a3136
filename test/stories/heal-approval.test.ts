import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { incidentsOf, makeSlack, monitoring, setAlerting, timelineOf } from './alerting.ts';
import { detailsOf, statusOf, stopBetweenSlots } from './checks.ts';
import {
  kindsOf,
  makePolicy,
  makeServiceCheck,
  onlyRemediation,
  openHealing,
  openServices,
  type RemediationView,
  readRemediation,
  recordOf,
  registerWith,
  type Service,
  type Services,
} from './healing.ts';
import { unpublished } from './published.ts';
import { deadLetters } from './queues.ts';
import { openReceiver, type Receiver, type Told, wordsOf } from './receivers.ts';
import type { Stack } from './stack.ts';

/** A policy that wants people: the plan waits for them, and each of their answers counts once. */
const names = ['api', 'page', 'no', 'late', 'mended', 'gone'];
let services: Services;
let stack: Stack;
let slack: Receiver;
beforeAll(async () => {
  services = await openServices(names);
  stack = await openHealing(services.processes);
  slack = await openReceiver(() => stack.host.now());
  await makeSlack(stack, slack, { name: 'slack' });
  await setAlerting(stack, { defaultChannels: ['slack'], repeatInterval: '12h' });
  await makePolicy(stack, { unhealthy: { approval: { mode: 'manual', expires: '10m' } } });
});
afterAll(async () => {
  await stack?.close();
  await Promise.all([services?.close(), slack?.close()]);
});
let heardBefore = 0;
beforeEach(() => {
  heardBefore = slack.slack().length;
});

const asked = (): readonly Told[] =>
  slack
    .slack()
    .slice(heardBefore)
    .filter(({ word }) => word === 'Approval needed');

/** A deployment of one service of this name, which falls; two minutes later its plan waits. */
const fallen = async (
  name: string,
): Promise<{ readonly service: Service; readonly plan: RemediationView; readonly check: string }> => {
  const service = services.of(name);
  await registerWith(stack, name, [name]);
  const check = await makeServiceCheck(stack, service, name);
  await stack.advance('40s');
  await stopBetweenSlots(stack, check);
  service.fall();
  await stack.advance('2m');
  const plan = await onlyRemediation(stack, name);
  expect(plan).toMatchObject({ status: 'waiting' });
  expect(service.restarts()).toBe(0);
  return { service, plan, check };
};

const decide = (plan: RemediationView, what: 'approve' | 'reject', body: Record<string, string> = {}) =>
  stack.api('POST', `${monitoring}/plans/${plan.id}/${what}`, { body });

const linkIn = (told: Told | undefined): string => {
  const url = told?.links.approve ?? Object.values(told?.links ?? {})[0] ?? '';
  expect(url).toContain(`${stack.host.url}${monitoring}/act/`);
  return url;
};

test('people are asked once, with a link; approved over the API, however often, it is restarted once and the question is closed (fault 18)', async () => {
  const { service, plan } = await fallen('api');
  expect(asked()).toHaveLength(1);
  expect(asked()[0]?.text).toContain('Restart the process api');
  const answers = await Promise.all([1, 2, 3].map(() => decide(plan, 'approve', { comment: 'go on' })));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  await stack.advance('90s');
  expect((await decide(plan, 'approve')).status).toBe(200);
  await stack.advance('10s');
  expect(service.restarts()).toBe(1);
  const healed = await readRemediation(stack, plan.id);
  expect(healed).toMatchObject({ status: 'succeeded', attempt: 1, approvals: [{ by: 'admin' }] });
  const record = await recordOf(stack, plan.id);
  expect(kindsOf(record).filter((kind) => kind !== 'verified')).toEqual([
    'planned',
    'asked',
    'approved',
    'started',
    'call',
    'applied',
    'ended',
  ]);
  expect(record.find(({ kind }) => kind === 'approved')).toMatchObject({ by: 'admin', text: 'go on' });
  const words = wordsOf(slack.slack().slice(heardBefore));
  expect([...words].sort()).toEqual(['Approval needed', 'Decided', 'Firing', 'Resolved']);
  expect(detailsOf(stack, 'plan.decided').filter(({ planHash }) => planHash === plan.id)).toMatchObject([
    { decision: 'approved', by: 'admin' },
  ]);
  const audit = await stack.api('GET', `${monitoring}/audit?kind=plan`);
  expect(audit.body.items).toMatchObject([{ by: 'admin', action: 'approved', subjectId: plan.id }]);
});

test('the link opens a page that decides nothing; its button approves, pressed twice it is one approval, and the record says through which channel (fault 18)', async () => {
  const { service, plan } = await fallen('page');
  const url = linkIn(asked()[0]);
  // Mail scanners and previews open it, too.
  for (const method of ['GET', 'HEAD', 'GET']) await fetch(url, { method });
  await stack.advance('1m');
  expect(await readRemediation(stack, plan.id)).toMatchObject({ status: 'waiting' });
  const page = await (await fetch(url)).text();
  expect(page).toContain('Approve this plan?');
  expect(page).toContain(plan.id);
  const once = /name="once" value="([0-9a-f]{24})"/.exec(page)?.[1] ?? '';
  const press = (to = url) =>
    fetch(to, { method: 'POST', body: new URLSearchParams({ once, decision: 'approve', name: 'Ada' }) });
  expect((await press(`${url.slice(0, -3)}AAA`)).status).toBe(403);
  expect((await press()).status).toBe(200);
  expect((await press()).status).toBe(200);
  await stack.advance('90s');
  expect((await press()).status).toBe(200);
  await stack.advance('10s');
  expect(service.restarts()).toBe(1);
  expect(await readRemediation(stack, plan.id)).toMatchObject({
    status: 'succeeded',
    approvals: [{ by: 'link:slack' }],
  });
});

test('what somebody rejects is not done, and whoever approves it afterwards changes nothing', async () => {
  const { service, plan } = await fallen('no');
  expect((await decide(plan, 'reject', { comment: 'I look at it' })).status).toBe(200);
  expect((await decide(plan, 'approve')).status).toBe(409);
  await stack.advance('2m');
  expect(service.restarts()).toBe(0);
  expect(await readRemediation(stack, plan.id)).toMatchObject({
    status: 'rejected',
    rejectedBy: 'admin',
    reason: 'rejected by admin: I look at it',
  });
  expect(kindsOf(await recordOf(stack, plan.id))).toEqual(['planned', 'asked', 'rejected', 'ended']);
  service.repair();
  await stack.advance('1m');
});

test('nobody answers: after its time it counts as rejected, nothing is done, and a late click is refused (fault 18)', async () => {
  const { service, plan } = await fallen('late');
  const url = linkIn(asked()[0]);
  const page = await (await fetch(url)).text();
  const once = /name="once" value="([0-9a-f]{24})"/.exec(page)?.[1] ?? '';
  await stack.advance('13m');
  expect(await readRemediation(stack, plan.id)).toMatchObject({ status: 'expired' });
  const late = await fetch(url, { method: 'POST', body: new URLSearchParams({ once, decision: 'approve' }) });
  expect(late.status).toBeGreaterThanOrEqual(400);
  expect((await decide(plan, 'approve')).status).toBe(409);
  await stack.advance('2m');
  expect(service.restarts()).toBe(0);
  expect(asked()).toHaveLength(1);
  expect(detailsOf(stack, 'plan.decided').filter(({ planHash }) => planHash === plan.id)).toMatchObject([]);
  service.repair();
  await stack.advance('1m');
});

test('what was repaired by hand while the plan waited is not restarted, whoever approves it then', async () => {
  const { service, plan, check } = await fallen('mended');
  service.repair();
  await stack.advance('1m');
  expect(await statusOf(stack, check)).toBe('healthy');
  const { status } = await decide(plan, 'approve');
  expect([200, 409]).toContain(status);
  await stack.advance('1m');
  expect(service.restarts()).toBe(0);
  expect(await readRemediation(stack, plan.id)).toMatchObject({ status: 'not_needed' });
  const [incident] = await incidentsOf(stack, 'mended');
  const texts = (await timelineOf(stack, incident?.id ?? '')).map(({ text }) => text);
  expect(texts.at(-1)).toMatch(/^Remediation over: not_needed/);
});

test('a policy that is withdrawn while the plan waits holds it back, and people are told', async () => {
  const { service, plan } = await fallen('gone');
  const { body } = await stack.api('GET', `${monitoring}/policies`);
  const [policy] = body.items as { readonly id: string }[];
  expect((await stack.api('DELETE', `${monitoring}/policies/${policy?.id}`)).status).toBeLessThan(300);
  expect((await decide(plan, 'approve')).status).toBe(200);
  await stack.advance('1m');
  expect(service.restarts()).toBe(0);
  expect(await readRemediation(stack, plan.id)).toMatchObject({
    status: 'held',
    holds: [{ brake: 'policy_disabled' }],
  });
  await stack.advance('5m');
  const told = slack.slack().slice(heardBefore);
  expect(told.some(({ text }) => text.includes('was held back'))).toBe(true);
  expect(await unpublished(stack)).toEqual([]);
  expect(await deadLetters(stack)).toEqual({});
});
