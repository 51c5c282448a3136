import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, tokenWith } from './api-client.ts';
import { type Cloud, startCloud } from './cloud.ts';

type Outcome = {
  kind: string;
  id: string | null;
  outcome: string;
  code?: string;
  errors?: { path: string }[];
};

const apply = async (changes: readonly object[], rest: object = {}, token?: string): Promise<Outcome[]> => {
  const answered = await call('POST', '/api/v1/monitoring/apply', {
    body: { changes, ...rest },
    ...(token && { token }),
  });
  expect(answered.status, answered.text).toBe(200);
  return answered.json.outcomes as unknown as Outcome[];
};
const outcomes = (results: readonly Outcome[]) =>
  results.map(({ outcome, code }) => (code ? `${outcome} ${code}` : outcome));

const deployment = (deploymentId: string, rest: object = {}) => ({
  op: 'put',
  kind: 'deployment',
  definition: { deploymentId, ...rest },
});
const check = (deploymentId: string, name: string, rest: object = {}) => ({
  op: 'put',
  kind: 'check',
  definition: { deploymentId, name, type: 'tcp', target: 'db.example.com:5432', ...rest },
});

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(() => cloud.close());

describe('applying configuration as code', () => {
  const wanted = [check('apply-a', 'db'), check('apply-a', 'queue'), deployment('apply-a')];

  it('a dry run says what would be made and makes nothing', async () => {
    expect(outcomes(await apply(wanted, { dryRun: true }))).toEqual(['created', 'created', 'created']);
    expect((await call('GET', '/api/v1/monitoring/deployments/apply-a')).status).toBe(404);
  });

  it('whatever the order, deployments come before their checks; applying again changes nothing', async () => {
    expect(outcomes(await apply(wanted))).toEqual(['created', 'created', 'created']);
    expect(outcomes(await apply(wanted))).toEqual(['unchanged', 'unchanged', 'unchanged']);
    const listed = await call('GET', '/api/v1/monitoring/health-checks?deploymentId=apply-a&managedBy=file');
    expect(listed.json.items).toHaveLength(2);
  });

  it('a changed definition is updated, a removed one removed, removing it again is as wanted', async () => {
    const remove = { op: 'remove', kind: 'check', deploymentId: 'apply-a', name: 'queue' };
    const changes = [check('apply-a', 'db', { interval: '5m' }), remove];
    expect(outcomes(await apply(changes, { dryRun: true }))).toEqual(['updated', 'removed']);
    expect(outcomes(await apply(changes))).toEqual(['updated', 'removed']);
    expect(outcomes(await apply(changes))).toEqual(['unchanged', 'unchanged']);
  });

  it('each wrong definition is its own refusal with its fields, and nothing of the request is made', async () => {
    const results = await apply([
      check('apply-a', 'wrong', { interval: 7, target: 'nowhere' }),
      check('nobody', 'homeless'),
      check('apply-a', 'right'),
      { op: 'put', kind: 'deployment', definition: { deploymentId: 'not valid' } },
    ]);
    expect(outcomes(results)).toEqual([
      'refused VALIDATION_ERROR',
      'refused VALIDATION_ERROR',
      'held',
      'refused VALIDATION_ERROR',
    ]);
    const listed = await call('GET', '/api/v1/monitoring/health-checks?deploymentId=apply-a&limit=100');
    expect((listed.json.items as unknown as { name: string }[]).map(({ name }) => name)).not.toContain(
      'right',
    );
    expect(results.map(({ errors }) => errors?.map(({ path }) => path))).toEqual([
      ['target'],
      ['deploymentId'],
      undefined,
      ['deploymentId'],
    ]);
  });

  it('what the API owns is refused, unless it is the same already; what files own the API refuses', async () => {
    const definition = {
      deploymentId: 'apply-a',
      name: 'by hand',
      type: 'tcp',
      target: 'db.example.com:5432',
    };
    await call('POST', '/api/v1/monitoring/health-checks', { body: definition });
    const remove = { op: 'remove', kind: 'check', deploymentId: 'apply-a', name: 'by hand' };
    expect(outcomes(await apply([check('apply-a', 'by hand')]))).toEqual(['unchanged']);
    expect(outcomes(await apply([check('apply-a', 'by hand', { retries: 2 })]))).toEqual([
      'refused CONFLICT',
    ]);
    expect(outcomes(await apply([remove]))).toEqual(['refused CONFLICT']);
    const [db] = await apply([check('apply-a', 'db', { interval: '5m' })]);
    const path = `/api/v1/monitoring/health-checks/${db?.id}`;
    const changed = await call('PUT', path, { body: { type: 'tcp', target: 'db.example.com:5432' } });
    expect([changed.status, changed.json.code]).toEqual([409, 'CONFLICT']);
    expect((await call('DELETE', path)).status).toBe(409);
    const registered = await call('POST', '/api/monitoring/register', {
      body: { deploymentId: 'apply-a', environment: 'staging' },
    });
    expect(registered.status).toBe(409);
  });

  it('a deployment goes with its checks in one request, in the dry run too', async () => {
    await apply([deployment('leaving'), check('leaving', 'one')]);
    const changes = [
      { op: 'remove', kind: 'deployment', deploymentId: 'leaving' },
      { op: 'remove', kind: 'check', deploymentId: 'leaving', name: 'one' },
    ];
    expect(outcomes(await apply(changes, { dryRun: true }))).toEqual(['removed', 'removed']);
    expect(outcomes(await apply(changes))).toEqual(['removed', 'removed']);
  });

  it('a deployment leaves after its rules, whatever the order, and stays while one stays', async () => {
    const rule = (name: string) => ({
      op: 'put',
      kind: 'rule',
      definition: { deploymentId: 'ruled', name, type: 'downtime', condition: {} },
    });
    const made = await apply([deployment('ruled'), rule('one'), rule('two')]);
    expect(outcomes(made)).toEqual(['created', 'created', 'created']);
    const removal = (name: string) => ({ op: 'remove', kind: 'rule', deploymentId: 'ruled', name });
    const leaving = { op: 'remove', kind: 'deployment', deploymentId: 'ruled' };
    const some = [leaving, removal('one')];
    expect(outcomes(await apply(some, { dryRun: true }))).toEqual(['refused CONFLICT', 'removed']);
    const all = [leaving, removal('two'), removal('one')];
    expect(outcomes(await apply(all, { dryRun: true }))).toEqual(['removed', 'removed', 'removed']);
    expect(outcomes(await apply(all))).toEqual(['removed', 'removed', 'removed']);
  });

  it('a token for other deployments changes nothing here (fault 33)', async () => {
    const token = await tokenWith(['write'], ['elsewhere']);
    const changes = [
      deployment('apply-a', { environment: 'x' }),
      check('apply-a', 'db', { retries: 0 }),
      { op: 'remove', kind: 'check', deploymentId: 'apply-a', name: 'db' },
      { op: 'remove', kind: 'deployment', deploymentId: 'apply-a' },
    ];
    expect(outcomes(await apply(changes, {}, token))).toEqual(changes.map(() => 'refused NOT_FOUND'));
  });

  it('a hundred changes fit into one request, a hundred and one do not', async () => {
    const many = Array.from({ length: 99 }, (_, at) => check('many', `check ${at}`));
    cloud.arrived.length = 0;
    const startedAt = performance.now();
    expect(new Set(outcomes(await apply([deployment('many'), ...many])))).toEqual(new Set(['created']));
    expect(performance.now() - startedAt).toBeLessThan(15_000);
    // Each with who wrote it.
    expect(cloud.arrived).toHaveLength(200);
    expect(new Set(cloud.arrived.map(({ detail }) => detail.id)).size).toBe(200);
    const tooMany = await call('POST', '/api/v1/monitoring/apply', { body: { changes: [...many, ...many] } });
    expect([tooMany.status, tooMany.json.code]).toEqual([422, 'VALIDATION_ERROR']);
  });
});
