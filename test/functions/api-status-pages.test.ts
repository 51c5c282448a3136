import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { call, tokenWith } from './api-client.ts';
import { type Cloud, startCloud } from './cloud.ts';
import { expectProblem } from './refusal.ts';

const path = '/api/v1/monitoring/status-pages';

let cloud: Cloud;
let shopkeeper: string;
let teller: string;
beforeAll(async () => {
  cloud = await startCloud();
  for (const deploymentId of ['shop', 'till'])
    await call('POST', '/api/monitoring/register', { body: { deploymentId } });
  for (const [deploymentId, name, more] of [
    ['shop', 'home', { isPublic: true, tags: { team: 'web' } }],
    ['shop', 'cart', { isPublic: true }],
    ['shop', 'admin', { tags: { team: 'web' } }],
    ['till', 'print', { isPublic: true, tags: { team: 'web' } }],
  ] as const) {
    const body = { deploymentId, name, type: 'tcp', target: 'a.example.com:1', ...more };
    expect((await call('POST', '/api/v1/monitoring/health-checks', { body })).status).toBe(201);
  }
  shopkeeper = await tokenWith(['read', 'write'], ['shop']);
  teller = await tokenWith(['read', 'write'], ['till']);
});
afterAll(() => cloud.close());
beforeEach(() => {
  cloud.arrived.length = 0;
});

const shopGroup = { name: 'Shop', checks: [{ deploymentId: 'shop', name: 'home', label: 'Website' }] };
const page = (slug: string, ...groups: object[]) => ({
  slug,
  name: `Page ${slug}`,
  groups: groups.length > 0 ? groups : [shopGroup],
});
const make = async (slug: string, ...groups: object[]): Promise<void> => {
  const made = await call('POST', path, { body: page(slug, ...groups) });
  expect([made.status, made.text]).toEqual([201, expect.any(String)]);
};
const faultsOf = (answered: { readonly json: unknown }) =>
  (answered.json as { errors?: { path: string }[] }).errors?.map((fault) => fault.path);

describe('status pages over the API', () => {
  it('answers with the whole page, its path and its ETag, and tells the audit who made it', async () => {
    const made = await call('POST', path, { body: { ...page('whole'), accentColor: '#0A7D5C' } });
    expect([made.status, made.headers.location, made.headers.etag]).toEqual([201, `${path}/whole`, '"1"']);
    expect(made.json).toEqual({
      id: 'whole',
      slug: 'whole',
      name: 'Page whole',
      accentColor: '#0a7d5c',
      timeZone: 'UTC',
      isPublished: true,
      groups: [{ ...shopGroup, shown: 1, hidden: [] }],
      managedBy: 'api',
      revision: 1,
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
    });
    expect((await call('GET', `${path}/whole`)).json).toEqual(made.json);
    expect(cloud.arrived).toEqual([
      {
        type: 'audit.recorded',
        detail: expect.objectContaining({
          id: 'audit:status-page:whole@1',
          by: 'admin',
          action: 'created',
          kind: 'status-page',
          name: 'Page whole',
          deploymentId: 'shop',
          before: null,
        }),
      },
    ]);
  });

  it('a slug that is taken is refused; the same request again with its Idempotency-Key is the same page', async () => {
    const headers = { 'idempotency-key': 'k1' };
    const first = await call('POST', path, { body: page('once'), headers });
    const again = await call('POST', path, { body: page('once'), headers });
    expect([first.status, again.json.id, again.json.revision]).toEqual([201, 'once', 1]);
    expectProblem(await call('POST', path, { body: page('once') }), 409);
    expectProblem(await call('POST', path, { body: { ...page('once'), name: 'other' }, headers }), 422);
  });

  it.each([
    [
      'a check that is not there',
      [{ name: 'a', checks: [{ deploymentId: 'shop', name: 'nosuch' }] }],
      ['groups[0].checks[0].name'],
    ],
    [
      'a check of another deployment',
      [shopGroup, { name: 'a', checks: [{ deploymentId: 'till', name: 'home' }] }],
      ['groups[1].checks[0].name'],
    ],
    ['a deployment that is not there', [{ name: 'a', deploymentId: 'nosuch' }], ['groups[0].deploymentId']],
    ['a group of nothing', [{ name: 'a' }], ['groups[0].checks']],
  ])('%s is refused naming the field', async (_what, groups, paths) => {
    const refused = await call('POST', path, { body: page('wrong', ...groups) });
    expectProblem(refused, 422);
    expect(faultsOf(refused)).toEqual(paths);
    expectProblem(await call('GET', `${path}/wrong`), 404);
  });

  it('tells for each group how many checks it shows, and which that it names it does not, and why', async () => {
    const body = {
      deploymentId: 'shop',
      name: 'brief',
      type: 'tcp',
      target: 'a.example.com:1',
      isPublic: true,
    };
    const brief = await call('POST', '/api/v1/monitoring/health-checks', { body });
    const named = ['home', 'admin', 'brief'].map((name) => ({ deploymentId: 'shop', name }));
    await make(
      'hides',
      { name: 'a', checks: named },
      { name: 'b', deploymentId: 'shop' },
      { name: 'c', tag: 'team:web' },
    );
    const counts = async () => {
      const { groups } = (await call('GET', `${path}/hides`)).json as never as {
        groups: { shown: number; hidden: object[] }[];
      };
      return groups.map(({ shown, hidden }) => [shown, hidden]);
    };
    const admin = { deploymentId: 'shop', name: 'admin', why: 'not public' };
    expect(await counts()).toEqual([
      [2, [admin]],
      [3, []],
      [2, []],
    ]);
    await call('DELETE', `/api/v1/monitoring/health-checks/${brief.json.id}`);
    expect(await counts()).toEqual([
      [1, [admin, { deploymentId: 'shop', name: 'brief', why: 'not there' }]],
      [2, []],
      [2, []],
    ]);
    const { items } = (await call('GET', path)).json as never as {
      items: { slug: string; groups: object[] }[];
    };
    expect(items.find(({ slug }) => slug === 'hides')?.groups[0]).toMatchObject({ shown: 1 });
  });

  it('is replaced whole and removed, at the revision that was read; the slug stays', async () => {
    await make('changes');
    const at = `${path}/changes`;
    const renamed = { name: 'New', groups: [shopGroup], isPublished: false };
    const replaced = await call('PUT', at, { body: renamed, headers: { 'if-match': '"1"' } });
    expect([replaced.status, replaced.headers.etag, replaced.json.isPublished]).toEqual([200, '"2"', false]);
    expectProblem(await call('PUT', at, { body: renamed, headers: { 'if-match': '"1"' } }), 412);
    const moved = await call('PUT', at, { body: { ...renamed, slug: 'else' } });
    expectProblem(moved, 422);
    expect(faultsOf(moved)).toEqual(['slug']);
    expectProblem(await call('DELETE', at, { headers: { 'if-match': '"1"' } }), 412);
    expect((await call('DELETE', at, { headers: { 'if-match': '"2"' } })).status).toBe(204);
    expectProblem(await call('GET', at), 404);
    await make('changes');
    expect((await call('GET', at)).json.revision).toBe(4);
  });

  it('lists them by slug, page by page', async () => {
    const slugs: string[] = [];
    let cursor = '';
    do {
      const answered = await call('GET', `${path}?limit=1${cursor}`);
      slugs.push(...(answered.json.items as never as { slug: string }[]).map(({ slug }) => slug));
      cursor = answered.json.next === null ? '' : `&cursor=${String(answered.json.next)}`;
    } while (cursor !== '');
    expect(slugs).toEqual([...slugs].sort());
    expect(slugs).toContain('whole');
  });
});

describe('whose token may do what to a status page', () => {
  const tillGroup = { name: 'Till', deploymentId: 'till' };

  it('a token of some deployments writes pages of those alone', async () => {
    const made = await call('POST', path, { body: page('of-shop'), token: shopkeeper });
    expect(made.status, made.text).toBe(201);
    for (const groups of [[tillGroup], [shopGroup, tillGroup]])
      expectProblem(await call('POST', path, { body: page('of-till', ...groups), token: shopkeeper }), 404);
    const anywhere = await call('POST', path, {
      body: page('of-all', { name: 'a', tag: 'team:web' }),
      token: shopkeeper,
    });
    expectProblem(anywhere, 403);
    const inside = page('of-tag', { name: 'a', tag: 'team:web', deploymentId: 'shop' });
    expect((await call('POST', path, { body: inside, token: shopkeeper })).status).toBe(201);
  });

  it('what shows anything out of its reach is not there for it, and it cannot take it over', async () => {
    await make('both', shopGroup, tillGroup);
    await make('anywhere', { name: 'a', tag: 'team:web' });
    for (const slug of ['both', 'anywhere']) {
      expectProblem(await call('GET', `${path}/${slug}`, { token: shopkeeper }), 404);
      expectProblem(await call('PUT', `${path}/${slug}`, { body: page(slug), token: shopkeeper }), 404);
      expectProblem(await call('DELETE', `${path}/${slug}`, { token: shopkeeper }), 404);
      const changes = [
        { op: 'put', kind: 'statusPage', definition: page(slug) },
        { op: 'remove', kind: 'statusPage', slug },
      ];
      const applied = await call('POST', '/api/v1/monitoring/apply', {
        body: { changes },
        token: shopkeeper,
      });
      expect((applied.json.outcomes as never as { code: string }[]).map(({ code }) => code)).toEqual([
        'NOT_FOUND',
        'NOT_FOUND',
      ]);
    }
    const { text } = await call('GET', path, { token: teller });
    expect(text).not.toMatch(/"both"|"anywhere"|"of-shop"/);
    expect((await call('GET', path, { token: shopkeeper })).text).toContain('"of-shop"');
  });

  it('no page is given to a deployment that the token does not reach', async () => {
    const moved = { name: 'a', groups: [tillGroup] };
    expectProblem(await call('PUT', `${path}/of-shop`, { body: moved, token: shopkeeper }), 404);
    expect((await call('GET', `${path}/of-shop`)).json.name).toBe('Page of-shop');
  });
});

describe('applying status pages', () => {
  type Outcome = {
    kind: string;
    id: string | null;
    outcome: string;
    code?: string;
    errors?: { path: string }[];
  };
  const apply = async (changes: readonly object[], rest: object = {}): Promise<Outcome[]> => {
    const answered = await call('POST', '/api/v1/monitoring/apply', { body: { changes, ...rest } });
    expect(answered.status, answered.text).toBe(200);
    return answered.json.outcomes as never;
  };
  const put = (kind: string, definition: object) => ({ op: 'put', kind, definition });
  const told = (outcomes: readonly Outcome[]) => outcomes.map(({ kind, id, outcome }) => [kind, id, outcome]);
  const fromFile = page('file', {
    name: 'a',
    checks: [{ deploymentId: 'post', name: 'mail' }],
    deploymentId: 'post',
  });
  const wanted = [
    put('statusPage', fromFile),
    put('check', { deploymentId: 'post', name: 'mail', type: 'tcp', target: 'mail.example.com:25' }),
    put('deployment', { deploymentId: 'post' }),
  ];

  it('in any order a page finds its deployment and checks, in the dry run too; again changes nothing', async () => {
    expect(told(await apply(wanted, { dryRun: true })).map(([, , outcome]) => outcome)).toEqual([
      'created',
      'created',
      'created',
    ]);
    expectProblem(await call('GET', `${path}/file`), 404);
    expect(told(await apply(wanted))[0]).toEqual(['statusPage', 'file', 'created']);
    expect(told(await apply(wanted))[0]).toEqual(['statusPage', 'file', 'unchanged']);
    expect((await call('GET', `${path}/file`)).json.managedBy).toBe('file');
  });

  it('what a file brought only files change, and the other way round', async () => {
    expectProblem(await call('PUT', `${path}/file`, { body: { name: 'a', groups: [shopGroup] } }), 409);
    expectProblem(await call('DELETE', `${path}/file`), 409);
    const [taken] = await apply([put('statusPage', { ...page('whole'), name: 'of the file' })]);
    expect(taken).toMatchObject({ outcome: 'refused', code: 'CONFLICT', id: 'whole' });
  });

  it('a page that names a check which goes in the same request is refused, and nothing is made', async () => {
    const [refused, heldBack] = await apply([
      put('statusPage', { ...fromFile, name: 'new' }),
      { op: 'remove', kind: 'check', deploymentId: 'post', name: 'mail' },
    ]);
    expect(refused).toMatchObject({ outcome: 'refused', errors: [{ path: 'groups[0].checks[0].name' }] });
    expect(heldBack).toMatchObject({ outcome: 'held' });
    expect((await call('GET', `${path}/file`)).json.name).toBe('Page file');
  });

  it('is removed by its slug; once more it is as wanted', async () => {
    const removal = { op: 'remove', kind: 'statusPage', slug: 'file' };
    expect(told(await apply([removal]))).toEqual([['statusPage', 'file', 'removed']]);
    expect(told(await apply([removal]))).toEqual([['statusPage', 'file', 'unchanged']]);
  });

  it('there are at most fifty: what would be more is refused, unless others go', async () => {
    const { items } = (await call('GET', path)).json as never as { items: unknown[] };
    const room = 50 - items.length;
    const more = (count: number) =>
      Array.from({ length: count }, (_, no) => put('statusPage', page(`more-${no}`)));
    const tooMany = await apply(more(room + 1));
    expect(tooMany.map(({ code }) => code)).toEqual(Array.from({ length: room + 1 }, () => 'CONFLICT'));
    await apply(more(room));
    expectProblem(await call('POST', path, { body: page('one-more') }), 409);
    const swapped = await apply([
      put('statusPage', page('one-more')),
      { op: 'remove', kind: 'statusPage', slug: 'more-0' },
    ]);
    expect(swapped.map(({ outcome }) => outcome)).toEqual(['created', 'removed']);
  });
});
