import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { HttpPost } from '../../../shared/notifications/index.ts';
import { messageOf, openOrchestrator } from '../../../shared/remediation/orchestrator.ts';

const place = { accountId: '123456789012', region: 'eu-central-1' };
const status = {
  type: 'deployment.status_changed',
  detail: {
    id: 'deployment:shop@42',
    at: '2026-01-31T12:00:00.000Z',
    ...place,
    deploymentId: 'shop',
    from: 'healthy',
    to: 'unhealthy',
    reason: '1 of 3 checks is unhealthy',
    checks: { total: 3, healthy: 2, degraded: 0, unhealthy: 1, unknown: 0 },
  },
} as const;
const release = {
  type: 'release.changed',
  detail: {
    id: 'release:r1@2',
    at: '2026-01-31T12:00:00.000Z',
    ...place,
    releaseId: 'r1',
    deploymentId: 'shop',
    version: '1.4.2',
    state: 'finished',
    reason: 'told by the pipeline',
  },
} as const;

const secrets: Readonly<Record<string, string>> = { ORCHESTRATOR_KEY: 'key-7d1e', HOST: 'hooks.example.com' };
const open = (answer: () => number | Error, url = `https://\${secret:HOST}/homeostat`) => {
  const posted: HttpPost[] = [];
  const tell = openOrchestrator({
    url,
    clock: () => Date.UTC(2026, 0, 31, 12),
    secret: async (name) => {
      const value = secrets[name];
      if (value === undefined) throw new Error(`there is no secret ${name}`);
      return value;
    },
    post: async (request) => {
      posted.push(request);
      const said = answer();
      if (said instanceof Error) throw said;
      return { status: said, headers: {}, body: '' };
    },
  });
  return { tell, posted };
};

describe("the team's orchestrator", () => {
  it('is told how a deployment stands, and which version a release brought, signed', async () => {
    const { tell, posted } = open(() => 204);
    await tell(messageOf(status));
    await tell(messageOf(release));
    expect(posted.map(({ url, headers }) => [url, headers?.['x-homeostat-delivery']])).toEqual([
      ['https://hooks.example.com/homeostat', 'deployment:shop@42'],
      ['https://hooks.example.com/homeostat', 'release:r1@2'],
    ]);
    expect(posted.map(({ body }) => JSON.parse(body))).toMatchObject([
      { kind: 'deployment.status', deploymentId: 'shop', status: 'unhealthy', version: null, release: null },
      { kind: 'release', status: null, version: '1.4.2', release: { id: 'r1', state: 'finished' } },
    ]);
    const [first] = posted;
    const t = Date.UTC(2026, 0, 31, 12) / 1000;
    const mac = createHmac('sha256', 'key-7d1e').update(`${t}.${first?.body}`).digest('hex');
    expect(first?.headers?.['x-homeostat-signature']).toBe(`t=${t},v1=${mac}`);
  });

  const faults: readonly (readonly [string, () => number | Error, string])[] = [
    ['says no', () => 500, 'the orchestrator was not told: the orchestrator answered with 500'],
    [
      'is away',
      () => new Error('connect to hooks.example.com failed'),
      'the orchestrator was not told: connect to',
    ],
  ];
  it.each(faults)(
    'that %s is told again, and no secret stands in the error (fault 29)',
    async (_, answer, said) => {
      const { tell } = open(answer);
      const error = await tell(messageOf(status)).then(
        () => undefined,
        (thrown: Error) => thrown,
      );
      expect(error?.message).toContain(said);
      expect(error?.message).not.toMatch(/hooks\.example\.com|key-7d1e/);
    },
  );

  it('without an address is nobody; without a key it is told nothing', async () => {
    const none = open(() => 200, '');
    await none.tell(messageOf(status));
    expect(none.posted).toEqual([]);
    const unsigned = openOrchestrator({
      url: 'https://hooks.example.com/',
      clock: () => 0,
      secret: async (name) => {
        throw new Error(`there is no secret ${name}: set it with homeostat secrets set ${name}`);
      },
      post: async () => ({ status: 200, headers: {}, body: '' }),
    });
    await expect(unsigned(messageOf(status))).rejects.toThrow('there is no secret ORCHESTRATOR_KEY');
  });
});
