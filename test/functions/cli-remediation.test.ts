import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call } from './api-client.ts';
import { type Ran, runIn, serveApi } from './cli-host.ts';
import { adminToken, type Cloud, startCloud } from './cloud.ts';
import { planFor, putPlan } from './plan-item.ts';

let cloud: Cloud;
let api: { readonly url: string; close(): void };
beforeAll(async () => {
  cloud = await startCloud();
  cloud.invoked = () => planFor();
  api = await serveApi();
  const resources = [{ name: 'web', type: 'ecs-service', id: 'main/web' }];
  await call('POST', '/api/monitoring/register', { body: { deploymentId: 'shop', resources } });
});
afterAll(async () => {
  api.close();
  await cloud.close();
});

const run = (...args: readonly string[]): Promise<Ran> =>
  runIn(tmpdir(), { HOMEOSTAT_URL: api.url, HOMEOSTAT_TOKEN: adminToken, NO_COLOR: '1' }, args);

describe('homeostat remediate', () => {
  it('shows the plan, and what to do now', async () => {
    const { code, out } = await run(
      'remediate',
      'shop',
      'scale',
      '--resource',
      'web',
      '--param',
      'desired=4',
    );
    expect(code).toBe(0);
    expect(out).toContain('Set main/web from 2 to 4 tasks.');
    expect(out).toMatch(/before {2}\{"desired":2/);
    expect(out).toMatch(/undo {4}ecs-scale \{"desired":2\}/);
    const id = /^Plan ([0-9a-f]{64})/m.exec(out)?.[1] ?? '';
    expect(out).toContain(`It waits for approval: «homeostat plans approve ${id.slice(0, 12)}»`);
  });

  it('as a dry run keeps nothing', async () => {
    const { out } = await run('remediate', 'shop', 'restart', '--dry-run');
    expect(out).toContain('Nothing was kept and nothing starts: this was a dry run.');
    const id = /^Plan ([0-9a-f]{64})/m.exec(out)?.[1] ?? '';
    expect((await run('remediations', 'show', id)).err).toContain(`There is no remediation ${id}`);
  });

  it('says what is wrong with what was typed', async () => {
    expect((await run('remediate', 'shop', 'dance')).err).toContain('Allowed choices are fix-drift');
    expect((await run('remediate', 'shop', 'scale', '--param', 'four')).err).toContain(
      '«four» is no parameter: write name=value, such as desired=4.',
    );
    const unclear = await run('remediate', 'shop', 'restart', '--resource', 'nosuch');
    expect([unclear.code, unclear.err]).toEqual([
      1,
      expect.stringContaining('Name one of its resources: web.'),
    ]);
  });
});

describe('homeostat remediations and plans', () => {
  it('lists what waits, approves it by the beginning of its hash, and shows its record', async () => {
    const { plan } = await putPlan(cloud.state);
    const short = plan.hash.slice(0, 12);
    const listed = await run('remediations');
    expect(listed.out).toMatch(new RegExp(`^${short} {2}waiting +error +shop`, 'm'));
    const approved = await run('plans', 'approve', short, '--comment', 'seen');
    expect([approved.code, approved.out]).toEqual([
      0,
      `web answers 503: approved by admin. It is approved. «homeostat remediations show ${short}» tells how it goes.\n`,
    ]);
    const { out } = await run('remediations', 'show', short);
    expect(out).toMatch(/^approved {2}web answers 503$/m);
    expect(out).toMatch(/approved by admin, \d{4}-/);
    expect(out).toMatch(/ approved +admin +seen$/m);
  });

  it('rejects, cancels, and says why what is over cannot be undone', async () => {
    const one = (await putPlan(cloud.state)).plan.hash;
    expect((await run('plans', 'reject', one)).out).toBe(
      'web answers 503: rejected, and nothing is changed.\n',
    );
    const other = (await putPlan(cloud.state)).plan.hash;
    expect((await run('remediations', 'cancel', other)).out).toContain('is cancelled: nothing was changed.');
    const undone = await run('remediations', 'undo', other);
    expect([undone.code, undone.err]).toEqual([
      1,
      expect.stringContaining('It changed nothing: there is nothing to undo.'),
    ]);
  });

  it('says so of an id that names none', async () => {
    for (const id of ['nosuch', 'abcdef', 'f'.repeat(64)])
      expect((await run('remediations', 'show', id)).err).toContain(`There is no remediation ${id}`);
  });
});

describe('homeostat stop', () => {
  it('stops everything, tells so, and lets it run again', async () => {
    expect((await run('stop', '--reason', 'the sale')).out).toMatch(/^Stopped by admin, .* UTC: the sale\. /);
    expect((await run('stop', '--status', '--json')).out).toContain('"isOn": true');
    expect((await run('stop', '--resume')).out).toMatch(/^Not stopped: /);
  });
});

describe('homeostat explain', () => {
  it('tells of an imagined finding what would be done, and what each policy says', async () => {
    const policy = {
      name: 'healing',
      selector: { deployments: ['shop'] },
      health_remediation: { unhealthy_service: { action: 'restart' } },
    };
    expect((await call('POST', '/api/v1/monitoring/policies', { body: policy })).status).toBe(201);
    const { code, out, err } = await run(
      ...['explain', '--deployment', 'shop', '--kind', 'unhealthy', '--resource', 'web'],
    );
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/^healing +yes /m);
  });

  it('asks for what it needs', async () => {
    expect((await run('explain')).err).toContain('Give the id of a finding, or imagine one');
    expect((await run('explain', 'x', '--kind', 'drift')).err).toContain('not both');
  });
});
