import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { matchersFor } from '../../shared/act/silence-of.ts';
import { type IncidentMember, incidentKey } from '../../shared/incidents/incident.ts';
import { putMember } from '../../shared/incidents/join.ts';
import { readMembersOf } from '../../shared/incidents/store.ts';
import { channelIdOf } from '../../shared/notifications/channel.ts';
import { type LinkAction, signLink } from '../../shared/notifications/links.ts';
import { type Answered, call } from './api-client.ts';
import { adminToken, type Cloud, startCloud } from './cloud.ts';
import { putIncident } from './incident-item.ts';
import { expectProblem } from './refusal.ts';

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(() => cloud.close());
beforeEach(() => {
  cloud.arrived.length = 0;
  cloud.sent.length = 0;
});

const hourMs = 3_600_000;
const act = '/api/v1/monitoring/act';
/** The services of these tests hold one secret for every name. */
const key = adminToken;
const link = (incidentId: string, action: LinkAction, expiresAt = Date.now() + hourMs): string =>
  signLink(key, { incidentId, action, channelId: channelIdOf('email'), expiresAt });
const open = (token: string): Promise<Answered> => call('GET', `${act}/${token}`, { token: null });
const onceIn = ({ text }: Answered): string => /name="once" value="([0-9a-f]{24})"/.exec(text)?.[1] ?? '';
const send = (token: string, fields: Readonly<Record<string, string>>): Promise<Answered> =>
  call('POST', `${act}/${token}`, {
    token: null,
    body: new URLSearchParams(fields).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
const statusOf = async (id: string) => (await call('GET', `/api/v1/monitoring/incidents/${id}`)).json;
const silences = async () =>
  (await call('GET', '/api/v1/monitoring/silences')).json.items as unknown as readonly {
    readonly id: string;
    readonly matchers: readonly string[];
    readonly author: string;
    readonly endsAt: string;
    readonly startsAt: string;
  }[];
let incidents = 0;
const makeIncident = async (name = `home ${++incidents}`) =>
  (await putIncident(cloud.state, 'shop', name)).incident;

describe('the page that a link in a notification opens', () => {
  it('asks, and changes nothing, for mail scanners open links, too (fault 18)', async () => {
    const incident = await makeIncident();
    const before = await statusOf(incident);
    const page = await open(link(incident, 'acknowledge'));
    expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect(page.text).toContain('<button>Acknowledge</button>');
    expect(page.text).toContain('<dt>Deployment</dt><dd>shop</dd>');
    for (const scan of [1, 2, 3])
      expect((await open(link(incident, 'acknowledge'))).status, `${scan}`).toBe(200);
    await open(link(incident, 'silence'));
    expect(await statusOf(incident)).toEqual(before);
    expect([await silences(), cloud.sent, cloud.arrived]).toEqual([[], [], []]);
  });

  it('may run and load nothing, be framed by nobody, be kept and referred to nowhere', async () => {
    const page = await open(link(await makeIncident(), 'silence'));
    const style = /<style>([\s\S]*)<\/style>/.exec(page.text)?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    expect(page.headers['content-security-policy']).toBe(
      `default-src 'none'; style-src 'sha256-${hash}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
    );
    expect(page.headers).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    });
    expect(page.text).not.toMatch(/<script|javascript:|\son\w+=|style="/i);
  });

  it('shows names and reasons as text, whatever stands in them (fault 28)', async () => {
    const hostile = '<img src=x onerror=alert(1)>"\'&\u202e';
    const page = await open(link(await makeIncident(hostile), 'acknowledge'));
    expect(page.text).not.toContain('<img');
    expect(page.text).not.toContain('\u202e');
    expect(page.text).toContain('&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;');
  });

  it.each([
    ['expired', 410, 'This link has expired', (id: string) => link(id, 'acknowledge', Date.now() - 1000)],
    [
      'signed with another key',
      403,
      'This link is not valid',
      (id: string) =>
        signLink('x'.repeat(42), {
          incidentId: id,
          action: 'acknowledge',
          channelId: 'a',
          expiresAt: Date.now() + hourMs,
        }),
    ],
    ['changed', 403, 'This link is not valid', (id: string) => `${link(id, 'acknowledge').slice(0, -2)}AA`],
    ['cut', 403, 'This link is not valid', (id: string) => link(id, 'acknowledge').slice(0, 40)],
    [
      'for an incident that is not kept any more',
      410,
      'There is nothing left to do here',
      () => link('0mh9x8e0a-abcdefabcdef', 'acknowledge'),
    ],
  ])('%s says so, and so does its form (fault 34)', async (_what, status, title, tokenFor) => {
    const incident = await makeIncident();
    const token = tokenFor(incident);
    const form = { once: 'a'.repeat(24), name: '' };
    for (const answered of [await open(token), await send(token, form)]) {
      expect([answered.status, answered.headers['content-type']]).toEqual([
        status,
        'text/html; charset=utf-8',
      ]);
      expect(answered.text).toContain(`<h1>${title}</h1>`);
      expect(answered.text).not.toContain('<form');
    }
    expect((await statusOf(incident)).status).toBe('open');
  });
});

describe('its form', () => {
  it('acknowledges once, however often it is sent, by the channel and the name that was given', async () => {
    const incident = await makeIncident();
    const token = link(incident, 'acknowledge');
    const once = onceIn(await open(token));
    const done = await send(token, { once, name: 'Ada' });
    expect([done.status, done.text]).toEqual([200, expect.stringContaining('<h1>Acknowledged</h1>')]);
    expect(await statusOf(incident)).toMatchObject({
      status: 'acknowledged',
      acknowledgedBy: 'link:email (Ada)',
    });
    expect(cloud.sent).toEqual([
      {
        queue: 'incidents.fifo',
        body: { incidentId: incident, groupKey: expect.stringMatching(/^subject:/) },
      },
    ]);
    const timeline = `/api/v1/monitoring/incidents/${incident}/timeline`;
    const again = await send(token, { once, name: 'Bob' });
    expect(again.text).toContain('By Ada through email');
    expect((await statusOf(incident)).acknowledgedBy).toBe('link:email (Ada)');
    expect((await call('GET', timeline)).status).toBe(200);
    expect((await open(token)).text).toContain('This incident is acknowledged already');
  });

  it('silences what the incident is about for as long as the button said, once for each page', async () => {
    const incident = await makeIncident('checkout');
    const token = link(incident, 'silence');
    const page = await open(token);
    expect(page.text).toContain('deployment=shop, check=checkout');
    const form = { once: onceIn(page), name: '', duration: '4h' };
    const done = await send(token, form);
    expect([done.status, done.text]).toEqual([200, expect.stringContaining('<h1>Silenced</h1>')]);
    await send(token, form);
    const [made, ...others] = await silences();
    expect(others).toEqual([]);
    expect([made?.matchers, made?.author]).toEqual([['deployment=shop', 'check=checkout'], 'link:email']);
    expect(Date.parse(made?.endsAt ?? '') - Date.parse(made?.startsAt ?? '')).toBe(4 * hourMs);
    expect(cloud.arrived.map(({ detail }) => detail)).toEqual([
      expect.objectContaining({ by: 'link:email', action: 'created', kind: 'silence', deploymentId: 'shop' }),
    ]);
    await send(token, { ...form, once: onceIn(await open(token)) });
    expect(await silences()).toHaveLength(2);
  });

  it('a link to the incident shows it with its alerts and offers both; the button that is pressed is done', async () => {
    const incident = await makeIncident('cart');
    const token = link(incident, 'view');
    const page = await open(token);
    expect([page.status, page.text]).toEqual([
      200,
      expect.stringContaining('<h1>This incident is open</h1>'),
    ]);
    expect(page.text).toMatch(/<li><b>cart<\/b>/);
    expect(page.text.match(/<form method="post">/g)).toHaveLength(2);
    const once = onceIn(page);
    const silenced = await send(token, { once, name: '', duration: '1h' });
    expect(silenced.text).toContain('<h1>Silenced</h1>');
    expect((await statusOf(incident)).status).toBe('open');
    expect((await send(token, { once, name: 'Ada' })).text).toContain('<h1>Acknowledged</h1>');
    expect(await statusOf(incident)).toMatchObject({ acknowledgedBy: 'link:email (Ada)' });
    const after = await open(token);
    expect(after.text).toContain('By Ada through email');
    expect(after.text).not.toContain('<button>Acknowledge</button>');
  });

  it('silences nothing but what its page showed: what joined meanwhile must be seen first', async () => {
    const incident = await makeIncident('basket');
    const token = link(incident, 'silence');
    const once = onceIn(await open(token));
    const [member] = await readMembersOf(cloud.state, incident);
    if (!member) throw new Error('the incident has no member');
    const subject = {
      ...member.subject,
      key: 'check:other',
      labels: { ...member.subject.labels, check: 'other' },
    };
    await putMember(cloud.state, incident, { ...member, alertId: 'f'.repeat(24), subject });
    const before = (await silences()).length;
    const done = await send(token, { once, name: '', duration: '1h' });
    expect([done.status, done.text]).toEqual([409, expect.stringContaining('It has changed meanwhile')]);
    expect(await silences()).toHaveLength(before);
    const anew = await send(token, { once: onceIn(await open(token)), name: '', duration: '1h' });
    expect(anew.status).toBe(200);
  });

  it('silences nothing any more when the incident is over', async () => {
    const incident = await makeIncident('stock');
    const token = link(incident, 'silence');
    const once = onceIn(await open(token));
    const item = await cloud.state.get(incidentKey(incident), { consistent: true });
    if (!item) throw new Error('there is no incident');
    const resolved = { ...(item.incident as object), status: 'resolved', resolvedAt: Date.now() };
    await cloud.state.put({ ...item, incident: resolved } as never);
    const before = (await silences()).length;
    const done = await send(token, { once, name: '', duration: '1h' });
    expect([done.status, done.text]).toEqual([409, expect.stringContaining('This incident is resolved')]);
    expect(await silences()).toHaveLength(before);
  });

  it('is refused without a duration that stands on a button', async () => {
    const token = link(await makeIncident(), 'silence');
    const once = onceIn(await open(token));
    expect((await send(token, { once, name: '' })).status).toBe(400);
    expectProblem(await send(token, { once, name: '', duration: '90d' }), 422);
  });

  it.each([
    ['as JSON', { body: '{"once": "a"}', headers: { 'content-type': 'application/json' } }, 400],
    ['with a field twice', { body: `once=${'a'.repeat(24)}&once=b` }, 400],
    ['with a field of a forbidden name', { body: '__proto__=1' }, 400],
    ['with a field too many', { body: `once=${'a'.repeat(24)}&name=&isAdmin=1` }, 422],
    ['with a name of two lines', { body: `once=${'a'.repeat(24)}&name=a%0Ab` }, 422],
    ['of a megabyte', { body: `name=${'x'.repeat(1_000_000)}` }, 413],
    ['with nothing in it', { body: '' }, 422],
  ])('%s: nothing is done (faults 22, 28, 31)', async (_what, sent, status) => {
    const incident = await makeIncident();
    const headers = {
      'content-type': 'application/x-www-form-urlencoded',
      ...('headers' in sent && sent.headers),
    };
    const answered = await call('POST', `${act}/${link(incident, 'acknowledge')}`, {
      token: null,
      body: sent.body,
      headers,
    });
    expectProblem(answered, status);
    expect((await statusOf(incident)).status).toBe('open');
  });
});

describe('what a silence from a link matches', () => {
  const member = async (fields: Partial<IncidentMember>): Promise<IncidentMember> => {
    const incident = await makeIncident();
    const [made] = await readMembersOf(cloud.state, incident);
    if (!made) throw new Error('the incident has no member');
    await putMember(cloud.state, incident, made);
    return { ...made, ...fields };
  };
  const of = (deploymentId: string | null, labels: Readonly<Record<string, string>>) => ({
    subject: { key: JSON.stringify(labels), deploymentId, name: labels.check ?? 'alarm', labels },
  });
  const equal = (label: string, value: string) => ({ label, operator: '=', value });

  it.each([
    [
      'one check: it, whatever rule',
      'deployment:shop',
      [of('shop', { check: 'a' })],
      [equal('deployment', 'shop'), equal('check', 'a')],
    ],
    [
      'two checks of a deployment: the deployment',
      'deployment:shop',
      [of('shop', { check: 'a' }), of('shop', { check: 'b' })],
      [equal('deployment', 'shop')],
    ],
    [
      'only what still fires counts',
      'deployment:shop',
      [of('shop', { check: 'a' }), { ...of('shop', { check: 'b' }), state: 'resolved' as const }],
      [equal('deployment', 'shop'), equal('check', 'a')],
    ],
    [
      'one rule over deployments: the rule',
      'rule:1',
      [
        { ...of('shop', { check: 'a' }), ruleName: 'slow' },
        { ...of('blog', { check: 'b' }), ruleName: 'slow' },
      ],
      [equal('rule', 'slow')],
    ],
    [
      'an alarm of AWS: its source and name',
      'rule:2:cloudwatch',
      [{ ...of(null, { source: 'cloudwatch' }), ruleName: 'alarms' }],
      [equal('source', 'cloudwatch'), equal('rule', 'alarms'), equal('subject', 'alarm')],
    ],
  ])('%s', async (_what, groupKey, members, expected) => {
    const made = await Promise.all(members.map(member));
    expect(matchersFor({ groupKey }, made)).toEqual(expected);
  });
});
