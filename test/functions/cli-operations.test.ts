import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call } from './api-client.ts';
import { type Ran, runIn, serveApi } from './cli-host.ts';
import { adminToken, type Cloud, startCloud } from './cloud.ts';
import { lookedAt } from './looks.ts';

let cloud: Cloud;
let api: { readonly url: string; close(): void };
const folder = mkdtempSync(join(tmpdir(), 'homeostat-operations-'));
const resources = [{ name: 'web', type: 'ecs-service', id: 'prod/web' }];
beforeAll(async () => {
  cloud = await startCloud();
  cloud.invoked = () => ({ refused: 'not opted in' });
  api = await serveApi();
  await call('POST', '/api/monitoring/register', { body: { deploymentId: 'shop', resources } });
  const took = [...Array(100).fill(200), ...Array(10).fill(900), ...Array(10).fill(100)];
  await lookedAt(cloud, { deploymentId: 'shop', name: 'home page' }, took);
});
afterAll(async () => {
  api.close();
  rmSync(folder, { recursive: true });
  await cloud.close();
});

const run = (...args: readonly string[]): Promise<Ran> =>
  runIn(folder, { HOMEOSTAT_URL: api.url, HOMEOSTAT_TOKEN: adminToken, NO_COLOR: '1' }, args);

/** Each run of the program is a process of its own. */
const slow = { timeout: 60_000 };

const rule = `{name: by latency, target: {kind: ecs-service, resource: web}, series: check.response_time_ms, window: 1m, targetValue: 200, max: 6}`;
const healing = '{unhealthy_service: {action: restart}}';

describe('homeostat scaling', () => {
  it('tells that there is none, then lists what there is', async () => {
    expect((await run('scaling')).out).toBe('There are no scaling rules.\n');
    const body = {
      deploymentId: 'shop',
      name: 'by failures',
      target: { kind: 'ecs-service', resource: 'web' },
      series: 'check.failure',
      steps: [{ from: 0.5, change: 1 }],
      max: 3,
    };
    await call('POST', '/api/v1/monitoring/scaling', { body });
    const { out, code } = await run('scaling', 'list', '--deployment', 'shop');
    expect(code).toBe(0);
    expect(out).toMatch(
      /^shop +by failures +web \(ecs-service\) +1–3 +avg of check\.failure in 1 step +api/m,
    );
  });

  it('draws what a rule of a file would have done, and tells each change', async () => {
    writeFileSync(join(folder, 'a.yaml'), `scaling:\n  - ${rule.replace('{', '{deploymentId: shop, ')}\n`);
    const { out, code, err } = await run('scaling', 'dry-run', 'by latency', '-f', 'a.yaml', '--hours', '2');
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/^shop\/by latency: the last 2 hours$/m);
    // A column is two minutes of sixty columns: the peak stands near the end, and the count follows it.
    expect(out).toMatch(/^ {2}value {2}▂+█+[▁▂]* * {2}up to 900$/m);
    expect(out).toMatch(/^ {2}count {2}▂+▇?█+[▃-▅]+ {2}up to 6$/m);
    expect(out).toMatch(/ 5 +avg of check\.response_time_ms is 900, target 200: from 1 to 5$/m);
    expect((await run('scaling')).out).not.toContain('by latency');
  });

  it('says so where nothing would have changed, and what is wrong with what was typed', async () => {
    const { out } = await run('scaling', 'dry-run', 'shop/by failures');
    expect(out).toContain('It would have changed nothing: ');
    const unknown = await run('scaling', 'dry-run', 'nosuch');
    expect([unknown.code, unknown.err]).toEqual([
      1,
      expect.stringContaining('There is no scaling rule nosuch.'),
    ]);
    expect((await run('scaling', 'dry-run', 'by failures', '--hours', '99')).err).toContain(
      'at most 72 hours',
    );
  });
});

describe('homeostat releases', () => {
  it('tells that a release began and finished, and lists them', async () => {
    expect((await run('releases', 'list', 'shop')).out).toBe('No release of shop was told.\n');
    const began = await run('releases', 'began', 'shop', 'v42', '--window', '5m', '--slo-target', '99.5');
    expect([began.code, began.out]).toEqual([0, 'shop v42: its pipeline told that it began.\n']);
    const finished = await run('releases', 'finished', 'shop', 'v42');
    expect(finished.out).toBe('shop v42: it finished and is watched for 300 s.\n');
    const { out } = await run('releases', 'list', 'shop');
    expect(out).toMatch(/^v42 +finished +\d+ s ago +admin +it finished and is watched for 300 s/m);
    expect((await run('releases', 'list', 'shop', '--json')).out).toContain('"sloTarget": 99.5');
  });

  it('says what is wrong', async () => {
    expect((await run('releases', 'finished', 'shop', 'v43')).err).toContain('The release v42 is under way');
    expect((await run('releases', 'began', 'nobody', 'v1')).err).toContain('There is no such deployment');
    expect((await run('releases', 'began', 'shop', 'v1', '--max-burn-rate', 'x')).err).toContain(
      'maxBurnRate',
    );
  });
});

describe('homeostat status-pages', () => {
  const file = `checks:
  - {name: site, type: tcp, target: 'a.example.com:1', isPublic: true}
  - {name: office, type: tcp, target: 'a.example.com:1'}
statusPages:
  - slug: shop
    name: Shop status
    isPublished: false
    groups: [{name: Shop, checks: [{name: site}, {name: office}]}]
`;

  it(
    'is applied from a file, exported and applied again without a change; the list tells what nobody sees',
    slow,
    async () => {
      expect((await run('status-pages')).out).toContain('There are no status pages.');
      writeFileSync(join(folder, 'homeostat.yaml'), file);
      expect((await run('validate')).out).toBe(
        'Valid: 0 deployments, 2 checks and 1 status page in 1 file.\n',
      );
      const made = await run('apply');
      expect([made.code, made.out]).toEqual([
        0,
        expect.stringContaining('+ statusPage shop\n    /status/shop, 1 group\n'),
      ]);
      const { out } = await run('status-pages', 'list');
      expect(out).toMatch(/^shop +Shop status +1 check +file +not published$/m);
      expect(out).toContain('shop does not show default/office: it does not say isPublic: true.\n');
      writeFileSync(join(folder, 'homeostat.yaml'), (await run('export', '--managed-by', 'file')).out);
      const again = await run('apply', '--dry-run', '--prune');
      expect([again.code, again.out]).toEqual([0, expect.stringContaining('0 to remove, 3 unchanged.')]);
      writeFileSync(join(folder, 'homeostat.yaml'), '{}');
      expect((await run('apply', '--prune')).out).toContain('- statusPage shop\n');
      expect((await call('GET', '/api/v1/monitoring/status-pages')).json.items).toEqual([]);
    },
  );
});

describe('a file with resources, scaling and policies', () => {
  const file = `deployments:
  - id: till
    resources: [{name: web, type: ecs-service, id: prod/web}]
    scaling:
      - ${rule}
policies:
  - {name: careful, health_remediation: ${healing}}
`;

  it(
    'is judged, applied, exported and applied again without a change; what goes from it is pruned',
    slow,
    async () => {
      writeFileSync(join(folder, 'homeostat.yaml'), file);
      expect((await run('validate')).out).toBe(
        'Valid: 1 deployment, 0 checks, 1 policy and 1 scaling rule in 1 file.\n',
      );
      const dry = await run('apply', '--dry-run');
      expect([dry.code, dry.out]).toEqual([
        2,
        expect.stringContaining('+ scaler till/by latency\n    web, 1 to 6\n'),
      ]);
      const made = await run('apply');
      expect([made.code, made.out]).toEqual([
        0,
        expect.stringContaining('3 created, 0 updated, 0 unchanged.'),
      ]);
      const { out } = await run('export', '--managed-by', 'file');
      expect(out).toContain('    resources:\n      - name: web\n');
      writeFileSync(join(folder, 'homeostat.yaml'), out);
      expect((await run('apply', '--dry-run', '--prune')).out).toContain('0 to remove, 3 unchanged.');
      writeFileSync(
        join(folder, 'homeostat.yaml'),
        file.replace('careful', 'bold').replace('max: 6', 'max: 7'),
      );
      const changed = await run('apply', '--prune');
      expect([changed.code, changed.out]).toEqual([
        0,
        expect.stringContaining('1 created, 1 updated, 1 removed, 1 unchanged.'),
      ]);
      expect(changed.out).toContain('~ scaler till/by latency\n    max: 6 → 7\n');
    },
  );

  it('tells what is owned by the API, and changes nothing of it', slow, async () => {
    const body = { name: 'by hand', compliance_remediation: { enabled: false } };
    await call('POST', '/api/v1/monitoring/policies', { body });
    writeFileSync(
      join(folder, 'homeostat.yaml'),
      'policies:\n  - {name: by hand, compliance_remediation: {}}\n',
    );
    const { code, out } = await run('apply');
    expect([code, out]).toEqual([
      1,
      expect.stringContaining(
        '! policy by hand is managed over the API; change it there, or remove it there first',
      ),
    ]);
  });
});
