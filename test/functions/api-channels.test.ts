import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { announce } from '../../shared/notifications/announce.ts';
import { type ChannelRecord, channelIdOf, channelKey } from '../../shared/notifications/channel.ts';
import { NotSent } from '../../shared/notifications/kinds/kind.ts';
import { notificationKey } from '../../shared/notifications/notification.ts';
import { sendDue } from '../../shared/notifications/send.ts';
import type { SendWorld } from '../../shared/notifications/world.ts';
import { call, tokenWith } from './api-client.ts';
import { type Cloud, startCloud } from './cloud.ts';
import { expectProblem } from './refusal.ts';

const channels = '/api/v1/monitoring/channels';
const emailId = channelIdOf('email');
const hook = { name: 'hook', type: 'webhook', config: { url: 'https://hooks.example.com/a' } };

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud();
  await call('POST', '/api/monitoring/register', { body: { deploymentId: 'shop' } });
});
afterAll(() => cloud.close());
beforeEach(() => {
  cloud.arrived.length = 0;
  cloud.sent.length = 0;
});

const make = async (body: object): Promise<string> => {
  const made = await call('POST', channels, { body });
  expect([made.status, made.text]).toEqual([201, expect.any(String)]);
  return String(made.json.id);
};

const sending = (deliver: SendWorld['deliver']): SendWorld => ({
  state: cloud.state,
  bus: { publish: async (events) => events.map(({ detail }) => detail.id) },
  clock: Date.now,
  newId: () => crypto.randomUUID(),
  place: { accountId: '123456789012', region: 'eu-central-1' },
  deliver,
  channel: async (id) => {
    const record = (await cloud.state.get(channelKey(id))) as never;
    return record;
  },
  publicUrl: '',
  linkKey: async () => 'k'.repeat(32),
  onFault: () => {},
});

describe('channels over the API', () => {
  it('answers with the whole channel, its path and its ETag, and tells the audit who made it', async () => {
    const made = await call('POST', channels, { body: hook });
    expect([made.status, made.headers.location, made.headers.etag]).toEqual([
      201,
      `${channels}/${made.json.id}`,
      '"1"',
    ]);
    expect(made.json).toMatchObject({
      id: channelIdOf('hook'),
      name: 'hook',
      type: 'webhook',
      config: { url: 'https://hooks.example.com/a' },
      tellsResolved: true,
      isActive: true,
      managedBy: 'api',
      revision: 1,
    });
    expect((await call('GET', `${channels}/${made.json.id}`)).json).toEqual(made.json);
    expect(cloud.arrived).toEqual([
      {
        type: 'audit.recorded',
        detail: expect.objectContaining({
          id: `audit:channel:${made.json.id}@1`,
          by: 'admin',
          action: 'created',
          kind: 'channel',
          name: 'hook',
          deploymentId: null,
          before: null,
          after: expect.objectContaining({ type: 'webhook', managedBy: 'api' }),
        }),
      },
    ]);
  });

  it('what was read can be written again and changes nothing', async () => {
    const id = await make({ ...hook, name: 'round', quietHours: { from: '22:00', until: '06:00' } });
    const {
      id: _id,
      managedBy: _m,
      revision: _r,
      createdAt: _c,
      updatedAt: _u,
      ...read
    } = (await call('GET', `${channels}/${id}`)).json;
    const again = await call('PUT', `${channels}/${id}`, { body: read });
    expect([again.status, again.json.revision]).toEqual([200, 1]);
  });

  it('a name is the key: taken is a conflict, and a PUT cannot change it', async () => {
    const id = await make({ ...hook, name: 'taken' });
    expectProblem(await call('POST', channels, { body: { ...hook, name: 'taken' } }), 409);
    const renamed = await call('PUT', `${channels}/${id}`, { body: { ...hook, name: 'other' } });
    expect([renamed.status, renamed.json.errors]).toEqual([422, [expect.objectContaining({ path: 'name' })]]);
  });

  it('the same Idempotency-Key makes one channel, and another request with it is refused', async () => {
    const headers = { 'idempotency-key': 'one' };
    const first = await call('POST', channels, { body: { ...hook, name: 'once' }, headers });
    const second = await call('POST', channels, { body: { ...hook, name: 'once' }, headers });
    expect([first.status, second.status, second.json]).toEqual([201, 201, first.json]);
    const body = { ...hook, name: 'once', isActive: false };
    expectProblem(await call('POST', channels, { body, headers }), 422);
  });

  it('a secret that is not there is refused with the command that sets it', async () => {
    const slack = {
      name: 'slack',
      type: 'slack',
      config: { url: '$'.concat('{secret:SLACK_URL}') },
    };
    cloud.secrets.clear();
    const refused = await call('POST', channels, { body: slack });
    expect([refused.status, JSON.stringify(refused.json.errors)]).toEqual([
      422,
      expect.stringContaining('homeostat secrets set SLACK_URL'),
    ]);
    cloud.secrets.add('SLACK_URL');
    expect((await call('POST', channels, { body: slack })).status).toBe(201);
  });

  it('a secret written out is refused and stands nowhere (fault 29)', async () => {
    const canary = 'https://hooks.slack.com/services/T000/B000/c4n4ryc4n4ry';
    const refused = await call('POST', channels, {
      body: { name: 'loud', type: 'slack', config: { url: canary } },
    });
    expectProblem(refused, 422);
    expect(refused.text).not.toContain('c4n4ry');
    expect(await cloud.state.get(channelKey(channelIdOf('loud')))).toBeUndefined();
  });

  it('a fallback must be there, and the way of fallbacks must end', async () => {
    const unknown = await call('POST', channels, { body: { ...hook, name: 'a', fallback: 'nobody' } });
    expect([unknown.status, unknown.json.errors]).toEqual([
      422,
      [{ path: 'fallback', message: 'There is no such channel: define it first, or leave it out.' }],
    ]);
    const a = await make({ ...hook, name: 'a' });
    await make({ ...hook, name: 'b', fallback: 'a' });
    await make({ ...hook, name: 'c', fallback: 'b' });
    const circle = await call('PUT', `${channels}/${a}`, { body: { ...hook, name: 'a', fallback: 'c' } });
    expect([circle.status, circle.json.errors]).toEqual([
      422,
      [{ path: 'fallback', message: 'Break the circle of fallbacks: a → c → b → a.' }],
    ]);
  });

  it('If-Match refuses a write of what has changed since', async () => {
    const id = await make({ ...hook, name: 'raced' });
    const put = (etag: string, isActive: boolean) =>
      call('PUT', `${channels}/${id}`, {
        body: { ...hook, name: 'raced', isActive },
        headers: { 'if-match': etag },
      });
    expect((await put('"1"', false)).status).toBe(200);
    expectProblem(await put('"1"', true), 412);
    const removal = { headers: { 'if-match': '"1"' } };
    expectProblem(await call('DELETE', `${channels}/${id}`, removal), 412);
  });

  it('is removed only when nobody names it, and the refusal says who does', async () => {
    const id = await make({ ...hook, name: 'needed' });
    await make({ ...hook, name: 'leaning', fallback: 'needed' });
    const rule = {
      deploymentId: 'shop',
      name: 'slow',
      type: 'performance',
      severity: 'warning',
      condition: { latency: 500 },
      channels: [id],
    };
    const made = await call('POST', '/api/v1/monitoring/alerts', {
      body: { ...rule, condition: undefined, type: 'downtime', channels: ['needed'] },
    });
    expect([made.status, made.text]).toEqual([201, expect.any(String)]);
    const routes = [{ name: 'all of it', channels: ['needed'] }];
    expect((await call('PUT', '/api/v1/monitoring/alerting', { body: { routes } })).status).toBe(200);
    const refused = await call('DELETE', `${channels}/${id}`);
    expect([refused.status, refused.json.detail]).toEqual([
      409,
      'The channel needed is still named by the route all of it, the fallback of the channel leaning, the rule slow of shop. Name another one there first.',
    ]);
    await call('PUT', '/api/v1/monitoring/alerting', { body: {} });
    await call('DELETE', `${channels}/${channelIdOf('leaning')}`);
    await call('DELETE', `/api/v1/monitoring/alerts/${made.json.id}`);
    expect((await call('DELETE', `${channels}/${id}`)).status).toBe(204);
    expectProblem(await call('GET', `${channels}/${id}`), 404);
  });

  it('are listed by name, page by page, and only to tokens that reach all deployments', async () => {
    const names: string[] = [];
    for (let cursor = ''; ; ) {
      const page = await call('GET', `${channels}?limit=2${cursor}`);
      names.push(...(page.json.items as unknown as { name: string }[]).map(({ name }) => name));
      if (page.json.next === null) break;
      cursor = `&cursor=${page.json.next}`;
    }
    expect(names).toEqual([...new Set(names)].sort());
    expect(names).toContain('email');
    const narrow = await tokenWith(['read', 'write', 'operate'], ['shop']);
    for (const [method, path] of [
      ['GET', channels],
      ['GET', `${channels}/${emailId}`],
      ['POST', `${channels}/${emailId}/test`],
    ] as const)
      expectProblem(await call(method, path, { token: narrow }), 403);
    expectProblem(await call('POST', channels, { token: narrow, body: { ...hook, name: 'narrow' } }), 403);
  });
});

describe('the built-in channel', () => {
  const read = () => call('GET', `${channels}/${emailId}`);

  it('is there before anybody defines one: the topic of the stack', async () => {
    expect((await read()).json).toMatchObject({
      name: 'email',
      type: 'sns',
      config: {},
      managedBy: 'builtin',
      revision: 0,
      isActive: true,
    });
  });

  it('cannot be removed or made twice; what people change of it goes, and the original is back', async () => {
    expectProblem(await call('DELETE', `${channels}/${emailId}`), 409);
    expectProblem(await call('POST', channels, { body: { name: 'email', type: 'sns' } }), 409);
    const body = { type: 'sns', tellsResolved: false };
    const changed = await call('PUT', `${channels}/${emailId}`, { body, headers: { 'if-match': '"0"' } });
    expect([changed.status, changed.json.managedBy, changed.json.revision]).toEqual([200, 'api', 1]);
    expect((await call('DELETE', `${channels}/${emailId}`)).status).toBe(204);
    expect((await read()).json).toMatchObject({ managedBy: 'builtin', tellsResolved: true, revision: 2 });
    const again = await call('PUT', `${channels}/${emailId}`, { body });
    expect([again.status, again.json.revision]).toEqual([200, 3]);
    await call('DELETE', `${channels}/${emailId}`);
  });
});

describe('testing a channel', () => {
  const ask = async (id: string, headers: Readonly<Record<string, string>> = {}) => {
    const asked = await call('POST', `${channels}/${id}/test`, { headers });
    expect(asked.status).toBe(202);
    return asked.json;
  };

  it('is accepted with where its result will be, and has it sent by a wake of the channel', async () => {
    const id = await make({ ...hook, name: 'tested' });
    const asked = await ask(id);
    expect(asked.resultUrl).toBe(`${channels}/${id}/tests/${asked.testId}`);
    expect(cloud.sent).toEqual([
      { queue: 'incidents.fifo', body: { kind: 'send', channelId: id, incidentId: `test-${asked.testId}` } },
    ]);
    expect((await call('GET', String(asked.resultUrl))).json).toMatchObject({
      state: 'waiting',
      reason: null,
      deliveredAt: null,
    });
  });

  it('is delivered once it was sent', async () => {
    const id = await make({ ...hook, name: 'reachable' });
    const asked = await ask(id);
    const titles: string[] = [];
    const taking = sending(async (_channel, { announcement }) => {
      titles.push(announcement.title);
      return {};
    });
    await sendDue(taking, id, `test-${asked.testId}`);
    expect(titles).toEqual(['Test: Homeostat reaches this channel']);
    expect((await call('GET', String(asked.resultUrl))).json).toMatchObject({
      state: 'delivered',
      reason: null,
      deliveredAt: expect.any(String),
    });
  });

  it('has failed with the reason of the receiver', async () => {
    const id = await make({ ...hook, name: 'unreachable' });
    const asked = await ask(id);
    const refusing = sending(async () => {
      throw new NotSent('hooks.example.com answered 503');
    });
    await sendDue(refusing, id, `test-${asked.testId}`);
    expect((await call('GET', String(asked.resultUrl))).json).toMatchObject({
      state: 'failed',
      reason: 'hooks.example.com answered 503',
      deliveredAt: null,
    });
  });

  it('the same Idempotency-Key is the same test', async () => {
    const id = await make({ ...hook, name: 'clicked twice' });
    const headers = { 'idempotency-key': 'click' };
    const [first, second] = [await ask(id, headers), await ask(id, headers)];
    expect(second.testId).toBe(first.testId);
    const key = notificationKey(id, `test-${first.testId}`);
    expect((await cloud.state.get(key))?.unsent).toHaveLength(1);
  });

  it('of one that is not active or not there is refused', async () => {
    const id = await make({ ...hook, name: 'asleep', isActive: false });
    expectProblem(await call('POST', `${channels}/${id}/test`), 409);
    expectProblem(await call('POST', `${channels}/${'0'.repeat(16)}/test`), 404);
    expectProblem(await call('GET', `${channels}/${id}/tests/${'0'.repeat(24)}`), 404);
  });
});

describe('what was not delivered', () => {
  it('is shown to those it concerns, and a redrive begins anew', async () => {
    const id = await make({ ...hook, name: 'refusing' });
    const { json: definition } = await call('GET', `${channels}/${id}`);
    const announcement = {
      incidentId: 'incident-1',
      groupKey: 'deployment:shop',
      no: 1,
      kind: 'firing',
      at: Date.now(),
      severity: 'error',
      deploymentId: 'shop',
      title: 'home is down',
      status: 'firing',
      openedAt: Date.now(),
      firing: 1,
      resolved: 0,
      alerts: [],
    } as const;
    const record = { id, definition } as unknown as ChannelRecord;
    await announce(
      sending(async () => ({})),
      [record],
      announcement,
    );
    const refusing = sending(async () => {
      throw new NotSent('the token is wrong', { isFinal: true });
    });
    await sendDue(refusing, id, 'incident-1');
    const listed = await call('GET', '/api/v1/monitoring/notifications/undelivered');
    expect(listed.json.items).toEqual([
      expect.objectContaining({
        channelId: id,
        channelName: 'refusing',
        incidentId: 'incident-1',
        title: 'home is down',
        deploymentId: 'shop',
        reason: 'the token is wrong',
        unsent: [expect.objectContaining({ no: 1, kind: 'firing' })],
      }),
    ]);
    const narrow = await tokenWith(['read', 'operate'], ['shop']);
    const elsewhere = await tokenWith(['read'], ['other']);
    const path = '/api/v1/monitoring/notifications';
    expect((await call('GET', `${path}/undelivered`, { token: narrow })).json).toEqual(listed.json);
    expect((await call('GET', `${path}/undelivered`, { token: elsewhere })).json.items).toEqual([]);
    expectProblem(await call('POST', `${path}/redrive`, { token: narrow, body: {} }), 403);
    cloud.arrived.length = 0;
    expect((await call('POST', `${path}/redrive`, { body: { channelId: id } })).json).toEqual({ begun: 1 });
    expect((await call('POST', `${path}/redrive`, { body: { channelId: id } })).json).toEqual({ begun: 0 });
    expect(cloud.arrived.map(({ detail }) => detail)).toEqual([
      expect.objectContaining({ by: 'admin', action: 'redriven', kind: 'notification', subjectId: id }),
    ]);
    await sendDue(
      sending(async () => ({})),
      id,
      'incident-1',
    );
    expect((await call('GET', `${path}/undelivered`)).json.items).toEqual([]);
  });
});

describe('the alerting settings', () => {
  const path = '/api/v1/monitoring/alerting';

  it('have a default for everything while nobody wrote them', async () => {
    await call('PUT', path, { body: {} });
    expect((await call('GET', path)).json).toMatchObject({
      defaultChannels: [],
      routes: [],
      groupWait: 5,
      groupInterval: 300,
      repeatInterval: 14_400,
      escalation: [],
      digest: { at: '09:00', timeZone: 'UTC', channels: [] },
    });
  });

  it('what was read can be written again and changes nothing; a change is kept with who made it', async () => {
    const body = {
      defaultChannels: ['email'],
      routes: [
        {
          name: 'nights',
          severities: ['critical'],
          matchers: ['check=~"home.*"', { label: 'tag.team', operator: '!=', value: 'search' }],
          time: { from: '22:00', until: '06:00', timeZone: 'Europe/Berlin' },
          channels: ['email'],
        },
      ],
      groupWait: '30s',
      repeatInterval: '8h',
      escalation: [{ after: '15m', channels: ['email'], severity: 'critical' }],
    };
    const before = (await call('GET', path)).json.revision as unknown as number;
    const changed = await call('PUT', path, { body });
    expect([changed.status, changed.json.revision]).toEqual([200, before + 1]);
    expect(changed.json).toMatchObject({
      groupWait: 30,
      repeatInterval: 28_800,
      routes: [{ matchers: ['check=~home.*', 'tag.team!=search'], continue: false }],
      escalation: [{ after: 900, channels: ['email'], severity: 'critical' }],
      managedBy: 'api',
    });
    expect(cloud.arrived.at(-1)?.detail).toMatchObject({
      id: `audit:settings:alerting@${before + 1}`,
      kind: 'settings',
      before: expect.objectContaining({ groupWait: 5 }),
      after: expect.objectContaining({ groupWait: 30 }),
    });
    const { managedBy: _m, revision: _r, updatedAt: _u, ...read } = changed.json;
    expect((await call('PUT', path, { body: read })).json.revision).toBe(before + 1);
    expectProblem(await call('PUT', path, { body, headers: { 'if-match': `"${before}"` } }), 412);
    await call('PUT', path, { body: {} });
  });

  it.each([
    [{ defaultChannels: ['nobody'] }, 'defaultChannels[0]'],
    [{ routes: [{ name: 'a', channels: ['nobody'] }] }, 'routes[0].channels[0]'],
    [{ escalation: [{ after: '5m', channels: ['nobody'] }] }, 'escalation[0].channels[0]'],
    [{ digest: { channels: ['nobody'] } }, 'digest.channels[0]'],
    [{ routes: [{ name: 'a', channels: ['email'], matchers: ['check=~"("'] }] }, 'routes[0].matchers[0]'],
    [{ groupWait: '1s' }, 'groupWait'],
    [{ repeatInterval: '1m' }, 'repeatInterval'],
    [{ digest: { timeZone: '+01:00' } }, 'digest.timeZone'],
  ])('%j is refused, naming %s', async (body, field) => {
    const refused = await call('PUT', path, { body });
    expect([refused.status, refused.json.errors]).toEqual([422, [expect.objectContaining({ path: field })]]);
  });
});
