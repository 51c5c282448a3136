import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { channelIdOf } from '../../shared/notifications/channel.ts';
import { type LinkAction, signLink } from '../../shared/notifications/links.ts';
import type { Approval } from '../../shared/policies/index.ts';
import { type Answered, call } from './api-client.ts';
import { adminToken, type Cloud, startCloud } from './cloud.ts';
import { putPlan } from './plan-item.ts';

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(() => cloud.close());
beforeEach(() => {
  cloud.arrived.length = 0;
});

const hourMs = 3_600_000;
const act = '/api/v1/monitoring/act';
const link = (
  hash: string,
  given: { action?: LinkAction; channel?: string; expiresAt?: number } = {},
): string => {
  const { action = 'approve', channel = 'email', expiresAt = Date.now() + hourMs } = given;
  return signLink(adminToken, {
    incidentId: `plan:${hash}`,
    action,
    channelId: channelIdOf(channel),
    expiresAt,
  });
};
const open = (token: string): Promise<Answered> => call('GET', `${act}/${token}`, { token: null });
const onceIn = ({ text }: Answered): string => /name="once" value="([0-9a-f]{24})"/.exec(text)?.[1] ?? '';
const send = (token: string, fields: Readonly<Record<string, string>>): Promise<Answered> =>
  call('POST', `${act}/${token}`, {
    token: null,
    body: new URLSearchParams({ once: 'a'.repeat(24), ...fields }).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
const standing = async (hash: string) => (await call('GET', `/api/v1/monitoring/plans/${hash}`)).json;
const approval = (given: Partial<Approval> = {}): Approval => ({
  mode: 'manual',
  people: 1,
  by: [],
  anotherPerson: false,
  expiresSeconds: 3600,
  ...given,
});
const newPlan = async (given: Partial<Approval> = {}): Promise<string> =>
  (await putPlan(cloud.state, { approval: approval(given) })).plan.hash;

describe('the page of a plan that waits for people', () => {
  it('shows what would change, from what to what, undo, risk and permissions, and asks; opening it decides nothing (fault 18)', async () => {
    const hash = await newPlan();
    const before = await standing(hash);
    const page = await open(link(hash));
    expect(page.status).toBe(200);
    for (const shown of [
      'Approve this plan?',
      'Set main/web from 2 to 4 tasks.',
      '<tr class="changed"><th scope="row">desired</th><td>2</td><td>4</td></tr>',
      '<dt>Undo</dt><dd>ecs-scale: desired 2</dd>',
      '<dt>Risk</dt><dd>medium</dd>',
      'ecs:UpdateService on arn:aws:ecs:eu-central-1:123456789012:service/main/web',
      '<dt>Policy</dt><dd>four eyes</dd>',
      hash,
      '<button name="decision" value="approve" class="approve">Approve</button>',
      '<button name="decision" value="reject" class="reject">Reject</button>',
    ])
      expect(page.text).toContain(shown);
    for (const scan of [1, 2, 3]) expect((await open(link(hash))).status, `${scan}`).toBe(200);
    expect(await standing(hash)).toEqual(before);
    expect(cloud.arrived).toEqual([]);
  });

  it('may run and load nothing, be framed by nobody and be kept nowhere', async () => {
    const page = await open(link(await newPlan()));
    const style = /<style>([\s\S]*)<\/style>/.exec(page.text)?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    expect(page.headers['content-security-policy']).toBe(
      `default-src 'none'; style-src 'sha256-${hash}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
    );
    expect(page.headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
    expect(page.text).not.toMatch(/<script|onclick|javascript:/i);
  });

  it('shows what hostile services say as text (fault 28)', async () => {
    const { plan } = await putPlan(cloud.state, {
      occasion: {
        kind: 'asked',
        id: 'x',
        occurrence: String(Math.random()),
        title: '<img src=x onerror=alert(1)>',
        severity: 'error',
        checkIds: [],
      },
    });
    const page = await open(link(plan.hash));
    expect(page.text).toContain('&lt;img src=x onerror=alert(1)&gt;');
    expect(page.text).not.toContain('<img');
  });
});

describe('the form of that page', () => {
  it('approves that very plan for the channel of the link, once however often it is sent', async () => {
    const hash = await newPlan();
    const token = link(hash);
    const once = onceIn(await open(token));
    const done = await send(token, { once, decision: 'approve', name: 'Ada' });
    expect([done.status, done.text]).toEqual([200, expect.stringContaining('<h1>Approved</h1>')]);
    expect((await send(token, { once, decision: 'approve', name: 'Ada' })).text).toContain(
      '<h1>Approved</h1>',
    );
    const { status, approvals } = await standing(hash);
    expect([status, approvals]).toEqual([
      'approved',
      [{ by: 'link:email', at: expect.any(String), comment: 'Ada through a link' }],
    ]);
    const decided = cloud.arrived.filter(({ type }) => type === 'plan.decided');
    expect(decided).toMatchObject([{ detail: { planHash: hash, decision: 'approved' } }]);
    expect((await open(token)).text).not.toContain('<form');
  });

  it('rejects it; after that it cannot be approved any more', async () => {
    const hash = await newPlan();
    expect((await send(link(hash), { decision: 'reject', name: '' })).text).toContain('<h1>Rejected</h1>');
    const late = await send(link(hash), { decision: 'approve', name: '' });
    expect([late.status, late.text]).toEqual([409, expect.stringContaining('The plan is decided')]);
    expect((await standing(hash)).status).toBe('rejected');
  });

  it('after its time approves nothing: it counts as rejected', async () => {
    const asked = Date.now() - 2 * hourMs;
    const { plan } = await putPlan(cloud.state, { approval: approval() }, asked);
    expect((await open(link(plan.hash))).text).toContain('This plan has expired');
    expect((await send(link(plan.hash), { decision: 'approve', name: '' })).status).toBe(409);
    expect((await standing(plan.hash)).status).toBe('expired');
    const late = await open(link(plan.hash, { expiresAt: Date.now() - 1000 }));
    expect([late.status, late.text]).toEqual([410, expect.stringContaining('This link has expired')]);
  });

  it('where several must agree, two names through one channel are one person', async () => {
    const hash = await newPlan({ people: 2 });
    expect((await open(link(hash))).text).toContain('2 different people must approve it');
    const first = await send(link(hash), { decision: 'approve', name: 'Ada' });
    expect(first.text).toContain('<h1>Your approval is noted</h1>');
    await send(link(hash), { decision: 'approve', name: 'Bob' });
    expect((await standing(hash)).status).toBe('waiting');
    await call('POST', `/api/v1/monitoring/plans/${hash}/approve`);
    expect((await standing(hash)).status).toBe('approved');
  });

  it('where only some count, the name that is given must be one of theirs', async () => {
    const hash = await newPlan({ by: ['Ada'] });
    expect((await open(link(hash))).text).toContain('autocomplete="name" required');
    expect((await send(link(hash), { decision: 'approve', name: 'Bob' })).status).toBe(409);
    await send(link(hash), { decision: 'approve', name: 'Ada' });
    expect((await standing(hash)).status).toBe('approved');
  });

  it('a name that is typed never stands for a token, an administrator or another channel', async () => {
    const { json: made } = await call('POST', '/api/v1/monitoring/tokens', {
      body: { name: 'release-manager', scopes: ['operate', 'read'], deployments: '*' },
    });
    const hash = await newPlan({ by: ['release-manager', `token:${made.id}`, 'admin', 'link:pager'] });
    for (const name of ['release-manager', `token:${made.id}`, 'admin', 'link:pager']) {
      expect([name, (await send(link(hash), { decision: 'approve', name })).status]).toEqual([name, 409]);
    }
    expect((await standing(hash)).status).toBe('waiting');
    await call('POST', `/api/v1/monitoring/plans/${hash}/approve`, { token: String(made.token) });
    expect((await standing(hash)).status).toBe('approved');
  });

  it('without a decision, of a plan that is not there, or with a link for something else, does nothing', async () => {
    const hash = await newPlan();
    expect((await send(link(hash), { name: '' })).status).toBe(400);
    expect((await send(link('f'.repeat(64)), { decision: 'approve', name: '' })).status).toBe(410);
    expect(
      (await send(link(hash, { action: 'acknowledge' }), { decision: 'approve', name: '' })).status,
    ).toBe(410);
    const forged = `${link(hash).slice(0, -5)}AAAAA`;
    expect((await send(forged, { decision: 'approve', name: '' })).status).toBe(403);
    expect((await standing(hash)).status).toBe('waiting');
  });
});
