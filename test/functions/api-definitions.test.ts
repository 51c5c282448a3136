import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkIdOf, checkKey } from '../../shared/health/check.ts';
import { type Answered, call, tokenWith } from './api-client.ts';
import { type Cloud, startCloud } from './cloud.ts';
import { expectProblem } from './refusal.ts';

const checks = '/api/v1/monitoring/health-checks';
const http = { type: 'http', target: 'https://shop.example.com/' };

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud();
  await call('POST', '/api/monitoring/register', { body: { deploymentId: 'shop' } });
  await call('POST', '/api/monitoring/register', { body: { deploymentId: 'billing' } });
});
afterAll(() => cloud.close());

const create = (body: object, token?: string): Promise<Answered> =>
  call('POST', checks, { body: { ...http, ...body }, ...(token && { token }) });
const faultsOf = (answered: Answered) =>
  answered.json.errors as unknown as { path: string; message: string }[];
type Outcome = { outcome: string; errors?: { path: string; message: string }[] };
const apply = async (changes: readonly object[]): Promise<Outcome[]> =>
  (await call('POST', '/api/v1/monitoring/apply', { body: { changes } })).json
    .outcomes as unknown as Outcome[];
const put = (name: string, rest: object = {}) => ({
  op: 'put',
  kind: 'check',
  definition: { ...http, name, ...rest },
});

/** The fields of a definition, out of a view. */
const definitionIn = (view: object): object => {
  const ofTheView = ['id', 'isPaused', 'managedBy', 'revision', 'createdAt', 'updatedAt'];
  const ofTheStanding = ['status', 'lastChecked', 'responseTime', 'reason', 'statusSince'];
  const left = new Set([...ofTheView, ...ofTheStanding]);
  return Object.fromEntries(Object.entries(view).filter(([name]) => !left.has(name)));
};

describe('everything that a check can say', () => {
  const full = {
    name: 'full',
    failureThreshold: '3 of 5',
    successThreshold: 1,
    degradedAbove: '300ms',
    conditions: ['[STATUS] in 200..299', '[BODY].items[0].ok == true'],
    parent: 'parent',
    maintenance: [
      { at: '2026-01-31T22:00:00+01:00', duration: '90m' },
      { cron: '0 22 * * 6', duration: '2h', timeZone: 'Europe/Berlin' },
      { weekdays: ['sat', 'sun'], from: '22:00', until: '06:00' },
    ],
    isPublic: true,
  };

  it('is shown as it was written, and the view sent back changes nothing', async () => {
    await create({ name: 'parent' });
    const made = await create(full);
    expect(made.status, made.text).toBe(201);
    expect(made.json).toMatchObject({
      failureThreshold: '3 of 5',
      degradedAbove: 0.3,
      conditions: full.conditions,
      parent: { deploymentId: 'default', name: 'parent' },
      maintenance: [
        { at: '2026-01-31T22:00:00+01:00', duration: 5400 },
        { cron: '0 22 * * 6', duration: 7200, timeZone: 'Europe/Berlin' },
        { weekdays: ['sat', 'sun'], from: '22:00', until: '06:00' },
      ],
      isPublic: true,
    });
    const again = await call('PUT', `${checks}/${made.json.id}`, { body: definitionIn(made.json) });
    expect([again.status, again.headers.etag], again.text).toEqual([200, '"1"']);
  });

  it('a session with conditions and captures in its steps goes round too, its secrets hidden and kept (fault 29)', async () => {
    const config = {
      steps: [
        {
          method: 'POST',
          url: '/login',
          body: '{"user":"probe"}',
          headers: { 'content-type': 'application/json', 'x-api-key': 'canary-step' },
          conditions: ['[STATUS] == 200'],
          capture: { token: '[BODY].token' },
        },
        // biome-ignore lint/suspicious/noTemplateCurlyInString: as people write it
        { url: '/me', headers: { authorization: 'Bearer ${step:token}' } },
      ],
    };
    const made = await create({ name: 'session', config });
    expect(made.status, made.text).toBe(201);
    expect(made.text).not.toContain('canary-step');
    expect(made.json.config?.steps).toMatchObject([
      {
        headers: { 'x-api-key': '[hidden]' },
        conditions: ['[STATUS] == 200'],
        capture: { token: '[BODY].token' },
      },
      // biome-ignore lint/suspicious/noTemplateCurlyInString: as people write it
      { headers: { authorization: 'Bearer ${step:token}' } },
    ]);
    const again = await call('PUT', `${checks}/${made.json.id}`, { body: definitionIn(made.json) });
    expect([again.status, again.headers.etag], again.text).toEqual([200, '"1"']);
    const { steps } = made.json.config as unknown as { steps: [object, object] };
    const [login, me] = steps;
    const stolen = await call('PUT', `${checks}/${made.json.id}`, {
      body: {
        ...definitionIn(made.json),
        config: { steps: [{ ...login, url: 'https://evil.example.com/' }, me] },
      },
    });
    expectProblem(stolen, 422);
  });

  it('a definition stored before there were such fields is the same as one that does not say them', async () => {
    const id = checkIdOf('default', 'old');
    const definition = {
      deploymentId: 'default',
      name: 'old',
      type: 'tcp',
      target: 'db.example.com:5432',
      intervalSeconds: 60,
      timeoutSeconds: 5,
      retries: 1,
      failureThreshold: 3,
      successThreshold: 2,
      network: 'public',
      tags: {},
      config: {},
      isActive: true,
    };
    const facts = {
      id,
      accountId: '123456789012',
      region: 'eu-central-1',
      location: 'home',
      managedBy: 'file',
    };
    const times = { revision: 4, createdAt: 1, updatedAt: 1, placements: [] };
    await cloud.state.put({ ...checkKey(id), v: 1, ...facts, ...times, definition });
    const change = {
      op: 'put',
      kind: 'check',
      definition: { name: 'old', type: 'tcp', target: 'db.example.com:5432' },
    };
    expect(await apply([change])).toMatchObject([{ outcome: 'unchanged', revision: 4 }]);
  });

  it.each([
    ['0 of 5', { failureThreshold: '0 of 5' }, 'failureThreshold', '3 of 5'],
    ['6 of 5', { failureThreshold: '6 of 5' }, 'failureThreshold', '3 of 5'],
    ['3 of 21', { failureThreshold: '3 of 21' }, 'failureThreshold', '3 of 5'],
    ['a threshold in words', { failureThreshold: 'three' }, 'failureThreshold', '3 of 5'],
    [
      'degraded above the timeout',
      { timeout: '1s', degradedAbove: '1s' },
      'degradedAbove',
      'less than the timeout',
    ],
    ['degraded above nothing', { degradedAbove: 0 }, 'degradedAbove', '1ms or more'],
    [
      'a condition that does not parse',
      { conditions: ['[STATUS] == 200', '[STATUS] ==='] },
      'conditions[1]',
      '(column ',
    ],
    [
      'a condition on what this kind never sees',
      { conditions: ['[DNS_ANSWER] == "a"'] },
      'conditions[0]',
      'know no [DNS_ANSWER]',
    ],
    ['a pattern that backtracks', { conditions: ['[BODY] matches "(a)\\\\1"'] }, 'conditions[0]', '(column '],
    [
      'a cron expression of six fields',
      { maintenance: [{ cron: '0 0 22 * * 6', duration: '1h' }] },
      'maintenance[0].cron',
      'five fields',
    ],
    [
      'a cron expression that never comes true',
      { maintenance: [{ cron: '0 0 31 2 *', duration: '1h' }] },
      'maintenance[0].cron',
      'five fields',
    ],
    [
      'a time zone nobody knows',
      { maintenance: [{ cron: '0 22 * * 6', duration: '1h', timeZone: 'Europe/Atlantis' }] },
      'maintenance[0].timeZone',
      'IANA',
    ],
    [
      'an offset for a time zone',
      { maintenance: [{ cron: '0 22 * * 6', duration: '1h', timeZone: '+01:00' }] },
      'maintenance[0].timeZone',
      'IANA',
    ],
    [
      'a window without an end',
      { maintenance: [{ at: '2026-01-31T22:00:00Z' }] },
      'maintenance[0].duration',
      'a duration such as',
    ],
    [
      'a window from six to six',
      { maintenance: [{ weekdays: ['sat'], from: '06:00', until: '06:00' }] },
      'maintenance[0].until',
      'another time',
    ],
    ['a parent that is not there', { parent: 'nobody' }, 'parent', 'There is no such check'],
    [
      'a function that was not listed',
      { type: 'lambda', target: 'other', interval: '1m' },
      'target',
      'checkFunctions',
    ],
    [
      'a service that was not listed',
      { type: 'resource', target: 'orders', config: { service: 'rds-instance' } },
      'config.service',
      'awsServices',
    ],
  ])('%s is refused with its field and what to write', async (_what, fields, path, words) => {
    const refused = await create({ name: 'refused', ...fields });
    expectProblem(refused, 422);
    expect(faultsOf(refused)).toEqual([{ path, message: expect.stringContaining(words) }]);
  });
});

describe('secrets by reference (fault 29)', () => {
  const named = (reference: string) => ({ config: { headers: { authorization: `Bearer ${reference}` } } });

  it('a reference is shown; the secret must be there, in a new check, a changed one, a trial and an applied one', async () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as people write it
    const reference = '${secret:API_KEY}';
    const refused = await create({ name: 'secretive', ...named(reference) });
    expectProblem(refused, 422);
    expect(faultsOf(refused)).toEqual([
      {
        path: 'config.headers.authorization',
        message: 'There is no secret API_KEY yet: set it with homeostat secrets set API_KEY.',
      },
    ]);
    expectProblem(await call('POST', `${checks}/test`, { body: { ...http, ...named(reference) } }), 422);
    expect(await apply([put('secretive', named(reference)), put('beside it')])).toMatchObject([
      { outcome: 'refused', errors: [{ path: 'config.headers.authorization' }] },
      { outcome: 'held' },
    ]);
    cloud.secrets.add('API_KEY');
    const made = await create({ name: 'secretive', ...named(reference) });
    expect([made.status, made.json.config?.headers]).toEqual([201, { authorization: `Bearer ${reference}` }]);
  });

  it('what only looks like a reference is refused, and what stands beside one is hidden', async () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as people write it
    const broken = await create({ name: 'broken', ...named('${secret:API KEY}') });
    expect(faultsOf(broken)).toMatchObject([{ path: 'config.headers.authorization' }]);
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as people write it
    const mixed = await create({ name: 'mixed', ...named('canary-mixed-${secret:API_KEY}') });
    expect(mixed.status).toBe(201);
    expect(mixed.text).not.toContain('canary-mixed');
  });
});

describe('checks that hang on others', () => {
  it('a circle of parents is refused with the way it goes, and nothing changes', async () => {
    await create({ name: 'a' });
    await create({ name: 'b', parent: 'a' });
    await create({ name: 'c', parent: 'b' });
    const a = checkIdOf('default', 'a');
    const refused = await call('PUT', `${checks}/${a}`, { body: { ...http, parent: 'c' } });
    expectProblem(refused, 422);
    expect(refused.json.detail).toBe('The check would hang on itself.');
    expect(faultsOf(refused)).toEqual([{ path: 'parent', message: 'Break the circle: a → c → b → a.' }]);
    expect((await call('GET', `${checks}/${a}`)).headers.etag).toBe('"1"');
  });

  it('parents and members are one graph: a composite of its own child is a circle', async () => {
    await create({ name: 'child' });
    const all = { type: 'composite', target: undefined, config: { members: ['child'] } };
    expect((await create({ name: 'all', ...all })).json.config).toMatchObject({
      members: [{ deploymentId: 'default', name: 'child' }],
    });
    const refused = await call('PUT', `${checks}/${checkIdOf('default', 'child')}`, {
      body: { ...http, parent: 'all' },
    });
    expect(faultsOf(refused)).toEqual([
      { path: 'parent', message: 'Break the circle: child → all → child.' },
    ]);
  });

  it('in one request of apply the order does not matter, and a circle in it leaves nothing behind', async () => {
    const changes = [put('leaf', { parent: 'trunk' }), put('trunk', { parent: 'root' }), put('root')];
    expect((await apply(changes)).map(({ outcome }) => outcome)).toEqual(['created', 'created', 'created']);
    const circle = [put('x', { parent: 'y' }), put('y', { parent: 'x' }), put('bystander')];
    const outcomes = await apply(circle);
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['refused', 'refused', 'held']);
    expect(outcomes[0]?.errors).toEqual([{ path: 'parent', message: 'Break the circle: x → y → x.' }]);
    for (const name of ['x', 'y', 'bystander']) {
      expect((await call('GET', `${checks}/${checkIdOf('default', name)}`)).status).toBe(404);
    }
  });

  it('what leaves in the same request can be nobody’s parent', async () => {
    await apply([put('going')]);
    const outcomes = await apply([
      { op: 'remove', kind: 'check', name: 'going' },
      put('staying', { parent: 'going' }),
    ]);
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['held', 'refused']);
  });

  it('a check out of reach looks like none, as parent and in the way of a circle (fault 33)', async () => {
    await create({ deploymentId: 'billing', name: 'ledger' });
    const token = await tokenWith(['write', 'read'], ['shop']);
    const parent = { deploymentId: 'billing', name: 'ledger' };
    const there = await create({ deploymentId: 'shop', name: 'cart', parent }, token);
    const nowhere = await create(
      { deploymentId: 'shop', name: 'cart', parent: { ...parent, name: 'nobody' } },
      token,
    );
    expectProblem(there, 422);
    expect(faultsOf(there)).toEqual(faultsOf(nowhere));

    await create({ deploymentId: 'shop', name: 'till' });
    await create({ deploymentId: 'billing', name: 'vault', parent: { deploymentId: 'shop', name: 'till' } });
    await create({ deploymentId: 'shop', name: 'door', parent: { deploymentId: 'billing', name: 'vault' } });
    const circle = await call('PUT', `${checks}/${checkIdOf('shop', 'till')}`, {
      body: { ...http, parent: 'door' },
      token,
    });
    expect(faultsOf(circle)).toEqual([
      { path: 'parent', message: 'Break the circle: till → door → a check out of reach → till.' },
    ]);
  });

  it('a chain of more than twenty is refused, however long it is (fault 30)', async () => {
    const chain = Array.from({ length: 25 }, (_, at) =>
      put(`link ${at}`, at === 0 ? {} : { parent: `link ${at - 1}` }),
    );
    const outcomes = await apply(chain);
    expect(outcomes.at(-1)).toMatchObject({
      outcome: 'refused',
      errors: [{ path: 'parent', message: expect.stringContaining('at most 20 checks') }],
    });
    expect(outcomes[0]?.outcome).toBe('held');
  });
});
