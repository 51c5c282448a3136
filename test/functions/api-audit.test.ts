import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { keepAudit } from '../../shared/audit/index.ts';
import type { HomeostatEvent } from '../../shared/platform/events.ts';
import { call, type Json, tokenWith } from './api-client.ts';
import { type Cloud, startCloud } from './cloud.ts';
import { putIncident } from './incident-item.ts';
import { expectProblem } from './refusal.ts';

const api = '/api/v1/monitoring';
let cloud: Cloud;
let writer: string;
let writerId: string;
const ids: Record<string, string> = {};

beforeAll(async () => {
  cloud = await startCloud();
  await call('POST', '/api/monitoring/register', { body: { deploymentId: 'shop' } });
  const token = await call('POST', `${api}/tokens`, {
    body: { name: 'writer', scopes: ['read', 'write', 'operate'], deployments: '*' },
  });
  writer = String(token.json.token);
  writerId = String(token.json.id);
  ids.incident = (await putIncident(cloud.state, 'shop', 'home')).incident;
  await kept();
});
afterAll(() => cloud.close());
beforeEach(() => {
  cloud.arrived.length = 0;
});

/** What the evaluator does with what is on the bus. */
const kept = async (): Promise<void> => {
  for (const event of cloud.arrived as unknown as readonly HomeostatEvent[])
    if (event.type === 'audit.recorded') await keepAudit(cloud.state, event);
};

const audit = async (query = '', token?: string): Promise<readonly Json[]> => {
  const answered = await call('GET', `${api}/audit?limit=200${query}`, token === undefined ? {} : { token });
  expect([answered.status, answered.text]).toEqual([200, expect.any(String)]);
  return answered.json.items as unknown as readonly Json[];
};

const check = { deploymentId: 'shop', name: 'front', type: 'http', target: 'https://shop.example.com/' };
const webhook = { name: 'hook', type: 'webhook', config: { url: 'https://hooks.example.com/' } };
const silence = { matchers: ['deployment=shop'], reason: 'moving', duration: '1h' };
const maintenance = {
  name: 'night',
  matchers: ['deployment=shop'],
  windows: [{ cron: '0 22 * * *', duration: '2h' }],
};
const apply = (changes: readonly object[]) => ({ changes });
const applied = { op: 'put', kind: 'check', definition: { ...check, name: 'of a file' } };

type Step = readonly [
  what: string,
  method: string,
  path: () => string,
  body: object | undefined,
  expected: readonly [action: string, kind: string, name: string, deploymentId: string | null],
  /** Where the answer's id is kept. */
  as?: string,
];

/** Every kind of write that people and files can do. */
const steps: readonly Step[] = [
  [
    'registering a deployment',
    'POST',
    () => '/api/monitoring/register',
    { deploymentId: 'blog' },
    ['created', 'deployment', 'blog', 'blog'],
  ],
  [
    'registering it otherwise',
    'POST',
    () => '/api/monitoring/register',
    { deploymentId: 'blog', environment: 'staging' },
    ['updated', 'deployment', 'blog', 'blog'],
  ],
  [
    'removing it',
    'DELETE',
    () => `${api}/deployments/blog`,
    undefined,
    ['removed', 'deployment', 'blog', 'blog'],
  ],
  [
    'making a check',
    'POST',
    () => `${api}/health-checks`,
    check,
    ['created', 'check', 'front', 'shop'],
    'check',
  ],
  [
    'replacing it',
    'PUT',
    () => `${api}/health-checks/${ids.check}`,
    { ...check, interval: '2m' },
    ['updated', 'check', 'front', 'shop'],
  ],
  [
    'pausing it',
    'POST',
    () => `${api}/health-checks/${ids.check}/pause`,
    undefined,
    ['paused', 'check', 'front', 'shop'],
  ],
  [
    'resuming it',
    'POST',
    () => `${api}/health-checks/${ids.check}/resume`,
    undefined,
    ['resumed', 'check', 'front', 'shop'],
  ],
  [
    'removing it',
    'DELETE',
    () => `${api}/health-checks/${ids.check}`,
    undefined,
    ['removed', 'check', 'front', 'shop'],
  ],
  [
    'applying a file',
    'POST',
    () => `${api}/apply`,
    apply([applied]),
    ['created', 'check', 'of a file', 'shop'],
  ],
  [
    'applying one without it',
    'POST',
    () => `${api}/apply`,
    apply([{ op: 'remove', kind: 'check', deploymentId: 'shop', name: 'of a file' }]),
    ['removed', 'check', 'of a file', 'shop'],
  ],
  [
    'making a rule',
    'POST',
    () => `${api}/alerts`,
    { deploymentId: 'shop', name: 'down', type: 'downtime' },
    ['created', 'rule', 'down', 'shop'],
    'rule',
  ],
  [
    'replacing it',
    'PUT',
    () => `${api}/alerts/${ids.rule}`,
    { type: 'downtime', isActive: false },
    ['updated', 'rule', 'down', 'shop'],
  ],
  [
    'removing it',
    'DELETE',
    () => `${api}/alerts/${ids.rule}`,
    undefined,
    ['removed', 'rule', 'down', 'shop'],
  ],
  [
    'making a channel',
    'POST',
    () => `${api}/channels`,
    webhook,
    ['created', 'channel', 'hook', null],
    'channel',
  ],
  [
    'replacing it',
    'PUT',
    () => `${api}/channels/${ids.channel}`,
    { ...webhook, isActive: false },
    ['updated', 'channel', 'hook', null],
  ],
  [
    'removing it',
    'DELETE',
    () => `${api}/channels/${ids.channel}`,
    undefined,
    ['removed', 'channel', 'hook', null],
  ],
  [
    'changing the settings',
    'PUT',
    () => `${api}/alerting`,
    { groupWait: '10s' },
    ['updated', 'settings', 'alerting', null],
  ],
  [
    'silencing',
    'POST',
    () => `${api}/silences`,
    silence,
    ['created', 'silence', 'moving', 'shop'],
    'silence',
  ],
  [
    'extending a silence',
    'PUT',
    () => `${api}/silences/${ids.silence}`,
    { ...silence, duration: '2h' },
    ['updated', 'silence', 'moving', 'shop'],
  ],
  [
    'ending it',
    'DELETE',
    () => `${api}/silences/${ids.silence}`,
    undefined,
    ['expired', 'silence', 'moving', 'shop'],
  ],
  [
    'planning a maintenance',
    'POST',
    () => `${api}/maintenance`,
    maintenance,
    ['created', 'maintenance', 'night', 'shop'],
    'maintenance',
  ],
  [
    'replacing it',
    'PUT',
    () => `${api}/maintenance/${ids.maintenance}`,
    { ...maintenance, reason: 'more' },
    ['updated', 'maintenance', 'night', 'shop'],
  ],
  [
    'removing it',
    'DELETE',
    () => `${api}/maintenance/${ids.maintenance}`,
    undefined,
    ['removed', 'maintenance', 'night', 'shop'],
  ],
];

describe('the audit over the API', () => {
  it('has who wrote what, with the principal and both sides, for every write; the newest first', async () => {
    for (const [what, method, path, body, , as] of steps) {
      const answered = await call(method, path(), { token: writer, ...(body && { body }) });
      expect([what, answered.status, answered.text]).toEqual([
        what,
        expect.toSatisfy((status) => status < 300),
        expect.any(String),
      ]);
      if (as !== undefined) ids[as] = String(answered.json.id);
    }
    await kept();
    const found = await audit(`&by=token:${writerId}`);
    const told = found.map(({ action, kind, name, deploymentId }) => [action, kind, name, deploymentId]);
    expect(told.reverse()).toEqual(steps.map(([, , , , expected]) => expected));
    for (const { action, before, after, at } of found) {
      expect([before === null, after === null]).toEqual([
        String(action) === 'created',
        String(action) === 'removed',
      ]);
      expect(Date.parse(String(at))).toBeGreaterThan(Date.now() - 60_000);
    }
    expect(found.at(-2)?.before).toMatchObject({ environment: 'production' });
    expect(found.at(-2)?.after).toMatchObject({ environment: 'staging', managedBy: 'api' });
  });

  it.each<[string, string, object, object?]>([
    ['acknowledge', 'acknowledged', { status: 'acknowledged', acknowledgedBy: 'admin', text: 'mine' }],
    ['unacknowledge', 'unacknowledged', { status: 'open', acknowledgedBy: null, text: 'mine' }],
    ['comment', 'commented', { status: 'open', text: 'mine' }],
    ['comment', 'published', { status: 'open', text: 'mine' }, { isPublic: true }],
  ])('has what people do to incidents: %s, %s', async (command, action, after, more) => {
    await call('POST', `${api}/incidents/${ids.incident}/${command}`, { body: { text: 'mine', ...more } });
    // The decider publishes what a command left in the incident.
    const item = await cloud.state.query({
      pk: `INCIDENTS#${new Date().toISOString().slice(0, 7)}`,
      consistent: true,
    });
    const left = item.items.find(({ sk }) => sk === ids.incident)?.left as unknown as {
      events: HomeostatEvent[];
    };
    const recorded = left.events.findLast(({ type }) => type === 'audit.recorded');
    expect(recorded?.detail).toMatchObject({
      by: 'admin',
      action,
      kind: 'incident',
      subjectId: ids.incident,
      deploymentId: 'shop',
      after,
    });
  });

  it('has that a token was made and revoked, and never the token, nor its hash (fault 29)', async () => {
    const made = await call('POST', `${api}/tokens`, {
      body: { name: 'short', scopes: ['read'], deployments: ['shop'] },
    });
    await call('DELETE', `${api}/tokens/${made.json.id}`);
    await call('DELETE', `${api}/tokens/${made.json.id}`);
    await kept();
    const found = await audit(`&kind=token&subjectId=${made.json.id}`);
    expect(found.map(({ action, deploymentId }) => [action, deploymentId])).toEqual([
      ['revoked', null],
      ['created', null],
    ]);
    expect(found[1]?.after).toMatchObject({
      name: 'short',
      scopes: ['read'],
      deployments: ['shop'],
      revokedAt: null,
    });
    const item = JSON.stringify(found);
    expect(item).not.toContain(String(made.json.token));
    expect(item).not.toMatch(/hash|hst_[0-9a-f]{24}_/);
  });

  it('hides secrets on both sides (fault 29)', async () => {
    const canary = 'c4n4ry-5e1f0c';
    const body = { ...check, name: 'hiding', config: { headers: { authorization: `Bearer ${canary}` } } };
    const made = await call('POST', `${api}/health-checks`, { body });
    await call('PUT', `${api}/health-checks/${made.json.id}`, { body: { ...body, interval: '2m' } });
    await kept();
    const found = await audit(`&subjectId=${made.json.id}`);
    expect(found).toHaveLength(2);
    expect(JSON.stringify(found)).toContain('[hidden]');
    expect(JSON.stringify([found, cloud.arrived])).not.toContain(canary);
  });

  it('is narrowed to what a token reaches, and what belongs to the whole stack is seen by who reaches all (fault 33)', async () => {
    const shop = await audit('', await tokenWith(['read'], ['shop']));
    expect(new Set(shop.map(({ deploymentId }) => deploymentId))).toEqual(new Set(['shop']));
    expect(await audit('', await tokenWith(['read'], ['nowhere']))).toEqual([]);
    const kinds = new Set((await audit()).map(({ kind }) => kind));
    for (const kind of ['token', 'channel', 'settings', 'deployment']) expect(kinds).toContain(kind);
  });

  it('pages from the newest to the oldest, each write once', async () => {
    const all = (await audit()).map(({ id }) => id);
    const paged: unknown[] = [];
    for (let cursor = ''; ; ) {
      const { json } = await call('GET', `${api}/audit?limit=7${cursor}`);
      paged.push(...(json.items as unknown as readonly Json[]).map(({ id }) => id));
      if (json.next === null) break;
      cursor = `&cursor=${json.next}`;
    }
    expect(paged).toEqual(all);
    expect(new Set(all).size).toBe(all.length);
  });

  it('keeps of a period what lies in it', async () => {
    const future = new Date(Date.now() + 3_600_000).toISOString();
    expect(await audit(`&from=${future}`)).toEqual([]);
    expectProblem(await call('GET', `${api}/audit?from=yesterday`), 422);
  });
});
