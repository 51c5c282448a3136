import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeStatus } from '../../shared/deployments/status-store.ts';
import { call, type Json, tokenWith } from './api-client.ts';
import { type Cloud, startCloud } from './cloud.ts';

const register = (body: object) => call('POST', '/api/monitoring/register', { body });
const deployments = '/api/v1/monitoring/deployments';

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(() => cloud.close());

describe('registering a deployment', () => {
  const whole = {
    deploymentId: 'web-shop',
    blueprintId: 'bp-1',
    environment: 'staging',
    monitoringConfig: {
      driftDetection: true,
      healthChecks: true,
      costMonitoring: false,
      complianceMonitoring: true,
    },
  };

  it('answers 201 the first time, 200 and the same revision again, 200 and the next revision with other content', async () => {
    const first = await register(whole);
    expect([first.status, first.headers.location]).toEqual([201, '/api/monitoring/deployments/web-shop']);
    expect(first.json).toEqual({
      ...whole,
      managedBy: 'api',
      revision: 1,
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
    });
    const again = await register(whole);
    expect([again.status, again.json]).toEqual([200, first.json]);
    const other = await register({ ...whole, environment: 'production' });
    expect([other.status, other.json.revision, other.json.createdAt]).toEqual([200, 2, first.json.createdAt]);
    expect(cloud.arrived.map(({ detail }) => detail.id)).toEqual([
      'deployment:web-shop@1',
      'audit:deployment:web-shop@1',
      'deployment:web-shop@2',
      'audit:deployment:web-shop@2',
    ]);
  });

  it('keeps what it consists of; none listed is the same as none said', async () => {
    const resources = [
      { name: 'web', type: 'ecs-service', id: 'prod/web', checks: ['home'], tags: { tier: 'web' } },
    ];
    const made = await register({ deploymentId: 'with-resources', resources });
    expect([made.status, made.json.resources]).toEqual([201, resources]);
    const listed = (await call('GET', deployments)).json.items as unknown as Json[];
    expect(listed.find(({ deploymentId }) => String(deploymentId) === 'with-resources')?.resources).toEqual(
      resources,
    );
    const without = await register({ deploymentId: 'with-resources' });
    expect([without.status, without.json.revision]).toEqual([200, 2]);
    expect(without.json).not.toHaveProperty('resources');
    expect((await register({ deploymentId: 'with-resources', resources: [] })).json.revision).toBe(2);
  });

  it('what an answer without anything measured says is unknown or null, never made up', async () => {
    const read = await call('GET', '/api/monitoring/deployments/web-shop');
    expect([read.status, read.json]).toEqual([
      200,
      {
        deploymentId: 'web-shop',
        status: 'unknown',
        lastChecked: null,
        drift: { detected: null, lastCheck: null },
        health: {
          status: 'unknown',
          reason: 'it has no check that runs',
          counts: { total: 0, healthy: 0, degraded: 0, unhealthy: 0, unknown: 0 },
          checks: [],
        },
        cost: { current: null, budget: null, trend: 'unknown' },
        compliance: { score: null, violations: null },
      },
    ]);
  });

  it('its checks stand in it by name', async () => {
    const body = { deploymentId: 'web-shop', name: 'front', type: 'tcp', target: 'shop.example.com:443' };
    await call('POST', '/api/v1/monitoring/health-checks', { body });
    const read = await call('GET', `${deployments}/web-shop`);
    expect(read.json.health).toEqual({
      status: 'unknown',
      reason: 'nothing is known of its check',
      counts: { total: 1, healthy: 0, degraded: 0, unhealthy: 0, unknown: 1 },
      checks: [{ name: 'front', status: 'unknown', responseTime: null }],
    });
  });

  it('the deployment default is always there; one that nobody registered is 404', async () => {
    expect((await call('GET', '/api/monitoring/deployments/default')).status).toBe(200);
    const missing = await call('GET', '/api/monitoring/deployments/nobody');
    expect([missing.status, missing.json.code]).toEqual([404, 'NOT_FOUND']);
  });
});

describe('listing and removing deployments', () => {
  it('a token lists only what it reaches (fault 33)', async () => {
    await register({ deploymentId: 'listed-a' });
    await register({ deploymentId: 'listed-b' });
    const token = await tokenWith(['read'], ['listed-a']);
    const listed = (await call('GET', deployments, { token })).json.items as unknown as {
      deploymentId: string;
    }[];
    expect(listed.map(({ deploymentId }) => deploymentId)).toEqual(['listed-a']);
  });

  it('each is listed with the status that was last told of it', async () => {
    await register({ deploymentId: 'told' });
    const healthOf = async () =>
      ((await call('GET', deployments)).json.items as unknown as Json[]).find(
        (item) => String(item.deploymentId) === 'told',
      )?.health;
    const none = { total: 0, healthy: 0, degraded: 0, unhealthy: 0, unknown: 0 };
    const never = { status: 'unknown', reason: 'it has no check that runs', since: null, counts: none };
    expect(await healthOf()).toEqual(never);
    const written = {
      record: {
        status: 'unhealthy' as const,
        reason: '1 of 1 checks is unhealthy: front',
        counts: { ...none, total: 1, unhealthy: 1 },
        since: Date.parse('2026-01-01T00:00:00Z'),
        revision: 1,
      },
      event: undefined,
      isEmpty: false,
    };
    await writeStatus(cloud.state, 'told', undefined, written, { attempt: 'a', now: Date.now() });
    const { revision: _revision, ...shown } = written.record;
    expect(await healthOf()).toEqual({ ...shown, since: '2026-01-01T00:00:00.000Z' });
  });

  it('one with checks stays; an empty one goes, and registered again goes on with its revision', async () => {
    const kept = await call('DELETE', `${deployments}/web-shop`);
    expect([kept.status, kept.json.code]).toEqual([409, 'CONFLICT']);
    await register({ deploymentId: 'passing' });
    expect((await call('DELETE', `${deployments}/passing`, { headers: { 'if-match': '"5"' } })).status).toBe(
      412,
    );
    expect((await call('DELETE', `${deployments}/passing`)).status).toBe(204);
    expect((await call('GET', `${deployments}/passing`)).status).toBe(404);
    expect((await call('DELETE', `${deployments}/passing`)).status).toBe(404);
    const again = await register({ deploymentId: 'passing' });
    expect([again.status, again.json.revision]).toEqual([201, 3]);
  });

  it('one with rules stays, and they are named; without them it goes', async () => {
    await register({ deploymentId: 'ruled' });
    const alerts = '/api/v1/monitoring/alerts';
    const rule = { deploymentId: 'ruled', name: 'shop is down', type: 'downtime', condition: {} };
    const made = await call('POST', alerts, { body: rule });
    expect(made.status, made.text).toBe(201);
    const kept = await call('DELETE', `${deployments}/ruled`);
    expect([kept.status, kept.json.code, kept.json.detail]).toEqual([
      409,
      'CONFLICT',
      'Deployment ruled still has rules: «shop is down». Remove them first.',
    ]);
    expect((await call('DELETE', `${alerts}/${made.json.id}`)).status).toBe(204);
    expect((await call('DELETE', `${deployments}/ruled`)).status).toBe(204);
  });
});
