import { describe, expect, it } from 'vitest';
import type { ApiClient } from '../../../shared/configuration/client.ts';
import { converge } from '../../../shared/configuration/index.ts';
import type { ApplyRequest } from '../../../shared/convergence/index.ts';
import type { CheckDefinition } from '../../../shared/health/index.ts';
import { writtenSettings } from '../../../shared/incidents/api.ts';
import { defaultSettings } from '../../../shared/incidents/index.ts';

const check = (fields: Partial<CheckDefinition> = {}): CheckDefinition => ({
  deploymentId: 'shop',
  name: 'front',
  type: 'http',
  target: 'https://shop.example.com/',
  intervalSeconds: 60,
  timeoutSeconds: 5,
  retries: 1,
  failureThreshold: 3,
  successThreshold: 2,
  network: 'public',
  tags: {},
  config: {},
  isActive: true,
  ...fields,
});

const usualSettings = writtenSettings(defaultSettings);

/** An API that holds these checks, and answers each change with `outcome`. */
const apiWith = (held: readonly object[], outcome: string) => {
  const bodies: ApplyRequest[] = [];
  const client = {
    url: 'http://127.0.0.1',
    list: async (path: string) => (path.endsWith('health-checks') ? held : []),
    request: async (_method: string, path: string, { body }: { body?: ApplyRequest } = {}) => {
      if (!body) return path.endsWith('/alerting') ? { ...usualSettings, managedBy: 'builtin' } : {};
      bodies.push(body);
      return {
        dryRun: body.dryRun,
        outcomes: body.changes.map(({ kind }) => ({ kind, id: 'x', outcome, revision: 1 })),
      };
    },
  } as unknown as ApiClient;
  return { client, bodies };
};

const viewOf = (given: CheckDefinition, managedBy: string) => {
  const { intervalSeconds: interval, timeoutSeconds: timeout, ...same } = given;
  return { ...same, interval, timeout, managedBy, config: { headers: { authorization: '[hidden]' } } };
};

describe('Converging', () => {
  it.each(['file', 'api'])(
    'a check of the %s whose secret is the same already is unchanged, though the API does not show it',
    async (managedBy) => {
      const wanted = check({ config: { headers: { authorization: 'Bearer canary' } } });
      const { client } = apiWith([viewOf(wanted, managedBy)], 'unchanged');
      const { difference, refused } = await converge(
        client,
        { deployments: [], checks: [wanted] },
        { dryRun: true },
      );
      expect([difference.updated, difference.conflicts, refused]).toEqual([[], [], []]);
      expect(difference.unchanged.map(({ name }) => name)).toEqual(['shop/front']);
    },
  );

  it.each([true, false])(
    'never asks for more than the API takes in a request (dry run: %s)',
    async (dryRun) => {
      const ids = Array.from({ length: 100 }, (_, at) => `deployment-${at}`);
      const deployments = ids.map((deploymentId) => ({
        deploymentId,
        blueprintId: 'ü'.repeat(200),
        environment: 'ü'.repeat(100),
        monitoringConfig: {
          driftDetection: true,
          healthChecks: true,
          costMonitoring: true,
          complianceMonitoring: true,
        },
      }));
      const body = 'x'.repeat(9_600);
      const checks = ids.map((deploymentId) => check({ deploymentId, config: { method: 'POST', body } }));
      const { client, bodies } = apiWith([], 'created');
      await converge(client, { deployments, checks }, { dryRun });
      for (const sent of bodies) {
        expect(Buffer.byteLength(JSON.stringify(sent))).toBeLessThanOrEqual(512 * 1024);
        expect(sent.changes.length).toBeLessThanOrEqual(100);
      }
    },
  );

  it('judges everything before the first write, and makes nothing while a part is refused', async () => {
    const checks = Array.from({ length: 150 }, (_, at) => check({ name: `c${at}` }));
    const { client, bodies } = apiWith([], 'refused');
    const { refused } = await converge(client, { deployments: [], checks });
    expect(refused).toHaveLength(150);
    expect(bodies.map(({ dryRun }) => dryRun)).toEqual([true, true]);
  });

  it('writes after the rehearsal went well, and tells progress of the writing alone', async () => {
    const checks = Array.from({ length: 150 }, (_, at) => check({ name: `c${at}` }));
    const { client, bodies } = apiWith([], 'created');
    const progress: string[] = [];
    const onProgress = (done: number, total: number) => progress.push(`${done}/${total}`);
    await converge(client, { deployments: [], checks }, { onProgress });
    expect(bodies.map(({ dryRun, changes }) => [dryRun, changes.length])).toEqual([
      [true, 100],
      [true, 50],
      [false, 100],
      [false, 50],
    ]);
    expect(progress).toEqual(['100/150', '150/150']);
  });

  it('sends a parent and the members of a composite before or with what hangs on them', async () => {
    const reference = (name: string) => ({ deploymentId: 'shop', name });
    const children = Array.from({ length: 120 }, (_, at) =>
      check({ name: `child ${at}`, parent: reference('router') }),
    );
    const members = Array.from({ length: 20 }, (_, at) => reference(`child ${100 + at}`));
    const all = check({ name: 'all', type: 'composite', target: 'composite', config: { members } });
    const { client, bodies } = apiWith([], 'created');
    await converge(client, { deployments: [], checks: [all, ...children, check({ name: 'router' })] });
    for (const dryRun of [true, false]) {
      const sent = bodies.filter((body) => body.dryRun === dryRun);
      const known = new Set<string>();
      for (const { changes } of sent) {
        if (dryRun) known.clear();
        for (const change of changes) if (change.op === 'put') known.add(String(change.definition.name));
        if (changes.some((change) => change.op === 'put' && change.definition.name === 'all')) {
          expect(members.every(({ name }) => known.has(name))).toBe(true);
        }
        expect(known.has('router')).toBe(true);
      }
    }
  });
});
