import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { activeMutes } from '../../shared/incidents/mutes-store.ts';
import { isMuted } from '../../shared/incidents/muting.ts';
import { noteMuted } from '../../shared/incidents/wake-due.ts';
import { call, type Json, tokenWith } from './api-client.ts';
import { type Cloud, startCloud } from './cloud.ts';
import { expectProblem } from './refusal.ts';

const silences = '/api/v1/monitoring/silences';
const maintenance = '/api/v1/monitoring/maintenance';
const hourMs = 3_600_000;
const iso = (at: number) => new Date(at).toISOString();

let cloud: Cloud;
let shopToken: string;
beforeAll(async () => {
  cloud = await startCloud();
  await call('POST', '/api/monitoring/register', { body: { deploymentId: 'shop' } });
  shopToken = await tokenWith(['read', 'write', 'operate'], ['shop']);
});
afterAll(() => cloud.close());
beforeEach(() => {
  cloud.arrived.length = 0;
  cloud.sent.length = 0;
});

const quiet = { matchers: ['deployment=shop'], duration: '2h', reason: 'the database moves' };
const silence = async (body: object, token?: string): Promise<Json> => {
  const made = await call('POST', silences, { body, ...(token !== undefined && { token }) });
  expect([made.status, made.text]).toEqual([201, expect.any(String)]);
  return made.json;
};
const isSilent = async (labels: Readonly<Record<string, string>>, at = Date.now()): Promise<boolean> =>
  (await isMuted(await activeMutes(cloud.state, at), labels, at)) !== undefined;

const ids = ({ json }: { json: Json }) =>
  (json.items as unknown as readonly { readonly id: string }[]).map(({ id }) => id);

describe('silences over the API', () => {
  it('have an author, a reason and an end, and mute what matches from then on', async () => {
    const before = Date.now();
    const made = await silence({ ...quiet, matchers: ['deployment=shop', 'check=~"home.*"'] });
    expect(made).toMatchObject({
      matchers: ['deployment=shop', 'check=~home.*'],
      author: 'admin',
      reason: 'the database moves',
      state: 'active',
      revision: 1,
    });
    expect(Date.parse(String(made.endsAt)) - Date.parse(String(made.startsAt))).toBe(2 * hourMs);
    expect(Date.parse(String(made.startsAt))).toBeGreaterThanOrEqual(before);
    expect(await isSilent({ deployment: 'shop', check: 'home page' })).toBe(true);
    expect(await isSilent({ deployment: 'shop', check: 'cart' })).toBe(false);
    expect(await isSilent({ deployment: 'blog', check: 'home page' })).toBe(false);
    expect(await isSilent({ deployment: 'shop', check: 'home page' }, Date.now() + 2 * hourMs)).toBe(false);
    expect((await call('GET', `${silences}/${made.id}`)).json).toEqual(made);
    await call('DELETE', `${silences}/${made.id}`);
  });

  it('take matchers in parts, too', async () => {
    const made = await silence({
      ...quiet,
      matchers: [{ label: 'check', operator: '=', value: 'two words' }, 'severity!=critical'],
    });
    expect(made.matchers).toEqual(['check="two words"', 'severity!=critical']);
    const { id, author: _a, state: _s, revision: _r, createdAt: _c, updatedAt: _u, ...read } = made;
    const again = await call('PUT', `${silences}/${id}`, { body: read });
    expect([again.status, again.json.matchers]).toEqual([200, made.matchers]);
    await call('DELETE', `${silences}/${id}`);
  });

  const inDays = (days: number) => iso(Date.now() + days * 24 * hourMs);
  it.each([
    ['no end', { duration: undefined }, 'duration'],
    ['two ends', { endsAt: inDays(1) }, 'duration'],
    ['an end in the past', { duration: undefined, endsAt: inDays(-1) }, 'endsAt'],
    ['an end in 91 days', { duration: '91d' }, 'duration'],
    ['an end before its start', { duration: undefined, startsAt: inDays(2), endsAt: inDays(1) }, 'endsAt'],
    ['no reason', { reason: undefined }, 'reason'],
    ['no matcher', { matchers: [] }, 'matchers'],
    ['matchers that match everything', { matchers: ['check=~".*"'] }, 'matchers'],
    ['only what something is not', { matchers: ['check!=home'] }, 'matchers'],
    ['a matcher without a value', { matchers: ['deployment'] }, 'matchers[0]'],
    ['a pattern that RE2 does not take', { matchers: ['check=~"(?=a)"'] }, 'matchers[0]'],
    [
      'a label that is none',
      { matchers: [{ label: 'a b', operator: '=', value: 'x' }] },
      'matchers[0].label',
    ],
  ])('with %s: 422 that names the field', async (_what, fields, path) => {
    const refused = await call('POST', silences, { body: { ...quiet, ...fields } });
    expect([refused.status, refused.json.errors]).toEqual([422, [expect.objectContaining({ path })]]);
  });

  it('a pattern that backtracks elsewhere is read and matched in no time (fault 32)', async () => {
    const made = await silence({ ...quiet, matchers: ['check=~"(a+)+$"'] });
    const startedAt = performance.now();
    expect(await isSilent({ check: `${'a'.repeat(10_000)}!` })).toBe(false);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    await call('DELETE', `${silences}/${made.id}`);
  });

  it('are extended and shortened; the author stays; what has ended stays so', async () => {
    const made = await silence(quiet);
    const operator = await tokenWith(['operate']);
    const path = `${silences}/${made.id}`;
    const extended = await call('PUT', path, { body: { ...quiet, duration: '6h' }, token: operator });
    expect([extended.status, extended.json.author, extended.json.startsAt, extended.json.revision]).toEqual([
      200,
      'admin',
      made.startsAt,
      2,
    ]);
    expect(Date.parse(String(extended.json.endsAt))).toBeGreaterThan(Date.parse(String(made.endsAt)));
    expectProblem(await call('PUT', path, { body: quiet, headers: { 'if-match': '"1"' } }), 412);
    expect((await call('DELETE', path)).status).toBe(204);
    expect((await call('GET', path)).json).toMatchObject({ state: 'ended', revision: 3 });
    expect((await call('DELETE', path)).status).toBe(204);
    expect((await call('GET', path)).json.revision).toBe(3);
    expectProblem(await call('PUT', path, { body: quiet }), 409);
    expect(await isSilent({ deployment: 'shop' })).toBe(false);
    const actions = cloud.arrived.flatMap(({ type, detail }) =>
      type === 'audit.recorded' && 'action' in detail && detail.kind === 'silence' ? [detail.action] : [],
    );
    expect(actions).toEqual(['created', 'updated', 'expired']);
  });

  it('when one ends or changes, incidents with muted alerts are looked at at once', async () => {
    const made = await silence(quiet);
    const wake = { incidentId: '0mh9x8e0a-abcdefabcdef', groupKey: 'deployment:shop' };
    await noteMuted(cloud.state, { id: wake.incidentId, groupKey: wake.groupKey }, Date.now());
    cloud.sent.length = 0;
    await call('DELETE', `${silences}/${made.id}`);
    expect(cloud.sent).toEqual([{ queue: 'incidents.fifo', body: wake }]);
  });

  it('the same Idempotency-Key is the same silence, and another request with it is refused', async () => {
    const headers = { 'idempotency-key': 'quiet' };
    const first = await call('POST', silences, { body: quiet, headers });
    const second = await call('POST', silences, { body: quiet, headers });
    expect([second.status, second.json]).toEqual([201, first.json]);
    expectProblem(await call('POST', silences, { body: { ...quiet, duration: '3h' }, headers }), 422);
    await call('DELETE', `${silences}/${first.json.id}`);
  });

  it('are listed newest first: what is to come and active, or by state', async () => {
    const over = await silence(quiet);
    await call('DELETE', `${silences}/${over.id}`);
    const later = await silence({ ...quiet, startsAt: iso(Date.now() + hourMs) });
    const now = await silence(quiet);
    expect(later.state).toBe('waiting');
    expect(ids(await call('GET', silences))).toEqual([now.id, later.id]);
    expect(ids(await call('GET', `${silences}?state=waiting`))).toEqual([later.id]);
    expect(ids(await call('GET', `${silences}?state=ended`))).toContain(over.id);
    const first = await call('GET', `${silences}?limit=1`);
    const second = await call('GET', `${silences}?limit=1&cursor=${first.json.next}`);
    expect([ids(first), ids(second), second.json.next]).toEqual([[now.id], [later.id], null]);
    for (const { id } of [now, later]) await call('DELETE', `${silences}/${id}`);
  });

  it('a token of one deployment silences and sees only that one (fault 33)', async () => {
    const mine = await silence(quiet, shopToken);
    expect(mine.author).toMatch(/^token:[0-9a-f]{24}$/);
    const all = await silence({ ...quiet, matchers: ['severity=warning'] });
    const token = shopToken;
    expect(ids(await call('GET', silences, { token }))).toEqual([mine.id]);
    expectProblem(await call('GET', `${silences}/${all.id}`, { token }), 404);
    expectProblem(await call('DELETE', `${silences}/${all.id}`, { token }), 404);
    const wide = [
      [['severity=warning'], 403],
      [['deployment=~"shop|blog"'], 403],
      [['deployment!=blog', 'check=home'], 403],
      [['deployment=blog'], 404],
    ] as const;
    for (const [matchers, status] of wide) {
      expectProblem(await call('POST', silences, { body: { ...quiet, matchers }, token }), status);
      expectProblem(
        await call('PUT', `${silences}/${mine.id}`, { body: { ...quiet, matchers }, token }),
        status,
      );
    }
    for (const { id } of [mine, all]) await call('DELETE', `${silences}/${id}`);
  });
});

describe('planned maintenance over the API', () => {
  const night = {
    name: 'night',
    matchers: ['deployment=shop'],
    windows: [{ cron: '0 22 * * *', duration: '2h', timeZone: 'Europe/Berlin' }],
  };
  const openNow = () => [{ at: iso(Date.now() - hourMs), duration: '3h' }];

  it('mutes while a window is open', async () => {
    const made = await call('POST', maintenance, { body: { ...night, windows: openNow() } });
    expect([made.status, made.json.state, made.json.managedBy]).toEqual([201, 'active', 'api']);
    expect(made.json.windows).toEqual([{ at: expect.any(String), duration: 10_800 }]);
    expect(await isSilent({ deployment: 'shop' })).toBe(true);
    expect(await isSilent({ deployment: 'shop' }, Date.now() + 2 * hourMs)).toBe(false);
    expect((await call('DELETE', `${maintenance}/${made.json.id}`)).status).toBe(204);
    expect(await isSilent({ deployment: 'shop' })).toBe(false);
    expectProblem(await call('GET', `${maintenance}/${made.json.id}`), 404);
  });

  it('what was read can be written again and changes nothing; the revision goes on after a removal', async () => {
    const made = await call('POST', maintenance, { body: night });
    const path = `${maintenance}/${made.json.id}`;
    const {
      id: _i,
      author: _a,
      state: _s,
      managedBy: _m,
      revision,
      createdAt: _c,
      updatedAt: _u,
      ...read
    } = made.json;
    expect(read.endsAt).toBeNull();
    expect((await call('PUT', path, { body: read })).json.revision).toBe(revision);
    const changed = await call('PUT', path, { body: { ...read, reason: 'backups' } });
    expect([changed.json.reason, changed.json.revision]).toEqual(['backups', Number(revision) + 1]);
    expectProblem(await call('PUT', path, { body: { ...read, name: 'day' } }), 422);
    expectProblem(await call('POST', maintenance, { body: night }), 409);
    await call('DELETE', path);
    const again = await call('POST', maintenance, { body: night });
    expect([again.json.id, again.json.revision]).toEqual([made.json.id, Number(revision) + 3]);
    await call('DELETE', path);
  });

  it.each([
    [{ windows: [] }, 'windows'],
    [{ windows: [{ cron: 'often', duration: '1h' }] }, 'windows[0].cron'],
    [{ startsAt: '2030-01-02T00:00:00Z', endsAt: '2030-01-01T00:00:00Z' }, 'endsAt'],
    [{ matchers: ['deployment=~".*"'] }, 'matchers'],
  ])('%j is refused, naming %s', async (fields, path) => {
    const refused = await call('POST', maintenance, { body: { ...night, ...fields } });
    expect([refused.status, refused.json.errors]).toEqual([422, [expect.objectContaining({ path })]]);
  });

  it('is no silence: neither is found as the other', async () => {
    const planned = await call('POST', maintenance, { body: night });
    const made = await silence(quiet);
    expectProblem(await call('GET', `${silences}/${planned.json.id}`), 404);
    expectProblem(await call('DELETE', `${maintenance}/${made.id}`), 404);
    expect(ids(await call('GET', maintenance))).toEqual([planned.json.id]);
    expect(ids(await call('GET', silences))).toEqual([made.id]);
    await call('DELETE', `${maintenance}/${planned.json.id}`);
    await call('DELETE', `${silences}/${made.id}`);
  });

  it('a token of one deployment plans only for that one (fault 33)', async () => {
    const wide = { ...night, name: 'wide', matchers: ['rule=slow'] };
    expectProblem(await call('POST', maintenance, { body: wide, token: shopToken }), 403);
    expect((await call('POST', maintenance, { body: night, token: shopToken })).status).toBe(201);
  });
});
