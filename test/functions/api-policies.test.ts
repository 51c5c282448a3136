import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { policyIdOf } from '../../shared/policies/index.ts';
import { call, tokenWith } from './api-client.ts';
import { type Cloud, startCloud } from './cloud.ts';
import { expectProblem } from './refusal.ts';

const policies = '/api/v1/monitoring/policies';

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(() => cloud.close());
beforeEach(() => {
  cloud.arrived.length = 0;
});

/** Each in an environment of its own, so that they do not speak of the same. */
const policy = (name: string, over: object = {}) => ({
  name,
  selector: { environments: [name] },
  health_remediation: { unhealthy_service: { action: 'restart' } },
  ...over,
});

const make = async (body: object): Promise<string> => {
  const made = await call('POST', policies, { body });
  expect([made.status, made.text]).toEqual([201, expect.any(String)]);
  return String(made.json.id);
};

describe('policies over the API', () => {
  it('answers with the whole policy, its path and its ETag, and tells the audit who made it', async () => {
    const made = await call('POST', policies, { body: policy('whole') });
    const id = policyIdOf('whole');
    expect([made.status, made.headers.location, made.headers.etag]).toEqual([
      201,
      `${policies}/${id}`,
      '"1"',
    ]);
    expect(made.json).toMatchObject({
      id,
      name: 'whole',
      is_active: true,
      selector: { deployments: [], environments: ['whole'], tags: {} },
      health_remediation: {
        enabled: true,
        unhealthy_service: { action: 'restart', max_attempts: 3, backoff: 'exponential', wait: 30 },
      },
      brakes: { attempts_per_hour: 3, cooldown: 300, flaps_per_day: 3 },
      managedBy: 'api',
      revision: 1,
    });
    expect((await call('GET', `${policies}/${id}`)).json).toEqual(made.json);
    expect(cloud.arrived).toEqual([
      {
        type: 'audit.recorded',
        detail: expect.objectContaining({
          id: `audit:policy:${id}@1`,
          by: 'admin',
          action: 'created',
          kind: 'policy',
          name: 'whole',
          deploymentId: null,
          before: null,
          after: expect.objectContaining({ name: 'whole' }),
        }),
      },
    ]);
  });

  it('what was read can be written again and changes nothing', async () => {
    const id = await make(
      policy('round', {
        windows: [
          { kind: 'deny', weekdays: ['fri'], from: '18:00', until: '06:00', time_zone: 'Europe/Berlin' },
        ],
        limits: { max_count: 0, max_percent: '10%' },
        exceptions: [{ resource: 'db', reason: 'being moved', until: '2026-07-01T00:00:00Z' }],
      }),
    );
    const {
      id: _id,
      managedBy: _m,
      revision: _r,
      createdAt: _c,
      updatedAt: _u,
      ...read
    } = (await call('GET', `${policies}/${id}`)).json;
    const again = await call('PUT', `${policies}/${id}`, { body: read });
    expect([again.status, again.json.revision]).toEqual([200, 1]);
  });

  it('a bad policy is refused with every path that is wrong, and nothing is written', async () => {
    const refused = await call('POST', policies, {
      body: policy('bad', {
        drift_remediation: { auto_fix: [{ severity: 'error', action: 'explode' }] },
        limits: { max_count: -1, max_percent: '101%' },
      }),
    });
    expectProblem(refused, 422);
    expect(refused.json.errors).toEqual([
      expect.objectContaining({ path: 'drift_remediation.auto_fix[0].action' }),
      expect.objectContaining({ path: 'limits.max_count' }),
      expect.objectContaining({ path: 'limits.max_percent' }),
    ]);
    expectProblem(await call('GET', `${policies}/${policyIdOf('bad')}`), 404);
  });

  it('a policy that could speak of the same as another is refused, whether it is made or changed', async () => {
    await make(policy('first'));
    const second = await call('POST', policies, {
      body: policy('second', { selector: { environments: ['second', 'first'] } }),
    });
    expectProblem(second, 422);
    expect(second.json.errors).toEqual([
      {
        path: 'selector',
        message:
          'The policy first could speak of the same (health_remediation.unhealthy_service): narrow one of their selectors, or leave the section to one of them.',
      },
    ]);
    const id = await make(policy('third'));
    expectProblem(
      await call('PUT', `${policies}/${id}`, {
        body: policy('third', { selector: { environments: ['first'] } }),
      }),
      422,
    );
    // One that is switched off may say anything.
    await make(policy('fourth', { selector: { environments: ['first'] }, is_active: false }));
  });

  it('a dry run judges and shows, and writes nothing', async () => {
    const tried = await call('POST', `${policies}?dryRun=true`, { body: policy('tried') });
    expect([tried.status, tried.json.name, tried.json.revision]).toEqual([200, 'tried', 1]);
    expectProblem(await call('GET', `${policies}/${policyIdOf('tried')}`), 404);
    const id = await make(policy('kept'));
    const changed = await call('PUT', `${policies}/${id}?dryRun=true`, {
      body: policy('kept', { is_active: false }),
    });
    expect([changed.json.is_active, changed.json.revision]).toEqual([false, 2]);
    expect((await call('DELETE', `${policies}/${id}?dryRun=true`)).status).toBe(204);
    const still = await call('GET', `${policies}/${id}`);
    expect([still.json.is_active, still.json.revision]).toEqual([true, 1]);
  });

  it('a name is the key: taken is a conflict, and a PUT cannot change it', async () => {
    const id = await make(policy('taken'));
    expectProblem(await call('POST', policies, { body: policy('taken') }), 409);
    const renamed = await call('PUT', `${policies}/${id}`, { body: policy('other') });
    expect([renamed.status, renamed.json.errors]).toEqual([422, [expect.objectContaining({ path: 'name' })]]);
  });

  it('the same Idempotency-Key makes one policy, and another request with it is refused', async () => {
    const headers = { 'idempotency-key': 'one' };
    const first = await call('POST', policies, { body: policy('once'), headers });
    const second = await call('POST', policies, { body: policy('once'), headers });
    expect([first.status, second.status, second.json]).toEqual([201, 201, first.json]);
    expectProblem(await call('POST', policies, { body: policy('once', { is_active: false }), headers }), 422);
  });

  it('only who has seen the last revision changes it', async () => {
    const id = await make(policy('seen'));
    const change = (headers: Record<string, string>, is_active: boolean) =>
      call('PUT', `${policies}/${id}`, { body: policy('seen', { is_active }), headers });
    expect((await change({ 'if-match': '"1"' }, false)).status).toBe(200);
    expectProblem(await change({ 'if-match': '"1"' }, true), 412);
    expectProblem(await call('DELETE', `${policies}/${id}`, { headers: { 'if-match': '"1"' } }), 412);
    expect((await call('DELETE', `${policies}/${id}`, { headers: { 'if-match': '"2"' } })).status).toBe(204);
  });

  it('every version stays, also of a removed policy; one that is made again goes on counting', async () => {
    const id = await make(policy('versions'));
    await call('PUT', `${policies}/${id}`, { body: policy('versions', { limits: { max_count: 1 } }) });
    await call('PUT', `${policies}/${id}`, { body: policy('versions', { limits: { max_count: 2 } }) });
    await call('DELETE', `${policies}/${id}`);
    const versions = async (query = '') => {
      const { json } = await call('GET', `${policies}/${id}/versions${query}`);
      const items = json.items as unknown as {
        revision: number;
        by: string;
        removed: boolean;
        definition: { limits: object };
      }[];
      return {
        next: json.next as unknown as string | null,
        items: items.map((one) => [one.revision, one.by, one.removed, one.definition.limits]),
      };
    };
    const all = [
      [4, 'admin', true, { max_count: 2 }],
      [3, 'admin', false, { max_count: 2 }],
      [2, 'admin', false, { max_count: 1 }],
      [1, 'admin', false, {}],
    ];
    expect(await versions()).toEqual({ items: all, next: null });
    const first = await versions('?limit=3');
    expect(first.items).toEqual(all.slice(0, 3));
    expect(await versions(`?limit=3&cursor=${first.next}`)).toEqual({ items: all.slice(3), next: null });
    const again = await call('POST', policies, { body: policy('versions') });
    expect([again.status, again.json.revision]).toEqual([201, 5]);
    expectProblem(await call('GET', `${policies}/${policyIdOf('never there')}/versions`), 404);
  });

  it('lists them by name, page by page', async () => {
    const names: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page = await call('GET', `${policies}?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`);
      names.push(...(page.json.items as unknown as { name: string }[]).map(({ name }) => name));
      cursor = page.json.next as unknown as string | null;
    }
    expect(names).toEqual([...names].sort());
    expect(names).toEqual(expect.arrayContaining(['first', 'once', 'round', 'whole']));
  });

  it('they belong to the whole stack: a token of one deployment neither sees nor makes any', async () => {
    const token = await tokenWith(['read', 'write'], ['default']);
    expectProblem(await call('GET', policies, { token }), 403);
    expectProblem(await call('POST', policies, { token, body: policy('mine') }), 403);
    const reader = await tokenWith(['read']);
    expectProblem(await call('POST', policies, { token: reader, body: policy('mine') }), 403);
  });
});
