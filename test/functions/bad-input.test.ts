import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { tokenKey } from '../../shared/access/token.ts';
import { incidentKey } from '../../shared/incidents/incident.ts';
import { routes } from '../../shared/platform/api/table.ts';
import { sha256 } from '../../shared/platform/ids.ts';
import { type Answered, call, type Sent, tokenWith } from './api-client.ts';
import { type Cloud, startCloud } from './cloud.ts';
import { page, policy, scaler } from './definitions.ts';
import { putIncident } from './incident-item.ts';
import { putPlan } from './plan-item.ts';
import { canary, expectProblem } from './refusal.ts';

const guarded = routes.filter((route) => route.function === 'api' && route.scope !== 'public');

let cloud: Cloud;
let foreign: string;
const ids: Record<string, string> = {};
const seen: string[] = [];

beforeAll(async () => {
  // The log as it is in Lambda: straight to the process's own streams, which are read here.
  vi.stubEnv('POWERTOOLS_DEV', 'false');
  for (const stream of [process.stdout, process.stderr]) {
    const write = stream.write.bind(stream);
    vi.spyOn(stream, 'write').mockImplementation(((text: string | Uint8Array, ...rest: never[]) => {
      seen.push(String(text));
      return write(text, ...rest);
    }) as typeof stream.write);
  }
  cloud = await startCloud();
  cloud.invoked = (name) =>
    name === 'planner'
      ? { refused: 'nothing is to be changed', isUnchanged: true }
      : { status: 'healthy', reason: null, phases: { total: 5 } };
  await call('POST', '/api/monitoring/register', { body: { deploymentId: 'mine', resources } });
  foreign = await tokenWith(['read', 'write', 'operate', 'ingest', 'admin'], ['elsewhere']);
  const check = {
    deploymentId: 'mine',
    name: 'mine-7d1e',
    type: 'http',
    target: 'https://shop.example.com/',
  };
  ids.check = String((await call('POST', '/api/v1/monitoring/health-checks', { body: check })).json.id);
  const heartbeat = { deploymentId: 'mine', name: 'beat-7d1e', type: 'heartbeat', config: { every: '5m' } };
  ids.heartbeat = String(
    (await call('POST', '/api/v1/monitoring/health-checks', { body: heartbeat })).json.id,
  );
  const token = { name: 'mine-7d1e', scopes: ['read'], deployments: ['mine'] };
  const rule = { deploymentId: 'mine', name: 'mine-7d1e', type: 'downtime' };
  ids.rule = String((await call('POST', '/api/v1/monitoring/alerts', { body: rule })).json.id);
  Object.assign(ids, await putIncident(cloud.state, 'mine', 'mine-7d1e'));
  ids.plan = (await putPlan(cloud.state, { deploymentId: 'mine' })).plan.hash;
  const silence = { matchers: ['deployment=mine'], duration: '1h', reason: 'mine-7d1e' };
  ids.silence = String((await call('POST', '/api/v1/monitoring/silences', { body: silence })).json.id);
  const maintenance = { name: 'mine-7d1e', matchers: ['deployment=mine'], windows };
  ids.maintenance = String(
    (await call('POST', '/api/v1/monitoring/maintenance', { body: maintenance })).json.id,
  );
  const channel = { name: 'mine-7d1e', type: 'webhook', config: { url: 'https://hooks.example.com/' } };
  ids.channel = String((await call('POST', '/api/v1/monitoring/channels', { body: channel })).json.id);
  ids.token = String((await call('POST', '/api/v1/monitoring/tokens', { body: token })).json.id);
  const named = { ...policy, name: 'mine-7d1e' };
  ids.policy = String((await call('POST', '/api/v1/monitoring/policies', { body: named })).json.id);
  const scaling = { ...scaler, deploymentId: 'mine', name: 'mine-7d1e' };
  ids.scaler = String((await call('POST', '/api/v1/monitoring/scaling', { body: scaling })).json.id);
  ids.page = String(
    (await call('POST', '/api/v1/monitoring/status-pages', { body: { ...page, slug: 'mine-7d1e' } })).json.id,
  );
  const told = await call('POST', '/api/v1/monitoring/findings', { body: goodBody.tellFindings });
  ids.finding = (told.json.items as unknown as { id: string }[])[0]?.id ?? '';
});
afterAll(() => cloud.close());

const resources = [{ name: 'web', type: 'ecs-service', id: 'main/web' }];
const windows = [{ cron: '0 22 * * 6', duration: '2h', timeZone: 'Europe/Berlin' }];

/** A request to each route that is right in itself. */
const goodBody: Readonly<Record<string, object>> = {
  registerDeployment: {
    deploymentId: 'mine',
    blueprintId: 'bp',
    environment: 'staging',
    monitoringConfig: { driftDetection: true },
    resources,
  },
  createCheck: {
    deploymentId: 'mine',
    name: 'new',
    type: 'http',
    target: 'https://shop.example.com/',
    interval: '30s',
    timeout: 5,
    retries: 1,
    failureThreshold: 3,
    successThreshold: 2,
    tags: { a: 'b' },
    network: 'public',
    isActive: true,
    degradedAbove: '300ms',
    conditions: ['[STATUS] == 200'],
    parent: { deploymentId: 'mine', name: 'mine-7d1e' },
    maintenance: [{ cron: '0 22 * * 6', duration: '2h', timeZone: 'Europe/Berlin' }],
    isPublic: true,
    config: { method: 'POST', headers: { authorization: canary }, body: canary },
  },
  testCheck: {
    deploymentId: 'mine',
    type: 'http',
    target: 'https://shop.example.com/',
    conditions: ['[BODY].ok == true'],
    config: { headers: { cookie: canary } },
  },
  pingCheck: { status: 'failed', message: 'the backup is empty' },
  replaceCheck: {
    type: 'http',
    target: 'https://shop.example.com/',
    config: { headers: { cookie: canary } },
  },
  createToken: { name: 'new', scopes: ['read'], deployments: ['mine'], expiresInDays: 1 },
  createRule: {
    deploymentId: 'mine',
    name: 'new',
    type: 'threshold',
    severity: 'error',
    condition: {
      series: 'check.response_time_ms',
      aggregate: 'p95',
      window: '5m',
      thresholds: [{ operator: '>', value: 800 }],
    },
    channels: ['email'],
    for: '1m',
    keepFiringFor: 60,
    cooldown: '1h',
    noData: 'fire',
    minCoverage: 0.5,
    groupBy: 'rule',
    escalation: [{ after: '10m', channels: ['email'], severity: 'critical' }],
    runbookUrl: 'https://wiki.example.com/slow',
    description: 'slow',
    tags: { a: 'b' },
    isActive: true,
  },
  replaceRule: { type: 'downtime', condition: { longerThan: '1m' } },
  backtestRule: { rule: { deploymentId: 'mine', type: 'downtime' }, days: 1 },
  acknowledgeIncident: { text: 'mine now' },
  unacknowledgeIncident: { text: 'not mine any more' },
  commentIncident: { text: 'seen' },
  resolveIncident: { text: 'over' },
  escalateIncident: { text: 'help' },
  acknowledgeAlertEvent: { text: 'mine now' },
  unacknowledgeAlertEvent: { text: 'not mine any more' },
  commentAlertEvent: { text: 'seen' },
  resolveAlertEvent: { text: 'over' },
  createSilence: {
    matchers: ['deployment=mine', 'check=~"a.*"', { label: 'severity', operator: '!=', value: 'critical' }],
    reason: 'the database moves',
    startsAt: '2026-01-01T00:00:00Z',
    duration: '2h',
  },
  replaceSilence: { matchers: ['deployment=mine'], reason: 'longer', duration: '4h' },
  createMaintenance: {
    name: 'new',
    matchers: ['deployment=mine'],
    windows,
    reason: 'backups',
    startsAt: '2026-01-01T00:00:00Z',
    endsAt: null,
  },
  replaceMaintenance: { matchers: ['deployment=mine'], windows, reason: 'backups' },
  createChannel: {
    name: 'new',
    type: 'webhook',
    config: { url: 'https://hooks.example.com/' },
    fallback: 'email',
    quietHours: { from: '22:00', until: '06:00', timeZone: 'Europe/Berlin', exceptFrom: 'error' },
    tellsResolved: true,
    isActive: true,
  },
  replaceChannel: { type: 'webhook', config: { url: 'https://hooks.example.com/' } },
  redriveNotifications: { channelId: '0123456789abcdef', incidentId: 'a' },
  replaceAlerting: {
    defaultChannels: ['email'],
    routes: [{ name: 'nights', channels: ['email'], time: { from: '22:00', until: '06:00' } }],
    groupWait: '30s',
    groupInterval: '5m',
    repeatInterval: '4h',
    escalation: [{ after: '10m', channels: ['email'] }],
    digest: { at: '08:00', timeZone: 'UTC', channels: [] },
  },
  remediate: { action: 'restart', approve: true, resource: 'web', params: { desired: 2 }, dryRun: false },
  undoRemediation: { dryRun: true },
  cancelRemediation: { comment: 'mended by hand' },
  approvePlan: { comment: 'seen' },
  rejectPlan: { comment: 'not now' },
  stopRemediation: { reason: 'the sale' },
  tellFindings: {
    source: 'guard',
    findings: [
      {
        kind: 'drift',
        severity: 'error',
        deploymentId: 'mine',
        resource: 'web',
        title: 'port 22 is open',
        reason: 'not as declared',
        details: {
          typeName: 'AWS::EC2::SecurityGroup',
          identifier: 'sg-1',
          patch: [{ op: 'remove', path: '/SecurityGroupIngress/0' }],
        },
      },
    ],
  },
  createPolicy: { name: 'new', ...policy, selector: { environments: ['its own'] } },
  replacePolicy: policy,
  explainPolicies: {
    deploymentId: 'mine',
    finding: { kind: 'unhealthy', resource: 'web' },
    at: '2026-06-12T20:00:00Z',
  },
  createScalingRule: { deploymentId: 'mine', name: 'new', ...scaler },
  replaceScalingRule: scaler,
  dryRunScaling: { rule: { deploymentId: 'mine', name: 'new', ...scaler }, hours: 2, startCount: 1 },
  createStatusPage: { slug: 'new', ...page },
  replaceStatusPage: page,
  tellRelease: { version: 'v42', state: 'began', window: '5m', maxBurnRate: 10, sloTarget: 99.5 },
  applyChanges: {
    dryRun: true,
    changes: [{ op: 'put', kind: 'deployment', definition: { deploymentId: 'mine' } }],
  },
};
const goodQuery: Readonly<Record<string, string>> = {
  listChecks: '?deploymentId=mine',
  listAudit: '?deploymentId=mine',
  listScalingRules: '?deploymentId=mine',
  listSilences: '?deploymentId=mine',
};
/** Everything in it has a default. */
const takesAnEmptyObject = new Set(['replaceAlerting']);

const idFor = (path: string): string => {
  if (path.includes('/status-pages')) return ids.page ?? '';
  if (path.includes('/scaling')) return ids.scaler ?? '';
  if (path.includes('policies')) return ids.policy ?? '';
  if (path.includes('findings')) return ids.finding ?? '';
  if (path.includes('remediations')) return ids.plan ?? '';
  if (path.includes('tokens')) return ids.token ?? '';
  if (path.includes('silences')) return ids.silence ?? '';
  if (path.includes('maintenance')) return ids.maintenance ?? '';
  if (path.includes('channels')) return ids.channel ?? '';
  if (path.includes('incidents/')) return ids.incident ?? '';
  if (path.includes('alerts/')) return (path.includes('events/') ? ids.event : ids.rule) ?? '';
  return (path.endsWith('/ping') ? ids.heartbeat : ids.check) ?? '';
};

const pathOf = (route: { readonly id: string; readonly path: string }): string =>
  route.path
    .replace('{deploymentId}', 'mine')
    .replace('{id}', idFor(route.path))
    .replace('{hash}', ids.plan ?? '')
    .replace('{runId}', 'a'.repeat(16))
    .replace('{testId}', 'a'.repeat(24)) + (goodQuery[route.id] ?? '');

const send = (route: (typeof guarded)[number], sent: Sent = {}): Promise<Answered> =>
  call(route.method, pathOf(route), {
    ...(route.method !== 'GET' && goodBody[route.id] && { body: goodBody[route.id] }),
    ...sent,
  });

it('every route that is not public has a request here, so that none is left out', () => {
  const withBody = guarded.flatMap((route) => ('body' in route && route.body ? [route.id] : []));
  expect(Object.keys(goodBody).sort()).toEqual(withBody.sort());
  expect(guarded.length).toBeGreaterThan(15);
});

describe('what answers without a token', () => {
  const open = routes.filter((route) => route.scope === 'public' && route.function === 'api');

  it('is whether Homeostat is well, what its API, file and events look like, badges of public checks, and what a signed link allows', () => {
    expect(open.map((route) => route.path).sort()).toEqual([
      '/api/v1/monitoring/act/{token}',
      '/api/v1/monitoring/act/{token}',
      '/api/v1/monitoring/health',
      '/api/v1/monitoring/health-checks/{id}/badge.svg',
      '/api/v1/monitoring/health/live',
      '/api/v1/monitoring/health/ready',
      '/api/v1/monitoring/openapi.json',
      '/event-schemas.json',
      '/homeostat.schema.json',
      '/openapi.json',
    ]);
  });

  it('tells nothing of what is watched here (fault 33)', async () => {
    for (const route of open) {
      const answered = await call('GET', pathOf(route), { token: null });
      if (route.path.includes('{')) expectProblem(answered, 404);
      else expect(answered.status, route.path).toBe(200);
      expect(answered.text).not.toMatch(/mine-7d1e|shop\.example\.com|123456789012/);
    }
    for (const path of ['', '/live', '/ready']) {
      const answered = await call('GET', `/api/v1/monitoring/health${path}`, { token: null });
      expect([answered.status, answered.json]).toEqual([200, { status: 'healthy' }]);
    }
  });
});

describe.each(guarded.map((route) => [`${route.method} ${route.path}`, route] as const))('%s', (_, route) => {
  it('without a token, with a broken, unknown, expired or revoked one: 401', async () => {
    const dead = `hst_${'d'.repeat(24)}_${'x'.repeat(43)}`;
    const item = { ...tokenKey('d'.repeat(24)), v: 1, id: 'd'.repeat(24), hash: sha256(dead), revision: 1 };
    const rights = {
      scopes: [route.scope === 'any' ? 'read' : route.scope],
      deployments: '*',
      lastUsedAt: 0,
    };
    expectProblem(await send(route, { token: null }), 401);
    expectProblem(await send(route, { token: canary }), 401);
    expectProblem(await send(route, { token: dead }), 401);
    await cloud.state.put({ ...item, ...rights, revokedAt: 1 });
    expectProblem(await send(route, { token: dead }), 401);
    await cloud.state.put({ ...item, ...rights, expiresAt: Math.floor(Date.now() / 1000) - 1 });
    expectProblem(await send(route, { token: dead }), 401);
  });

  if (route.scope !== 'any')
    it('with every scope but its own: 403 (fault 33)', async () => {
      const others = ['read', 'write', 'operate', 'ingest', 'admin'].filter((scope) => scope !== route.scope);
      expectProblem(await send(route, { token: await tokenWith(others) }), 403);
    });

  it('with a token for another deployment it tells and changes nothing of this one (fault 33)', async () => {
    const before = JSON.stringify(await everything());
    const answered = await send(route, { token: foreign });
    if (answered.status >= 400) expectProblem(answered);
    else {
      expect(answered.text.replace(/"id":"mine"/, '')).not.toMatch(/"mine"|mine-7d1e/);
      const { check, rule, incident, silence, maintenance, channel, policy, finding, scaler } = ids;
      for (const id of [check, rule, incident, silence, maintenance, channel, policy, finding, scaler])
        expect(answered.text).not.toContain(id);
    }
    expect(JSON.stringify(await everything())).toBe(before);
  });

  if (route.path.includes('{'))
    it.each([
      '%00',
      '..%2f..%2fstate',
      '%F0%9F%92%A3',
      'x'.repeat(3000),
      "'%20OR%201=1",
      '__proto__',
      'nobody',
    ])('with %s in the path: 404', async (id) => {
      const answered = await call(route.method, route.path.replaceAll(/\{[^}]+\}/g, id), {
        body: goodBody[route.id],
      });
      expectProblem(answered, 404);
    });

  if ('query' in route && route.query)
    it.each<readonly [query: string, status: number]>([
      ['nosuch=1', 422],
      ['limit=0', 422],
      ['limit=1e9', 422],
      ['limit=abc', 422],
      // To whoever asks what changed, a cursor that is not known means that everything did.
      ...(route.id === 'readChanges' ? [] : [canary, 'MQo', '__proto__']).map(
        (cursor) => [`cursor=${cursor}`, route.paged ? 400 : 422] as const,
      ),
      [`cursor=${'a'.repeat(10_000)}`, 422],
      ['__proto__=1', 422],
    ])('with ?%s: %i', async (query, status) => {
      const joined = pathOf(route).includes('?') ? '&' : '?';
      const answered = await call(route.method, `${pathOf(route)}${joined}${query}`);
      expectProblem(answered, status);
    });

  if (goodBody[route.id]) {
    const good = goodBody[route.id] as Record<string, unknown>;
    const megabyte = 'x'.repeat(1_000_000);
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;

    it.each([
      ['nothing', ''],
      ['no JSON', `{"a": ${canary}`],
      ['half a JSON', '{"name": "a'],
      ['null', 'null'],
      ['a number', '7'],
      ['a text', `"${canary}"`],
      ['a list', `["${canary}"]`],
      ['an empty object', '{}'],
      ['50,000 levels', deep],
      ['an own __proto__', JSON.stringify(good).replace('{', '{"__proto__": {"isAdmin": true}, ')],
      ['a nested __proto__', JSON.stringify(good).replace(/\}$/, ', "config": {"__proto__": {"a": 1}}}')],
      ['a constructor', JSON.stringify(good).replace('{', '{"constructor": {"prototype": {"a": 1}}, ')],
      ['a field too many', JSON.stringify({ ...good, isAdmin: canary })],
      ['a megabyte of text', JSON.stringify({ ...good, name: megabyte })],
      ['a number beyond all bounds', JSON.stringify(good).replace(/\}$/, ', "retries": 1e999}')],
      ['lone surrogates', JSON.stringify({ ...good, deploymentId: '\ud800' })],
    ])('with %s as its body: 4xx (faults 30, 31)', async (what, body) => {
      const answered = await send(route, { body });
      // Where the body may be left out, no field of it is needed either; the check is only not scheduled yet.
      const isLeftOut =
        ('optionalBody' in route && ['nothing', 'an empty object'].includes(what)) ||
        (takesAnEmptyObject.has(route.id) && what === 'an empty object');
      if (isLeftOut && answered.status >= 400) expectProblem(answered, 409);
      else if (isLeftOut) expect(answered.status).toBeLessThan(300);
      else expectProblem(answered);
    });

    it.each([
      ['text/plain', 400],
      ['application/x-www-form-urlencoded', 400],
      ['application/json; charset=utf-16', 400],
      ['', 400],
    ])('as %s: %i', async (contentType, status) => {
      expectProblem(await send(route, { headers: { 'content-type': contentType } }), status);
    });

    it('with any field of any other type: never 5xx, and a refusal names the field (fault 29)', async () => {
      const wrong = [
        null,
        true,
        -1,
        0.5,
        1e15,
        '',
        canary,
        `a\n${canary}`,
        [canary],
        [[]],
        {},
        { a: { b: canary } },
        megabyte.slice(0, 400_000),
      ];
      for (const field of Object.keys(good)) {
        for (const value of wrong) {
          const answered = await send(route, { body: { ...good, [field]: value } });
          if (answered.status < 400) continue;
          expectProblem(answered);
          if (answered.status === 422) {
            expect(
              JSON.stringify(answered.json.errors),
              `${field}: ${JSON.stringify(value)?.slice(0, 50)}`,
            ).toContain(field);
          }
        }
      }
    });
  }

  if (route.idempotent)
    it.each(['', '   ', 'x'.repeat(101), 'a\u0000b', 'ключ'])(
      'with the Idempotency-Key %j: 400',
      async (key) => {
        expectProblem(await send(route, { headers: { 'idempotency-key': key } }), 400);
      },
    );

  if (route.etag && ['PUT', 'DELETE'].includes(route.method))
    it.each(['1', '"', 'W/', '"1" "2"', `"${'1'.repeat(5000)}`, '"\u0000"'])(
      'with If-Match %j: 400',
      async (value) => {
        expectProblem(await send(route, { headers: { 'if-match': value } }), 400);
      },
    );
});

/** All that people defined: neither outboxes nor the instants of a token's last use. */
const everything = async (): Promise<unknown> => {
  const found: unknown[] = [];
  const id = ids.incident ?? '';
  found.push(await cloud.state.get(incidentKey(id)), await cloud.state.query({ pk: `INC#${id}` }));
  found.push((await cloud.state.query({ pk: `REMEDY#${ids.plan ?? ''}`, consistent: true })).items);
  for (const name of ['CHECKS', 'DEPLOYMENTS', 'TOKENS', 'RULES', 'FINDINGS']) {
    for (let bucket = 0; bucket < 8; bucket++) {
      const { items } = await cloud.state.query({ pk: `${name}#${bucket}`, consistent: true });
      for (const { lastUsedAt: _used, ...item } of items) found.push(item);
    }
  }
  for (const pk of ['CHANNELS', 'MUTES', 'ALERTING', 'POLICIES', 'SCALERS', 'RELEASE#mine', 'RELEASES#mine'])
    found.push(...(await cloud.state.query({ pk, consistent: true })).items);
  return found;
};

describe('paths that are not there', () => {
  it('tell nothing without a token, and with one what there is instead', async () => {
    expectProblem(await call('GET', '/admin', { token: null }), 401);
    expectProblem(await call('GET', '/admin'), 404);
    const wrong = await call('PUT', '/api/monitoring/register', { body: {} });
    expectProblem(wrong, 405);
    expect(wrong.headers.allow).toBe('POST');
  });
});

describe('a definition that no plan could hold', () => {
  const create = (fields: object) =>
    call('POST', '/api/v1/monitoring/health-checks', {
      body: { name: 'unheard of', type: 'http', target: 'https://shop.example.com/', ...fields },
    });

  it.each([
    [
      'a body of 9,999 characters and as many in its headers',
      {
        config: {
          method: 'POST',
          body: 'b'.repeat(9_999),
          headers: { a: 'h'.repeat(3_999), b: 'h'.repeat(3_999) },
        },
      },
    ],
    ['21 conditions', { conditions: Array.from({ length: 21 }, () => '[STATUS] == 200') }],
    ['a condition of 501 characters', { conditions: [`[BODY] contains "${'x'.repeat(500)}"`] }],
    [
      '21 windows of maintenance',
      {
        maintenance: Array.from({ length: 21 }, () => ({ cron: '0 0 * * *', duration: '1h' })),
      },
    ],
    [
      'a composite of 51 members',
      {
        type: 'composite',
        target: undefined,
        config: { members: Array.from({ length: 51 }, (_, at) => `member ${at}`) },
      },
    ],
    ['a parent that is the check itself', { parent: 'unheard of' }],
  ])('%s: 422 and nothing is made', async (_what, fields) => {
    const before = JSON.stringify(await everything());
    expectProblem(await create(fields), 422);
    expect(JSON.stringify(await everything())).toBe(before);
  });
});

describe('when something inside breaks', () => {
  it('the answer shows an opaque id, the log the stack, and neither a secret (fault 29)', async () => {
    const broken = vi
      .spyOn(DynamoDBClient.prototype, 'send')
      .mockImplementation(() => Promise.reject(new Error('the inner state of things')));
    const answered = await call('POST', '/api/monitoring/register', { body: { deploymentId: 'breaking' } });
    broken.mockRestore();
    expect([answered.status, answered.json.code]).toEqual([500, 'INTERNAL_ERROR']);
    expect(answered.text).not.toContain('inner state');
    const requestId = answered.headers['x-request-id'] ?? '';
    expect(answered.json.instance).toBe(`urn:homeostat:request:${requestId}`);
    expect(seen.some((line) => line.includes(requestId) && line.includes('the inner state of things'))).toBe(
      true,
    );
  });

  it('nothing that was sent above stands in any log line (fault 29)', () => {
    expect(seen.join('')).not.toContain(canary);
    expect(seen.join('')).not.toMatch(/hst_[0-9a-f]{24}_/);
  });
});
