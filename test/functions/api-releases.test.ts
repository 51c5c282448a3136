import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loadRelease } from '../../shared/releases/index.ts';
import { call, tokenWith } from './api-client.ts';
import { type Cloud, startCloud } from './cloud.ts';
import { expectProblem } from './refusal.ts';

const pathOf = (deploymentId: string): string => `/api/v1/monitoring/deployments/${deploymentId}/releases`;
const image = { taskDefinition: 'arn:aws:ecs:eu-central-1:123456789012:task-definition/shop:11', desired: 2 };

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(() => cloud.close());
beforeEach(() => {
  cloud.arrived.length = 0;
  cloud.invoked = () => ({ image });
});

let registered = 0;
/** A deployment of its own for each test: a release changes what the next one means. */
const given = async (): Promise<string> => {
  registered += 1;
  const deploymentId = `shop-${registered}`;
  const resources = [
    { name: 'web', type: 'ecs-service', id: 'prod/web' },
    { name: 'db', type: 'rds-instance', id: 'orders' },
  ];
  await call('POST', '/api/monitoring/register', { body: { deploymentId, resources } });
  cloud.arrived.length = 0;
  return deploymentId;
};
const tell = (deploymentId: string, version: string, state: string, more: object = {}) =>
  call('POST', pathOf(deploymentId), { body: { version, state, ...more } });
const changes = () =>
  cloud.arrived
    .filter(({ type }) => type === 'release.changed')
    .map(({ detail }) => {
      const { version, state } = detail as { version?: string; state?: string };
      return `${version} ${state}`;
    });

describe('a release', () => {
  it('that begins is kept with what runs now, of what could be rolled back, and told on the bus', async () => {
    const shop = await given();
    const asked: unknown[] = [];
    cloud.invoked = (name, payload) => {
      asked.push({ name, ...payload });
      return { image };
    };
    const began = await tell(shop, 'v42', 'began', { window: '5m' });
    expect(began.status, began.text).toBe(202);
    expect(began.json).toMatchObject({
      deploymentId: shop,
      version: 'v42',
      state: 'began',
      window: 300,
      maxBurnRate: 14.4,
      sloTarget: 99.9,
      finishedAt: null,
      endedAt: null,
      by: 'admin',
    });
    expect(asked).toEqual([
      {
        name: 'planner',
        kind: 'read',
        request: { deploymentId: shop, resource: 'web', kind: 'ecs-rollback' },
      },
    ]);
    expect((await loadRelease(cloud.state, shop))?.release.before).toEqual([
      { resource: 'web', kind: 'ecs-rollback', image: JSON.stringify(image) },
    ]);
    expect(changes()).toEqual(['v42 began']);
  });

  it('begins also where what runs cannot be read', async () => {
    const shop = await given();
    cloud.invoked = () => {
      throw new Error('the planner is down');
    };
    expect((await tell(shop, 'v42', 'began')).status).toBe(202);
    expect((await loadRelease(cloud.state, shop))?.release.before).toEqual([]);
  });

  it('that finishes is the same one, watched as its beginning said; the same told twice is one', async () => {
    const shop = await given();
    const began = await tell(shop, 'v42', 'began', { window: '30m', sloTarget: 99 });
    expect((await tell(shop, 'v42', 'began')).json.id).toBe(began.json.id);
    const finished = await tell(shop, 'v42', 'finished');
    expect(finished.json).toMatchObject({
      id: began.json.id,
      state: 'finished',
      window: 1800,
      sloTarget: 99,
    });
    expect((await tell(shop, 'v42', 'finished')).json).toEqual(finished.json);
    expect((await tell(shop, 'v42', 'began')).json).toEqual(finished.json);
    expect(changes()).toEqual(['v42 began', 'v42 finished']);
  });

  it('told twice at the same moment is one', async () => {
    const shop = await given();
    const both = await Promise.all([tell(shop, 'v42', 'began'), tell(shop, 'v42', 'began')]);
    expect(both.map(({ status }) => status)).toEqual([202, 202]);
    expect(new Set(both.map(({ json }) => json.id)).size).toBe(1);
  });

  it('another version that finishes meanwhile is refused; one that begins takes its place', async () => {
    const shop = await given();
    await tell(shop, 'v42', 'began');
    const refused = await tell(shop, 'v43', 'finished');
    expectProblem(refused, 409);
    expect(refused.json.detail).toBe(
      'The release v42 is under way, not v43. Tell that v43 began first, or finish v42.',
    );
    await tell(shop, 'v43', 'began');
    const listed = await call('GET', pathOf(shop));
    const items = listed.json.items as unknown as { version: string; state: string }[];
    expect(items.map(({ version, state }) => [version, state]).sort()).toEqual([
      ['v42', 'superseded'],
      ['v43', 'began'],
    ]);
  });

  it.each([
    ['a version of 101 characters', { version: 'v'.repeat(101) }, 'version'],
    ['a state that there is not', { state: 'done' }, 'state'],
    ['a window of a second', { window: '1s' }, 'window'],
    ['a window of two days', { window: '2d' }, 'window'],
    ['no burn rate', { maxBurnRate: 0 }, 'maxBurnRate'],
    ['a target of more than a hundred percent', { sloTarget: 101 }, 'sloTarget'],
  ])('with %s is refused naming the field', async (_what, over, path) => {
    const refused = await tell('shop-1', 'v1', 'began', over);
    expectProblem(refused, 422);
    const { errors } = refused.json as unknown as { errors: { path: string }[] };
    expect(errors.map((fault) => fault.path)).toEqual([path]);
  });

  it('of a deployment that is not there, or out of reach, is neither told nor listed', async () => {
    const shop = await given();
    expectProblem(await tell('nobody', 'v1', 'began'), 404);
    expectProblem(await call('GET', pathOf('nobody')), 404);
    const token = await tokenWith(['read', 'operate'], ['elsewhere']);
    const body = { version: 'v1', state: 'began' };
    expectProblem(await call('POST', pathOf(shop), { body, token }), 404);
    expectProblem(await call('GET', pathOf(shop), { token }), 404);
    expect(await loadRelease(cloud.state, shop)).toBeUndefined();
  });

  it('are listed page by page, the newest first', async () => {
    const shop = await given();
    for (const version of ['v1', 'v2', 'v3']) await tell(shop, version, 'began');
    const versions: string[] = [];
    let cursor = '';
    for (let page = 0; page < 2; page++) {
      const { json } = await call('GET', `${pathOf(shop)}?limit=2${cursor}`);
      const { items, next } = json as unknown as {
        items: { version: string; beganAt: string }[];
        next: string;
      };
      versions.push(...items.map(({ version }) => version));
      cursor = `&cursor=${next}`;
    }
    expect(new Set(versions)).toEqual(new Set(['v1', 'v2', 'v3']));
    expect(versions).toHaveLength(3);
  });
});
