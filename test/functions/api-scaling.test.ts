import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { scalerIdOf } from '../../shared/scaling/index.ts';
import { call, tokenWith } from './api-client.ts';
import { type Cloud, startCloud } from './cloud.ts';
import { lookedAt } from './looks.ts';
import { expectProblem } from './refusal.ts';

const path = '/api/v1/monitoring/scaling';
const web = { name: 'web', type: 'ecs-service', id: 'prod/web' };

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud();
  for (const deploymentId of ['shop', 'till'])
    await call('POST', '/api/monitoring/register', { body: { deploymentId, resources: [web] } });
  // An hour of 200 ms, ten minutes of 900 ms, ten of 100 ms.
  const took = [...Array(60).fill(200), ...Array(10).fill(900), ...Array(10).fill(100)];
  await lookedAt(cloud, { deploymentId: 'shop', name: 'home page' }, took);
});
afterAll(() => cloud.close());
beforeEach(() => {
  cloud.arrived.length = 0;
});

const rule = (name: string, over: object = {}) => ({
  deploymentId: 'shop',
  name,
  target: { kind: 'ecs-service', resource: 'web' },
  series: 'check.response_time_ms',
  targetValue: 200,
  max: 6,
  ...over,
});
const make = async (body: object): Promise<string> => {
  const made = await call('POST', path, { body });
  expect([made.status, made.text]).toEqual([201, expect.any(String)]);
  return String(made.json.id);
};
const faultsOf = (answered: { readonly json: unknown }) =>
  (answered.json as { errors?: { path: string }[] }).errors?.map((fault) => fault.path);

describe('scaling rules over the API', () => {
  it('answers with the whole rule, its path and its ETag, and tells the audit who made it', async () => {
    const made = await call('POST', path, { body: rule('whole', { window: '10m', scaleInCooldown: '1h' }) });
    const id = scalerIdOf({ deploymentId: 'shop', name: 'whole' });
    expect([made.status, made.headers.location, made.headers.etag]).toEqual([201, `${path}/${id}`, '"1"']);
    expect(made.json).toMatchObject({
      id,
      deploymentId: 'shop',
      isActive: true,
      selector: {},
      aggregate: 'avg',
      window: 600,
      targetValue: 200,
      min: 1,
      max: 6,
      scaleOutCooldown: 60,
      scaleInCooldown: 3600,
      scaleInProtection: false,
      managedBy: 'api',
      revision: 1,
    });
    expect((await call('GET', `${path}/${id}`)).json).toEqual(made.json);
    expect(cloud.arrived).toEqual([
      {
        type: 'audit.recorded',
        detail: expect.objectContaining({
          id: `audit:scaler:${id}@1`,
          by: 'admin',
          action: 'created',
          kind: 'scaler',
          name: 'whole',
          deploymentId: 'shop',
        }),
      },
    ]);
  });

  it('a name that is taken is refused; the same request again with its Idempotency-Key is the same rule', async () => {
    const headers = { 'idempotency-key': 'k1' };
    const body = rule('once');
    const first = await call('POST', path, { body, headers });
    const again = await call('POST', path, { body, headers });
    expect([first.status, again.json.id, again.json.revision]).toEqual([201, first.json.id, 1]);
    expectProblem(await call('POST', path, { body }), 409);
    expectProblem(await call('POST', path, { body: rule('once', { max: 9 }), headers }), 422);
  });

  it.each([
    ['neither a target nor steps', { targetValue: undefined }, ['targetValue']],
    ['both', { steps: [{ change: 1 }] }, ['targetValue']],
    ['less at most than at least', { min: 7 }, ['max']],
    ['target tracking from nothing', { min: 0 }, ['min']],
    [
      'steps that overlap',
      {
        targetValue: undefined,
        steps: [
          { to: 5, change: 1 },
          { from: 4, change: 2 },
        ],
      },
      ['steps[1].from'],
    ],
    [
      'a step that holds nothing',
      { targetValue: undefined, steps: [{ from: 5, to: 5, change: 1 }] },
      ['steps[0].to'],
    ],
    [
      'a resource that is not there',
      { target: { kind: 'ecs-service', resource: 'db' } },
      ['target.resource'],
    ],
    [
      'a resource of another type',
      { target: { kind: 'auto-scaling-group', resource: 'web' } },
      ['target.resource'],
    ],
  ])('%s is refused naming the field', async (_what, over, paths) => {
    const refused = await call('POST', path, { body: rule('wrong', over) });
    expectProblem(refused, 422);
    expect(faultsOf(refused)).toEqual(paths);
  });

  it('of a deployment that is not there, or out of reach, there is none to make, read, change, draw or try', async () => {
    expectProblem(await call('POST', path, { body: rule('x', { deploymentId: 'nobody' }) }), 404);
    const id = await make(rule('mine alone'));
    const token = await tokenWith(['read', 'write'], ['till']);
    expectProblem(await call('POST', path, { body: rule('x'), token }), 404);
    expectProblem(await call('GET', `${path}/${id}`, { token }), 404);
    expectProblem(await call('PUT', `${path}/${id}`, { body: rule('mine alone'), token }), 404);
    expectProblem(await call('DELETE', `${path}/${id}`, { token }), 404);
    expectProblem(await call('GET', `${path}/${id}/chart.svg`, { token }), 404);
    expectProblem(await call('POST', `${path}/dry-run`, { body: { rule: rule('x') }, token }), 404);
    const other = rule('x', { deploymentId: 'nobody' });
    expectProblem(await call('POST', `${path}/dry-run`, { body: { rule: other } }), 404);
  });

  it('is replaced as a whole by who saw the revision; its name and deployment stay', async () => {
    const id = await make(rule('changing', { min: 2 }));
    const one = `${path}/${id}`;
    const ifMatch = (revision: number) => ({ 'if-match': `"${revision}"` });
    const { deploymentId: _d, name: _n, ...rest } = rule('changing', { max: 9 });
    const replaced = await call('PUT', one, { body: rest, headers: ifMatch(1) });
    expect([replaced.status, replaced.headers.etag]).toEqual([200, '"2"']);
    expect(replaced.json).toMatchObject({ name: 'changing', min: 1, max: 9, revision: 2 });
    expectProblem(await call('PUT', one, { body: rest, headers: ifMatch(1) }), 412);
    expect((await call('PUT', one, { body: rest })).json.revision).toBe(2);
    expectProblem(await call('PUT', one, { body: rule('another name') }), 422);
    expectProblem(await call('DELETE', one, { headers: ifMatch(1) }), 412);
    expect((await call('DELETE', one, { headers: ifMatch(2) })).status).toBe(204);
    expectProblem(await call('GET', one), 404);
    expect((await call('POST', path, { body: rule('changing') })).json.revision).toBe(4);
  });

  it('what was read can be written again and changes nothing', async () => {
    const id = await make(
      rule('round', {
        targetValue: undefined,
        steps: [
          { to: 1, change: -1 },
          { from: 1, change: 50, unit: 'percent' },
        ],
        selector: { checks: ['home page'], tags: { a: 'b' } },
      }),
    );
    const { json } = await call('GET', `${path}/${id}`);
    const {
      id: _id,
      managedBy: _o,
      revision: _r,
      createdAt: _c,
      updatedAt: _u,
      ...body
    } = json as never as Record<string, unknown>;
    expect((await call('PUT', `${path}/${id}`, { body })).json).toEqual(json);
  });

  it('are listed page by page, of what the token reaches, and of one deployment', async () => {
    await make(rule('at the till', { deploymentId: 'till' }));
    const names = async (query: string, token?: string): Promise<readonly string[]> => {
      const found: string[] = [];
      let cursor = '';
      do {
        const page = await call(
          'GET',
          `${path}?limit=2${query}${cursor}`,
          token === undefined ? {} : { token },
        );
        expect(page.status, page.text).toBe(200);
        found.push(...(page.json.items as unknown as { name: string }[]).map(({ name }) => name));
        const { next } = page.json as unknown as { next: string | null };
        cursor = next === null ? '' : `&cursor=${next}`;
      } while (cursor !== '');
      return found;
    };
    const all = await names('');
    expect(new Set(all).size).toBe(all.length);
    expect(all).toEqual(expect.arrayContaining(['whole', 'once', 'at the till']));
    expect(await names('&deploymentId=till')).toEqual(['at the till']);
    expect(await names('', await tokenWith(['read'], ['till']))).toEqual(['at the till']);
  });
});

type Point = { at: string; value: number | null; desired: number; change: string; reason: string };

describe('a dry run', () => {
  it('shows what the rule would have done with what was seen, and changes nothing', async () => {
    const body = { rule: rule('tried', { window: '1m', scaleInCooldown: '2m' }), hours: 1, startCount: 1 };
    const ran = await call('POST', `${path}/dry-run`, { body });
    expect(ran.status, ran.text).toBe(200);
    const points = ran.json.points as unknown as Point[];
    expect([ran.json.stepSeconds, points.length]).toEqual([60, 60]);
    const changes = points.filter(({ change }) => change !== 'none');
    // 900 ms of 200: five for one, then as many as there may be; 100 ms of 200: half of them, and half again.
    expect(changes.map(({ value, desired, change }) => [value, desired, change])).toEqual([
      [900, 5, 'out'],
      [900, 6, 'out'],
      [100, 3, 'in'],
      [100, 2, 'in'],
      [100, 1, 'in'],
    ]);
    expect(changes[0]?.reason).toBe('avg of check.response_time_ms is 900, target 200: from 1 to 5');
    expect(cloud.arrived).toEqual([]);
    expectProblem(await call('GET', `${path}/${scalerIdOf({ deploymentId: 'shop', name: 'tried' })}`), 404);
  });

  it('of a series that has no point changes nothing, and says so', async () => {
    const body = { rule: rule('blind', { series: 'queue.depth' }), hours: 72 };
    const ran = await call('POST', `${path}/dry-run`, { body });
    const points = ran.json.points as unknown as Point[];
    expect([ran.json.stepSeconds, points.length]).toEqual([360, 720]);
    expect(new Set(points.map(({ value, desired, reason }) => `${value} ${desired} ${reason}`))).toEqual(
      new Set(['null 1 the window holds no point, which says nothing']),
    );
  });

  it('is drawn as a picture of well-formed SVG in which nothing of the rule stands', async () => {
    const id = await make(rule('<script>alert(1)</script>', { window: '1m' }));
    const drawn = await call('GET', `${path}/${id}/chart.svg?hours=2&startCount=2`);
    expect([drawn.status, drawn.headers['content-type']]).toEqual([200, 'image/svg+xml; charset=utf-8']);
    expect(drawn.text).not.toContain('script');
    expect(unclosedIn(drawn.text)).toEqual([]);
    const lines = [...drawn.text.matchAll(/<polyline class="([vc])" points="([^"]*)"/g)];
    expect(lines.map(([, which]) => which)).toEqual(['v', 'c']);
    for (const [, , points = ''] of lines) expect(points).toMatch(/^(\d+\.\d,\d+\.\d ?)+$/);
    expect(drawn.text).toContain('count, up to 6 · grey: value, up to 900');
  });

  it.each(['hours=0', 'hours=73', 'startCount=-1', 'hours=a'])(
    'a picture with %s is refused',
    async (query) => {
      const id = await make(rule(`picture ${query}`));
      expectProblem(await call('GET', `${path}/${id}/chart.svg?${query}`), 422);
    },
  );
});

/** Tags that are not closed in the order in which they were opened; of attributes, each must be quoted. */
const unclosedIn = (svg: string): readonly string[] => {
  const open: string[] = [];
  let rest = svg;
  for (;;) {
    const tag = /<(\/?)([a-z]+)((?:\s+[a-zA-Z0-9:-]+="[^"<&]*")*)\s*(\/?)>/.exec(rest);
    if (!tag) break;
    const [whole, isEnd, name = '', , isEmpty] = tag;
    const before = rest.slice(0, tag.index);
    if (/[<&]/.test(before)) return [...open, before];
    if (isEnd && open.pop() !== name) return [...open, whole];
    if (!isEnd && !isEmpty) open.push(name);
    rest = rest.slice(tag.index + whole.length);
  }
  return rest.trim() === '' ? open : [...open, rest];
};
