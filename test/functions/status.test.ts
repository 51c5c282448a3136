import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createNamed } from '../../shared/catalog/index.ts';
import { type CheckRecord, checkKey } from '../../shared/health/check.ts';
import { emptyHead } from '../../shared/health/head.ts';
import { writeHead } from '../../shared/health/telemetry.ts';
import { incidentIdOf, newIncident } from '../../shared/incidents/incident.ts';
import { putMember } from '../../shared/incidents/join.ts';
import { noneLeft } from '../../shared/incidents/left.ts';
import { type Mute, muteKey } from '../../shared/incidents/mute.ts';
import { writeIncident } from '../../shared/incidents/store.ts';
import { type EntryKind, entryKinds, keepEntry } from '../../shared/incidents/timeline.ts';
import { statusPageKind } from '../../shared/status-pages/index.ts';
import type { Item, Value } from '../../shared/storage/index.ts';
import { checkRecord, stateOf } from '../domain/health/builders.ts';
import { memberOf } from '../domain/incidents/member.ts';
import { type Cloud, startCloud } from './cloud.ts';

const routes = {
  list: 'GET /status',
  page: 'GET /status/{slug}',
  history: 'GET /status/{slug}/history',
  feed: 'GET /status/{slug}/feed.xml',
  badge: 'GET /status/{slug}/badge.svg',
  summary: 'GET /status/{slug}/summary.json',
} as const;
const cached = 'public, max-age=30, stale-while-revalidate=60, stale-if-error=600';

/** In every field that is not public stands a word of its own; none of them may ever come out. */
const canary = (where: string): string => `CANARY-${where}`;

let cloud: Cloud;
const now = Date.now();
const shard = 'home.public.60.0';

const check = (no: number, name: string, isPublic: boolean): CheckRecord => ({
  ...checkRecord({
    no,
    shard,
    placedAt: now - 3_600_000,
    definition: {
      deploymentId: 'shop',
      name,
      isPublic,
      target: `https://${canary('target')}.example/`,
      tags: { [canary('tag')]: canary('tag-value') },
      config: { headers: { authorization: canary('header') } },
      maintenance: [{ at: new Date(now + 3_600_000).toISOString(), durationSeconds: 600 }],
    },
  }),
  createdAt: now - 3_600_000,
});
const shown = check(1, canary('own-name-of-a-labelled-check'), true);
const hidden = check(2, canary('private-check'), false);

const putWorld = async (): Promise<void> => {
  const { state, telemetry } = cloud;
  const place = { accountId: '123456789012', region: 'eu-central-1' };
  let ids = 0;
  const world = { state, clock: () => now, newId: () => `id-${++ids}`, place };
  const group = {
    name: 'Shop',
    checks: [shown, hidden].map(({ definition: { deploymentId, name } }, at) => ({
      deploymentId,
      name,
      label: at === 0 ? 'Checkout' : canary('label-of-a-private-check'),
    })),
  };
  const definition = {
    slug: 'shop',
    name: 'Shop status',
    timeZone: 'UTC',
    isPublished: true,
    groups: [group],
  };
  await createNamed(world, statusPageKind, definition, { by: canary('author') });
  const draft = { ...definition, slug: 'draft', name: canary('draft'), isPublished: false };
  await createNamed(world, statusPageKind, draft, { by: canary('author') });
  for (const one of [shown, hidden])
    await state.put({ ...checkKey(one.id), v: 1, ...one } as unknown as Item);
  const checks = new Map(
    [1, 2].map((no) => [
      no,
      stateOf({ at: now, since: now - 60_000, status: 'unhealthy', reason: canary('reason') }),
    ]),
  );
  await writeHead(
    telemetry,
    { ...emptyHead(shard), version: 1, slotAt: now, planVersion: 1, checks },
    'attempt',
  );
  await putIncident();
  const mute: Mute = {
    id: 'm'.repeat(24),
    kind: 'maintenance',
    name: canary('maintenance-name'),
    matchers: [{ label: 'deployment', operator: '=', value: 'shop' }],
    author: canary('mute-author'),
    reason: canary('mute-reason'),
    startsAt: now + 7_200_000,
    endsAt: now + 10_800_000,
    managedBy: 'api',
    revision: 1,
    createdAt: now,
    updatedAt: now,
  };
  await state.put({ ...muteKey(mute.id), v: 1, mute: mute as unknown as Value });
  const silence = {
    ...mute,
    id: 's'.repeat(24),
    kind: 'silence',
    name: canary('silence'),
    startsAt: now - 1000,
  };
  await state.put({ ...muteKey(silence.id), v: 1, mute: silence as unknown as Value });
};

const putIncident = async (): Promise<void> => {
  const { state } = cloud;
  const openedAt = now - 60_000;
  const id = incidentIdOf(openedAt, canary('id').toLowerCase());
  const fresh = newIncident({
    id,
    groupKey: canary('group'),
    deploymentId: 'shop',
    title: canary('title'),
    severity: 'critical',
    openedAt,
  });
  const affected = Object.fromEntries([shown, hidden].map((one) => [one.id, { at: openedAt, isDown: true }]));
  const incident = {
    ...fresh,
    affected,
    status: 'acknowledged' as const,
    acknowledgedAt: now - 30_000,
    acknowledgedBy: canary('acknowledged-by'),
    rules: { [canary('rule-id')]: { name: canary('rule'), fired: 1 } },
    toldTo: [canary('channel')],
  };
  await writeIncident(state, incident, noneLeft, { attempt: 'attempt', now });
  for (const one of [shown, hidden]) {
    const member = memberOf(
      one.id,
      1,
      'firing',
      { rule: canary('rule'), reason: canary('alert-reason') },
      {
        firedAt: openedAt,
        at: now,
      },
    );
    await putMember(state, id, { ...member, subject: { ...member.subject, checkId: one.id } });
  }
  const textOf = (kind: EntryKind) => (kind === 'published' ? 'We know <why>.' : canary(`entry-${kind}`));
  for (const [at, kind] of entryKinds.filter((kind) => kind !== 'resolved').entries()) {
    await keepEntry(state, id, {
      id: `${at}.0`,
      at: openedAt + at * 1000,
      kind,
      text: textOf(kind),
      by: canary('by'),
      channels: [canary('channel')],
    });
  }
};

const ask = async (
  what: keyof typeof routes,
  given: { slug?: string; month?: string; headers?: Record<string, string> } = {},
): Promise<APIGatewayProxyStructuredResultV2 & { headers: Record<string, string>; body: string }> => {
  const { handler } = await import('../../functions/status/handler.ts');
  const { slug = 'shop', month, headers = {} } = given;
  const answer = await handler({
    routeKey: routes[what],
    headers,
    pathParameters: { slug },
    queryStringParameters: { ...(month !== undefined && { month }) },
  });
  return { ...answer, headers: { ...(answer.headers as Record<string, string>) }, body: answer.body ?? '' };
};
const whats = Object.keys(routes) as (keyof typeof routes)[];

describe('the function that serves status pages', () => {
  beforeAll(async () => {
    cloud = await startCloud();
    await putWorld();
  });
  afterAll(() => cloud.close());

  it('tells nothing that is not public: no rule, reason, target, comment, name or person, in no answer and no header (fault 29)', async () => {
    for (const what of whats) {
      const { statusCode, body, headers } = await ask(what);
      expect(statusCode, what).toBe(200);
      expect(`${body} ${JSON.stringify(headers)}`, what).not.toMatch(/canary/i);
      for (const { id } of [shown, hidden]) expect(body, what).not.toContain(id);
    }
    const { body } = await ask('page');
    expect(body).toContain('Checkout is down');
    expect(body).toContain('We know &lt;why&gt;.');
    expect(body).toContain('We are on it.');
    // The check's own window, and the one planned for its deployment.
    expect(JSON.parse((await ask('summary')).body).maintenance).toHaveLength(2);
    expect(JSON.parse((await ask('summary')).body).components).toMatchObject([
      { name: 'Checkout', status: 'down' },
    ]);
  });

  it.each([
    ['list', 'text/html; charset=utf-8'],
    ['page', 'text/html; charset=utf-8'],
    ['history', 'text/html; charset=utf-8'],
    ['feed', 'application/rss+xml; charset=utf-8'],
    ['badge', 'image/svg+xml; charset=utf-8'],
    ['summary', 'application/json; charset=utf-8'],
  ] as const)(
    '%s says what it is and how long it may be kept, and answers who has it already with 304',
    async (what, type) => {
      const { headers } = await ask(what);
      expect(headers).toMatchObject({
        'content-type': type,
        'cache-control': cached,
        'x-content-type-options': 'nosniff',
      });
      expect(headers['content-security-policy']).toMatch(/^default-src 'none'/);
      expect(headers['content-security-policy']).not.toMatch(/unsafe|script-src|\*/);
      const { etag = '' } = headers;
      expect(etag).toMatch(/^"[0-9a-f]{32}"$/);
      for (const tag of [etag, `W/${etag}`, `"other", ${etag}`]) {
        const again = await ask(what, { headers: { 'if-none-match': tag } });
        expect([again.statusCode, again.body, again.headers.etag]).toEqual([304, '', etag]);
      }
      expect((await ask(what, { headers: { 'if-none-match': '"other"' } })).statusCode).toBe(200);
    },
  );

  it.each(['draft', 'nobody', '../../etc', '<script>', 'shop\r\nset-cookie: a=b', ''])(
    'what is not there, or not published, is a page that says so and nothing else: %j',
    async (slug) => {
      for (const what of ['page', 'history', 'feed', 'badge', 'summary'] as const) {
        const { statusCode, headers, body } = await ask(what, { slug });
        expect(statusCode).toBe(404);
        expect(headers['cache-control']).toBe('public, max-age=30');
        expect(headers.etag).toBeUndefined();
        expect(body).toContain('There is no such page');
        if (slug !== '') expect(body).not.toContain(slug);
      }
    },
  );

  it.each(['2026-13', '1999-01', '2099-01', '<b>', '2026-01-01', ''])('has no month %j', async (month) => {
    expect((await ask('history', { month })).statusCode).toBe(404);
  });

  it('answers that we cannot see, and when to come again, where nothing can be read and nothing was read before', async () => {
    // A name that was never asked for: nothing is remembered of it.
    const answer = await withoutTables(() => ask('page', { slug: 'never-asked' }));
    expect(answer.statusCode).toBe(503);
    expect(answer.headers).toMatchObject({ 'retry-after': '30', 'cache-control': 'no-store' });
    expect(answer.body).toContain('The status cannot be shown at the moment');
  });
});

/** Every call to the tables fails meanwhile. */
const withoutTables = async <T>(work: () => Promise<T>): Promise<T> => {
  const { send } = DynamoDBClient.prototype;
  DynamoDBClient.prototype.send = (() => Promise.reject(new Error('down'))) as typeof send;
  try {
    return await work();
  } finally {
    DynamoDBClient.prototype.send = send;
  }
};
