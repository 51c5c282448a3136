import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { policyIdOf } from '../../shared/policies/index.ts';
import { scalerIdOf } from '../../shared/scaling/api.ts';
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
const web = { name: 'web', type: 'ecs-service', id: 'prod/web' };
const deployment = (deploymentId: string, resources: readonly object[] = [web]) =>
  put('deployment', { deploymentId, resources });
const rule = {
  target: { kind: 'ecs-service', resource: 'web' },
  series: 'check.response_time_ms',
  targetValue: 300,
  max: 5,
};
const scaler = (deploymentId: string, name = 'by latency', over: object = {}) =>
  put('scaler', { deploymentId, name, ...rule, ...over });
const healing = { health_remediation: { unhealthy_service: { action: 'restart' } } };
/** In an environment of its own, so that it speaks of nothing that others speak of. */
const policy = (name: string, over: object = {}) =>
  put('policy', { name, selector: { environments: [name] }, ...healing, ...over });

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(() => cloud.close());
beforeEach(() => {
  cloud.arrived.length = 0;
});

describe('applying policies and scaling rules', () => {
  const wanted = [policy('production'), scaler('shop'), deployment('shop')];
  const removals = [
    remove('deployment', { deploymentId: 'shop' }),
    remove('scaler', { deploymentId: 'shop', name: 'by latency' }),
    remove('policy', { name: 'production' }),
  ];

  it('in any order a scaling rule finds its deployment, in the dry run too; again changes nothing', async () => {
    expect(told(await apply(wanted, { dryRun: true }))).toEqual(['created', 'created', 'created']);
    expect(cloud.arrived).toEqual([]);
    const made = await apply(wanted);
    expect(made.map(({ kind, id, outcome }) => [kind, id, outcome])).toEqual([
      ['policy', policyIdOf('production'), 'created'],
      ['scaler', scalerIdOf({ deploymentId: 'shop', name: 'by latency' }), 'created'],
      ['deployment', 'shop', 'created'],
    ]);
    expect(told(await apply(wanted))).toEqual(['unchanged', 'unchanged', 'unchanged']);
    const audits = cloud.arrived.filter(({ type }) => type === 'audit.recorded');
    expect(audits.map(({ detail }) => (detail as { kind?: string }).kind).sort()).toEqual([
      'deployment',
      'policy',
      'scaler',
    ]);
    const held = await call('GET', `/api/v1/monitoring/policies/${policyIdOf('production')}`);
    expect(held.json).toMatchObject({ managedBy: 'file', revision: 1 });
  });

  it('a deployment stays while it has scaling rules', async () => {
    const [refused] = await apply([remove('deployment', { deploymentId: 'shop' })]);
    expect(refused).toMatchObject({ outcome: 'refused', code: 'CONFLICT' });
    const byHand = await call('DELETE', '/api/v1/monitoring/deployments/shop');
    expect([byHand.status, byHand.json.code]).toEqual([409, 'CONFLICT']);
  });

  it('all of it goes in one request, in the dry run too; gone already is as wanted', async () => {
    expect(told(await apply(removals, { dryRun: true }))).toEqual(['removed', 'removed', 'removed']);
    expect(told(await apply(removals))).toEqual(['removed', 'removed', 'removed']);
    expect(told(await apply(removals))).toEqual(['unchanged', 'unchanged', 'unchanged']);
  });

  it.each([
    ['a scaling rule of a deployment that is not there', [scaler('nobody')], 'NOT_FOUND', []],
    [
      'a scaling rule of a resource that its deployment will not have any more',
      [deployment('till', []), scaler('till')],
      'VALIDATION_ERROR',
      ['target.resource'],
    ],
    [
      'an unknown action',
      [policy('a', { health_remediation: { unhealthy_service: { action: 'reboot' } } })],
      'VALIDATION_ERROR',
      ['health_remediation.unhealthy_service.action'],
    ],
    [
      'a negative limit',
      [policy('a', { limits: { max_count: -1 } })],
      'VALIDATION_ERROR',
      ['limits.max_count'],
    ],
    [
      'more than a hundred percent',
      [policy('a', { limits: { max_percent: '101%' } })],
      'VALIDATION_ERROR',
      ['limits.max_percent'],
    ],
    [
      'policies of one request that speak of the same',
      [policy('a'), policy('b', { selector: { environments: ['a'] } })],
      'VALIDATION_ERROR',
      ['selector', 'selector'],
    ],
    [
      'a policy that speaks of the same as one that is there',
      [policy('c', { selector: { deployments: ['till'], environments: ['standing'] } })],
      'VALIDATION_ERROR',
      ['selector'],
    ],
  ])('%s is refused before anything is made', async (_what, changes, code, fields) => {
    await apply([deployment('till'), policy('standing')]);
    const results = await apply([...changes, policy('beside')]);
    const faults = results.filter(({ outcome }) => outcome === 'refused');
    expect(new Set(faults.map((fault) => fault.code))).toEqual(new Set([code]));
    expect(faults.flatMap(({ errors = [] }) => errors.map(({ path }) => path))).toEqual(fields);
    expect(results.at(-1)?.outcome).toBe('held');
  });

  it('a policy that gets another name takes the place of the one that goes in the same request', async () => {
    await apply([policy('before', { selector: { environments: ['renamed'] } })]);
    const after = policy('after', { selector: { environments: ['renamed'] } });
    expect(told(await apply([after]))).toEqual(['refused VALIDATION_ERROR']);
    const both = [after, remove('policy', { name: 'before' })];
    expect(told(await apply(both, { dryRun: true }))).toEqual(['created', 'removed']);
    expect(told(await apply(both))).toEqual(['created', 'removed']);
  });

  it('two policies may swap what they speak of', async () => {
    const [left, right] = [{ environments: ['left'] }, { environments: ['right'] }];
    await apply([policy('x', { selector: left }), policy('y', { selector: right })]);
    expect(told(await apply([policy('x', { selector: right }), policy('y', { selector: left })]))).toEqual([
      'updated',
      'updated',
    ]);
  });

  it('what the API owns is refused, unless it is the same; what files own the API refuses', async () => {
    await apply([deployment('mill')]);
    const api = '/api/v1/monitoring';
    await call('POST', `${api}/policies`, { body: policy('by hand').definition });
    await call('POST', `${api}/scaling`, { body: scaler('mill').definition });
    expect(told(await apply([policy('by hand'), scaler('mill')]))).toEqual(['unchanged', 'unchanged']);
    const otherwise = [policy('by hand', { is_active: false }), scaler('mill', 'by latency', { max: 9 })];
    expect(told(await apply(otherwise))).toEqual(['refused CONFLICT', 'refused CONFLICT']);
    const gone = [
      remove('policy', { name: 'by hand' }),
      remove('scaler', { deploymentId: 'mill', name: 'by latency' }),
    ];
    expect(told(await apply(gone))).toEqual(['refused CONFLICT', 'refused CONFLICT']);
    const [mine, ours] = await apply([policy('of a file'), scaler('mill', 'of a file')]);
    const changed = await call('PUT', `${api}/policies/${mine?.id}`, {
      body: { ...healing, is_active: false },
    });
    expect([changed.status, changed.json.code]).toEqual([409, 'CONFLICT']);
    const scaled = await call('PUT', `${api}/scaling/${ours?.id}`, { body: { ...rule, max: 9 } });
    expect([scaled.status, scaled.json.code]).toEqual([409, 'CONFLICT']);
  });

  it('a token of some deployments may bring their scaling rules, and no policy', async () => {
    await apply([deployment('mine'), deployment('theirs')]);
    const token = await tokenWith(['write'], ['mine']);
    expect(told(await apply([scaler('mine')], {}, token))).toEqual(['created']);
    expect(told(await apply([scaler('theirs')], {}, token))).toEqual(['refused NOT_FOUND']);
    expect(told(await apply([policy('mine')], {}, token))).toEqual(['refused FORBIDDEN']);
    expect(told(await apply([remove('policy', { name: 'production' })], {}, token))).toEqual([
      'refused FORBIDDEN',
    ]);
  });
});
