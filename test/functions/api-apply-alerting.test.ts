import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { call, tokenWith } from './api-client.ts';
import { type Cloud, startCloud } from './cloud.ts';

type Outcome = {
  kind: string;
  id: string | null;
  outcome: string;
  code?: string;
  errors?: { path: string; message: string }[];
};

const apply = async (changes: readonly object[], rest: object = {}, token?: string): Promise<Outcome[]> => {
  const answered = await call('POST', '/api/v1/monitoring/apply', {
    body: { changes, ...rest },
    ...(token && { token }),
  });
  expect(answered.status, answered.text).toBe(200);
  return answered.json.outcomes as unknown as Outcome[];
};
const told = (results: readonly Outcome[]) =>
  results.map(({ outcome, code }) => (code ? `${outcome} ${code}` : outcome));

const put = (kind: string, definition: object) => ({ op: 'put', kind, definition });
const remove = (kind: string, identity: object = {}) => ({ op: 'remove', kind, ...identity });
const rule = (name: string, rest: object = {}) =>
  put('rule', { name, type: 'downtime', deploymentId: '*', ...rest });
const channel = (name: string, rest: object = {}) =>
  put('channel', { name, type: 'webhook', config: { url: 'https://hooks.example.com/a' }, ...rest });
const maintenance = (name: string, rest: object = {}) =>
  put('maintenance', {
    name,
    matchers: ['deployment=shop'],
    windows: [{ cron: '30 2 * * *', duration: '45m' }],
    ...rest,
  });

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(() => cloud.close());
beforeEach(() => {
  cloud.arrived.length = 0;
  cloud.sent.length = 0;
});

describe('applying what alerting is made of', () => {
  const wanted = [
    rule('both', {
      type: 'composite',
      deploymentId: 'shop',
      condition: { all: ['down', 'slow'] },
      channels: ['chat'],
    }),
    rule('down', { deploymentId: 'shop', channels: ['chat'] }),
    rule('slow', { deploymentId: 'shop', type: 'performance', condition: { above: '1s' } }),
    put('alerting', { defaultChannels: ['chat'], groupInterval: '10m' }),
    maintenance('nightly'),
    channel('chat', { fallback: 'hook' }),
    channel('hook'),
    put('deployment', { deploymentId: 'shop' }),
  ];
  const removals = [
    remove('deployment', { deploymentId: 'shop' }),
    remove('channel', { name: 'chat' }),
    remove('channel', { name: 'hook' }),
    remove('maintenance', { name: 'nightly' }),
    remove('alerting'),
    ...['both', 'down', 'slow'].map((name) => remove('rule', { deploymentId: 'shop', name })),
  ];

  it('in any order all that names something finds it, in the dry run too; again changes nothing', async () => {
    const made = ['created', 'created', 'created', 'updated', 'created', 'created', 'created', 'created'];
    expect(told(await apply(wanted, { dryRun: true }))).toEqual(made);
    expect(cloud.arrived).toEqual([]);
    expect(told(await apply(wanted))).toEqual(made);
    expect(new Set(told(await apply(wanted)))).toEqual(new Set(['unchanged']));
    const audits = cloud.arrived.filter(({ type }) => type === 'audit.recorded');
    expect(audits).toHaveLength(wanted.length);
  });

  it('all of it goes in one request, in the dry run too; gone already is as wanted', async () => {
    expect(new Set(told(await apply(removals, { dryRun: true })))).toEqual(new Set(['removed']));
    expect(new Set(told(await apply(removals)))).toEqual(new Set(['removed']));
    expect(new Set(told(await apply(removals)))).toEqual(new Set(['unchanged']));
    expect((await call('GET', '/api/v1/monitoring/alerting')).json).toMatchObject({
      defaultChannels: [],
      groupInterval: 300,
      // Given up by the file, they are for everybody to change again.
      managedBy: 'builtin',
    });
  });

  it.each([
    ['a rule naming a channel that is not there', [rule('a', { channels: ['nobody'] })], ['channels[0]']],
    [
      'a rule naming a channel that goes in the same request',
      [rule('a', { channels: ['going'] }), remove('channel', { name: 'going' })],
      ['channels[0]'],
    ],
    [
      'settings naming a channel that is not there',
      [put('alerting', { defaultChannels: ['nobody'] })],
      ['defaultChannels[0]'],
    ],
    ['a channel falling back on one that is not there', [channel('a', { fallback: 'nobody' })], ['fallback']],
    [
      'channels falling back on one another',
      [channel('a', { fallback: 'b' }), channel('b', { fallback: 'a' })],
      ['fallback', 'fallback'],
    ],
    [
      'a channel naming a secret that is not set',
      [channel('a', { config: { url: `\${secret:NOT_SET}` } })],
      ['config.url'],
    ],
    [
      'a rule of a deployment that is not registered',
      [rule('a', { deploymentId: 'nobody' })],
      ['deploymentId'],
    ],
    [
      'a composite of rules of which one is not there',
      [rule('a', { type: 'composite', condition: { all: ['Service Down', 'nobody'] } })],
      ['condition'],
    ],
    [
      'composites in a circle',
      [
        rule('a', { type: 'composite', condition: { any: ['b', 'Service Down'] } }),
        rule('b', { type: 'composite', condition: { any: ['a', 'Service Down'] } }),
      ],
      ['condition', 'condition'],
    ],
    ['a maintenance of everything', [maintenance('a', { matchers: ['deployment=~".*"'] })], ['matchers']],
    [
      'a built-in rule turned into another',
      [rule('Cost Overrun', { type: 'finding', condition: { kinds: ['drift'] } })],
      ['condition.kinds'],
    ],
  ])('%s is refused before anything is made', async (_what, changes, fields) => {
    await apply([channel('going')]);
    const results = await apply([...changes, channel('beside')]);
    const faults = results.filter(({ outcome }) => outcome === 'refused');
    expect(faults.flatMap(({ errors = [] }) => errors.map(({ path }) => path))).toEqual(fields);
    expect(results.at(-1)?.outcome).toBe('held');
    const channels = (await call('GET', '/api/v1/monitoring/channels')).json.items as unknown as {
      name: string;
    }[];
    expect(channels.map(({ name }) => name)).not.toContain('beside');
  });

  it('a channel that something else still names stays, and the refusal says what names it', async () => {
    await apply([channel('needed'), rule('needs it', { channels: ['needed'] })]);
    const [refused] = await apply([remove('channel', { name: 'needed' })]);
    expect(refused).toMatchObject({ outcome: 'refused', code: 'CONFLICT' });
    const both = [
      remove('channel', { name: 'needed' }),
      remove('rule', { deploymentId: '*', name: 'needs it' }),
    ];
    expect(told(await apply(both))).toEqual(['removed', 'removed']);
  });

  it('what the API owns is refused, unless it is the same; what files own the API refuses', async () => {
    const api = '/api/v1/monitoring';
    const hand = { name: 'by hand', type: 'webhook', config: { url: 'https://hooks.example.com/a' } };
    await call('POST', `${api}/channels`, { body: hand });
    await call('POST', `${api}/maintenance`, {
      body: {
        name: 'by hand',
        matchers: ['deployment=shop'],
        windows: [{ cron: '0 3 * * *', duration: '1h' }],
      },
    });
    await call('POST', `${api}/alerts`, { body: { name: 'by hand', type: 'downtime', deploymentId: '*' } });
    await call('PUT', `${api}/alerting`, { body: { groupInterval: '7m' } });
    expect(
      told(await apply([put('channel', hand), rule('by hand'), put('alerting', { groupInterval: '7m' })])),
    ).toEqual(['unchanged', 'unchanged', 'unchanged']);
    const otherwise = [
      channel('by hand', { isActive: false }),
      maintenance('by hand'),
      rule('by hand', { severity: 'info' }),
      put('alerting', { groupInterval: '8m' }),
    ];
    expect(told(await apply(otherwise))).toEqual(otherwise.map(() => 'refused CONFLICT'));
    await call('PUT', `${api}/alerting`, { body: {} });
    const [mine] = await apply([rule('of a file')]);
    const changed = await call('PUT', `${api}/alerts/${mine?.id}`, {
      body: { type: 'downtime', severity: 'info' },
    });
    expect([changed.status, changed.json.code]).toEqual([409, 'CONFLICT']);
  });

  it('a maintenance that changes has what it muted looked at at once', async () => {
    // Of which an alert is muted.
    const incident = 'i1';
    await cloud.state.put({ pk: 'MUTED', sk: incident, v: 1, groupKey: 'deployment:shop' });
    const woken = () =>
      cloud.sent.filter(({ queue, body }) => queue.startsWith('incidents') && body.incidentId === incident);
    await apply([maintenance('woken')], { dryRun: true });
    expect(woken()).toEqual([]);
    await apply([maintenance('woken')]);
    expect(woken()).toHaveLength(1);
    expect(told(await apply([maintenance('woken')]))).toEqual(['unchanged']);
    expect(woken()).toHaveLength(1);
    await apply([remove('maintenance', { name: 'woken' })]);
    expect(woken()).toHaveLength(2);
  });

  it('a token of some deployments applies their rules and maintenance, and nothing of the whole stack (fault 33)', async () => {
    await apply([put('deployment', { deploymentId: 'shop' })]);
    const token = await tokenWith(['write'], ['shop']);
    const changes = [rule('mine', { deploymentId: 'shop' }), maintenance('mine')];
    expect(told(await apply(changes, {}, token))).toEqual(['created', 'created']);
    const others = [
      rule('all'),
      rule('theirs', { deploymentId: 'bank' }),
      channel('all'),
      put('alerting', {}),
      maintenance('all', { matchers: ['check=home'] }),
      remove('channel', { name: 'going' }),
      remove('alerting'),
    ];
    expect(told(await apply(others, {}, token))).toEqual([
      'refused FORBIDDEN',
      'refused NOT_FOUND',
      'refused FORBIDDEN',
      'refused FORBIDDEN',
      'refused FORBIDDEN',
      'refused FORBIDDEN',
      'refused FORBIDDEN',
    ]);
  });
});
