import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadRule, noteTriggered, rulesFor } from '../../shared/alerting/registry.ts';
import type { HomeostatEvent } from '../../shared/platform/events.ts';
import { sweep } from '../../shared/platform/outbox/index.ts';
import { call, tokenWith } from './api-client.ts';
import { type Cloud, startCloud } from './cloud.ts';

const alerts = '/api/v1/monitoring/alerts';
const slow = {
  name: 'home page is slow',
  type: 'threshold',
  condition: {
    series: 'check.response_time_ms',
    aggregate: 'p95',
    window: '5m',
    thresholds: [{ operator: '>', value: 800 }],
  },
};

type Rules = readonly { readonly id: string; readonly name: string; readonly managedBy: string }[];
const itemsOf = (answered: { readonly json: unknown }) => (answered.json as { items: Rules }).items;
const builtin = async (name: string): Promise<string> =>
  itemsOf(await call('GET', `${alerts}?limit=200`)).find((rule) => rule.name === name)?.id ?? '';

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud();
  for (const deploymentId of ['shop', 'bank'])
    await call('POST', '/api/monitoring/register', { body: { deploymentId } });
});
afterAll(() => cloud.close());

describe('making a rule', () => {
  it('answers 201 with Location, ETag and every field', async () => {
    const made = await call('POST', alerts, { body: { ...slow, deploymentId: 'shop', for: '2m' } });
    expect(made.status, made.text).toBe(201);
    const id = String(made.json.id);
    expect(made.headers).toMatchObject({ location: `${alerts}/${id}`, etag: '"1"' });
    expect(made.json).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{24}$/),
      deploymentId: 'shop',
      name: 'home page is slow',
      type: 'threshold',
      severity: 'warning',
      condition: expect.objectContaining({
        series: 'check.response_time_ms',
        aggregate: 'p95',
        window: 300,
        thresholds: [{ operator: '>', value: 800 }],
      }),
      channels: [],
      for: 120,
      keepFiringFor: 0,
      cooldown: 0,
      noData: 'keep',
      minCoverage: 0.5,
      groupBy: 'deployment',
      escalation: [],
      tags: {},
      isActive: true,
      managedBy: 'api',
      revision: 1,
      lastTriggered: null,
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      updatedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    });
    expect((await call('GET', `${alerts}/${id}`)).json).toEqual(made.json);
  });

  it('tells the bus that it is there, and the audit who wrote what', async () => {
    cloud.arrived.length = 0;
    const made = await call('POST', alerts, { body: { ...slow, name: 'told', deploymentId: 'shop' } });
    const common = { at: made.json.createdAt, accountId: '123456789012', region: 'eu-central-1' };
    expect(cloud.arrived).toEqual([
      {
        type: 'rule.changed',
        detail: {
          ...common,
          id: `rule:${made.json.id}@1`,
          ruleId: made.json.id,
          deploymentId: 'shop',
          name: 'told',
          revision: 1,
          change: 'created',
        },
      },
      {
        type: 'audit.recorded',
        detail: {
          ...common,
          id: `audit:rule:${made.json.id}@1`,
          by: 'admin',
          action: 'created',
          kind: 'rule',
          subjectId: made.json.id,
          name: 'told',
          deploymentId: 'shop',
          before: null,
          after: expect.objectContaining({ name: 'told', managedBy: 'api' }),
        },
      },
    ]);
  });

  it('a name that is taken in its deployment is a conflict, in another one not', async () => {
    const body = { ...slow, name: 'taken', deploymentId: 'shop' };
    expect((await call('POST', alerts, { body })).status).toBe(201);
    expect((await call('POST', alerts, { body })).status).toBe(409);
    expect((await call('POST', alerts, { body: { ...body, deploymentId: 'bank' } })).status).toBe(201);
  });

  it('the same Idempotency-Key with the same request is a replay, with another request refused', async () => {
    const body = { ...slow, name: 'repeated' };
    const headers = { 'idempotency-key': 'first' };
    const first = await call('POST', alerts, { body, headers });
    const again = await call('POST', alerts, { body, headers });
    expect([first.status, again.status, again.json]).toEqual([201, 201, first.json]);
    const other = await call('POST', alerts, { body: { ...body, severity: 'error' }, headers });
    expect([other.status, other.json.code]).toEqual([422, 'VALIDATION_ERROR']);
  });

  it('the deployment must be registered, and the refusal says how', async () => {
    const refused = await call('POST', alerts, { body: { ...slow, deploymentId: 'nowhere' } });
    expect([refused.status, refused.json.code]).toEqual([422, 'VALIDATION_ERROR']);
    expect(refused.text).toContain('/api/monitoring/register');
  });

  it('a check that a condition names may come later', async () => {
    const condition = { ...slow.condition, checks: ['not there yet'] };
    expect((await call('POST', alerts, { body: { ...slow, name: 'early', condition } })).status).toBe(201);
  });
});

describe('what a rule names must be there', () => {
  const refusedPaths = async (body: object) => {
    const refused = await call('POST', alerts, { body: { ...slow, name: 'unsound', ...body } });
    expect([refused.status, refused.json.code], refused.text).toEqual([422, 'ALERT_ERROR']);
    return (refused.json as unknown as { errors: { path: string; message: string }[] }).errors;
  };

  it('each channel, wherever it is named; the built-in one is there', async () => {
    const faults = await refusedPaths({
      channels: ['email', 'nowhere'],
      escalation: [{ after: '10m', channels: ['nobody'] }],
      condition: {
        ...slow.condition,
        thresholds: [{ operator: '>', value: 800, severity: 'error', channels: ['nothing'] }],
      },
    });
    expect(faults.map(({ path }) => path)).toEqual([
      'channels[1]',
      'escalation[0].channels[0]',
      'condition.thresholds[0].channels[0]',
    ]);
    expect(faults[0]?.message).toContain('POST /api/v1/monitoring/channels');
  });

  it("a team's function, which the stack was deployed with", async () => {
    const arn = 'arn:aws:lambda:eu-central-1:123456789012:function';
    const custom = (name: string) => ({ type: 'custom', condition: { function: `${arn}:${name}` } });
    expect((await refusedPaths(custom('other'))).map(({ path }) => path)).toEqual(['condition.function']);
    const made = await call('POST', alerts, { body: { name: 'asked', ...custom('probe') } });
    expect(made.status, made.text).toBe(201);
  });

  it('the rules of a composite, of the same deployment, and no circle among them', async () => {
    const composite = (name: string, members: string[]) => ({
      name,
      type: 'composite',
      deploymentId: 'bank',
      condition: { all: members },
    });
    await call('POST', alerts, { body: { ...slow, name: 'leaf', deploymentId: 'bank' } });
    expect(
      (await refusedPaths(composite('above', ['leaf', 'home page is slow']))).map(({ path }) => path),
    ).toEqual(['condition']);
    const above = await call('POST', alerts, { body: composite('above', ['leaf']) });
    expect(above.status, above.text).toBe(201);
    expect((await call('POST', alerts, { body: composite('top', ['above']) })).status).toBe(201);
    const { name: _own, ...body } = composite('above', ['leaf', 'top']);
    const circle = await call('PUT', `${alerts}/${above.json.id}`, { body });
    expect([circle.status, circle.json.code]).toEqual([422, 'ALERT_ERROR']);
    expect(circle.text).toContain('above → top → above');
  });
});

describe('changing and removing a rule', () => {
  const made = async (name: string) =>
    String((await call('POST', alerts, { body: { ...slow, name } })).json.id);

  it('PUT replaces the whole definition and grows the revision; the same again changes nothing', async () => {
    const id = await made('replaced');
    const { name: _own, ...body } = { ...slow, severity: 'critical', cooldown: '1h' };
    const replaced = await call('PUT', `${alerts}/${id}`, { body });
    expect([replaced.status, replaced.headers.etag]).toEqual([200, '"2"']);
    expect(replaced.json).toMatchObject({ name: 'replaced', severity: 'critical', cooldown: 3600 });
    const again = await call('PUT', `${alerts}/${id}`, { body });
    expect([again.headers.etag, again.json.updatedAt]).toEqual(['"2"', replaced.json.updatedAt]);
  });

  it('what an answer shows can be sent back, and changes nothing', async () => {
    const id = await made('sent back');
    const read = await call('GET', `${alerts}/${id}`);
    const { id: _id, managedBy, revision, lastTriggered, createdAt, updatedAt, ...body } = read.json;
    const again = await call('PUT', `${alerts}/${id}`, { body });
    expect([again.status, again.headers.etag]).toEqual([200, '"1"']);
  });

  it('If-Match lets only those change it who saw it as it is', async () => {
    const id = await made('seen');
    const { name: _own, ...body } = { ...slow, severity: 'error' };
    const stale = await call('PUT', `${alerts}/${id}`, { body, headers: { 'if-match': '"7"' } });
    expect([stale.status, stale.json.code]).toEqual([412, 'PRECONDITION_FAILED']);
    expect((await call('PUT', `${alerts}/${id}`, { body, headers: { 'if-match': '"1"' } })).status).toBe(200);
    expect((await call('DELETE', `${alerts}/${id}`, { headers: { 'if-match': '"1"' } })).status).toBe(412);
  });

  it('a rule cannot be renamed or moved', async () => {
    const id = await made('fixed');
    const renamed = await call('PUT', `${alerts}/${id}`, { body: { ...slow, name: 'other' } });
    expect(renamed.text).toContain('"path":"name"');
    const { name: _own, ...body } = { ...slow, deploymentId: 'shop' };
    const moved = await call('PUT', `${alerts}/${id}`, { body });
    expect([moved.status, moved.json.code]).toEqual([422, 'VALIDATION_ERROR']);
  });

  it('DELETE takes it away; a new one of the same name goes on with the revision', async () => {
    const id = await made('removed');
    cloud.arrived.length = 0;
    expect((await call('DELETE', `${alerts}/${id}`)).status).toBe(204);
    expect(cloud.arrived[0]).toMatchObject({
      type: 'rule.changed',
      detail: { id: `rule:${id}@2`, change: 'removed' },
    });
    expect((await call('GET', `${alerts}/${id}`)).status).toBe(404);
    expect(await loadRule(cloud.state, id)).toBeUndefined();
    const anew = await call('POST', alerts, { body: { ...slow, name: 'removed' } });
    expect([anew.status, anew.json.id, anew.json.revision]).toEqual([201, id, 3]);
  });

  it('two who change it at once both come through, one after the other', async () => {
    const id = await made('contended');
    const put = (severity: string) => {
      const { name: _own, ...body } = { ...slow, severity };
      return call('PUT', `${alerts}/${id}`, { body });
    };
    const [one, other] = await Promise.all([put('error'), put('critical')]);
    expect([one?.status, other?.status]).toEqual([200, 200]);
    expect([one?.json.revision, other?.json.revision].map(Number).sort()).toEqual([2, 3]);
  });

  it('while the bus is away it is written all the same, and the sweeper tells of it', async () => {
    cloud.bus = 'down';
    const id = await made('untold');
    cloud.bus = 'open';
    cloud.arrived.length = 0;
    const bus = {
      publish: async (events: readonly HomeostatEvent[]) => events.map(({ detail }) => detail.id),
    };
    const later = Date.now() + 60_000;
    expect(await sweep({ state: cloud.state, bus }, () => later, later + 60_000)).toMatchObject({
      published: 1,
    });
    expect((await call('GET', `${alerts}/${id}`)).headers.etag).toBe('"1"');
  });

  it('when it last fired is told without growing the revision, and only forwards', async () => {
    const id = await made('fired');
    await noteTriggered(cloud.state, id, Date.parse('2026-01-02T00:00:00Z'));
    await noteTriggered(cloud.state, id, Date.parse('2026-01-01T00:00:00Z'));
    const read = await call('GET', `${alerts}/${id}`);
    expect([read.json.lastTriggered, read.headers.etag]).toEqual(['2026-01-02T00:00:00.000Z', '"1"']);
  });
});

describe('built-in rules', () => {
  it('are there without anybody writing them, before all others', async () => {
    const listed = itemsOf(await call('GET', `${alerts}?limit=5`));
    expect(listed.map(({ name }) => name).sort()).toEqual([
      'Compliance Violation',
      'Cost Overrun',
      'Critical Drift',
      'Remediation Failed',
      'Service Down',
    ]);
    const one = await call('GET', `${alerts}/${await builtin('Service Down')}`);
    expect(one.json).toMatchObject({
      deploymentId: null,
      type: 'downtime',
      managedBy: 'builtin',
      revision: 0,
      createdAt: null,
      isActive: true,
    });
    expect(one.headers.etag).toBe('"0"');
  });

  it('can be switched off and tuned, and DELETE brings the original back', async () => {
    const id = await builtin('Cost Overrun');
    const body = { type: 'finding', condition: { kinds: ['cost'], minSeverity: 'error' }, isActive: false };
    const off = await call('PUT', `${alerts}/${id}`, { body, headers: { 'if-match': '"0"' } });
    expect(off.json).toMatchObject({ isActive: false, managedBy: 'api', revision: 1, name: 'Cost Overrun' });
    expect((await rulesFor(cloud.state, null)).find((rule) => rule.id === id)?.definition.isActive).toBe(
      false,
    );
    expect((await call('DELETE', `${alerts}/${id}`)).status).toBe(204);
    const back = await call('GET', `${alerts}/${id}`);
    expect(back.json).toMatchObject({ isActive: true, managedBy: 'builtin', revision: 2 });
  });

  it('cannot be turned into something else, nor removed; the refusal says what to do instead', async () => {
    const id = await builtin('Critical Drift');
    const put = (body: object) => call('PUT', `${alerts}/${id}`, { body });
    const { name: _own, ...other } = slow;
    const type = await put(other);
    expect([type.status, type.json.code]).toEqual([422, 'ALERT_ERROR']);
    expect(type.text).toContain('"path":"type"');
    const kinds = await put({ type: 'finding', condition: { kinds: ['cost'] } });
    expect(kinds.text).toContain('"path":"condition.kinds"');
    const removed = await call('DELETE', `${alerts}/${id}`);
    expect([removed.status, removed.json.code]).toEqual([409, 'CONFLICT']);
    expect(removed.json.detail).toContain('"isActive": false');
  });

  it('keep their names for themselves', async () => {
    const taken = await call('POST', alerts, {
      body: { ...slow, name: 'Service Down', deploymentId: '*' },
    });
    expect([taken.status, taken.json.code]).toEqual([409, 'CONFLICT']);
    expect(taken.json.detail).toContain('built-in');
  });

  it('remember when they last fired, whether somebody changed them or not', async () => {
    const id = await builtin('Compliance Violation');
    await noteTriggered(cloud.state, id, Date.parse('2026-02-03T04:05:06Z'));
    const read = await call('GET', `${alerts}/${id}`);
    expect([read.json.lastTriggered, read.json.managedBy]).toEqual(['2026-02-03T04:05:06.000Z', 'builtin']);
    const body = { type: 'finding', severity: 'critical' };
    const tuned = await call('PUT', `${alerts}/${id}`, { body });
    expect(tuned.json.condition).toMatchObject({ kinds: ['violation'] });
    expect([tuned.status, tuned.json.lastTriggered]).toEqual([200, '2026-02-03T04:05:06.000Z']);
  });
});

describe('listing rules', () => {
  it('gives each once, page by page, in an order that stays', async () => {
    const whole = itemsOf(await call('GET', `${alerts}?limit=200`)).map(({ id }) => id);
    const seen: string[] = [];
    let cursor = '';
    do {
      const page = await call('GET', `${alerts}?limit=3${cursor}`);
      seen.push(...itemsOf(page).map(({ id }) => id));
      cursor = page.json.next === null ? '' : `&cursor=${String(page.json.next)}`;
    } while (cursor !== '');
    expect(seen).toEqual(whole);
    expect(new Set(seen).size).toBe(whole.length);
    expect(whole.length).toBeGreaterThan(10);
  });

  it.each([
    ['deploymentId=bank', 'deploymentId', ['bank']],
    ['type=finding', 'type', ['finding']],
    ['severity=critical', 'severity', ['critical']],
    ['isActive=true', 'isActive', [true]],
  ])('?%s shows only those', async (query, field, expected) => {
    const found = itemsOf(await call('GET', `${alerts}?limit=200&${query}`));
    expect([...new Set(found.map((rule) => rule[field as keyof typeof rule] as unknown))]).toEqual(expected);
  });
});

describe('reach (fault 33)', () => {
  it('a token of one deployment sees the rules of that one only, and none of all deployments', async () => {
    const token = await tokenWith(['read'], ['bank']);
    const listed = itemsOf(await call('GET', `${alerts}?limit=200`, { token }));
    expect(listed.map(({ name }) => name).sort()).toEqual(['above', 'leaf', 'taken', 'top']);
    const foreign = await builtin('Service Down');
    expect((await call('GET', `${alerts}/${foreign}`, { token })).status).toBe(404);
    expect((await call('GET', `${alerts}?deploymentId=shop`, { token })).status).toBe(404);
  });

  it('writing a rule of all deployments needs a token that reaches all', async () => {
    const body = { ...slow, name: 'of all', deploymentId: '*' };
    const token = await tokenWith(['write'], ['bank']);
    const refused = await call('POST', alerts, { body, token });
    expect([refused.status, refused.json.code]).toEqual([403, 'FORBIDDEN']);
    const made = await call('POST', alerts, { body });
    expect([made.status, made.json.deploymentId]).toEqual([201, null]);
    expect((await call('DELETE', `${alerts}/${made.json.id}`, { token })).status).toBe(404);
    expect((await rulesFor(cloud.state, null)).map(({ definition }) => definition.name)).toContain('of all');
  });
});
