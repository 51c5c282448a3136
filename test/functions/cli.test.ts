import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { ApplyRequest } from '../../shared/convergence/index.ts';
import { program, type Ran, runIn, serveApi } from './cli-host.ts';
import { adminToken, type Cloud, startCloud } from './cloud.ts';

const launcher = join(import.meta.dirname, '../../bin/homeostat.mjs');

/** What apply adds about the price: the figure is measured anew from time to time. */
const costLine =
  /^\d+ checks? costs? about [\d.,]+ USD a month in AWS; CloudWatch Synthetics lists [\d.,]+ .*\n/m;

describe('The command line program', { timeout: 60_000 }, () => {
  let cloud: Cloud;
  let api: { readonly url: string; close(): void };
  let folder: string;
  /** How many changes each request to apply carried. */
  const batches: number[] = [];

  beforeEach(async () => {
    cloud = await startCloud();
    // A handler opens its tables once: each test has its own tables, so it has its own handlers.
    vi.resetModules();
    api = await serveApi((path, body) => {
      if (path === '/api/v1/monitoring/apply')
        batches.push((JSON.parse(body) as ApplyRequest).changes.length);
    });
    folder = mkdtempSync(join(tmpdir(), 'homeostat-cli-'));
    batches.length = 0;
    return async () => {
      rmSync(folder, { recursive: true, force: true });
      api.close();
      await cloud.close();
    };
  });

  const withCost = (...args: readonly string[]) =>
    runIn(folder, { HOMEOSTAT_URL: api.url, HOMEOSTAT_TOKEN: adminToken }, args);
  const homeostat = async (...args: readonly string[]): Promise<Ran> => {
    const ran = await withCost(...args);
    return { ...ran, out: ran.out.replace(costLine, '') };
  };
  const file = (text: string, name = 'homeostat.yaml') => writeFileSync(join(folder, name), text);
  const two = `checks:
  - {name: db, type: tcp, target: "db.example:5432", interval: 30s}
deployments:
  - id: shop
    checks:
      - {name: home, type: http, target: "https://shop.example/"}
`;

  it('validates without an API, and refuses naming line and field', async () => {
    file(`${two}logging: {level: warn}\n`);
    expect(await runIn(folder, {}, ['validate'])).toEqual({
      code: 0,
      out: 'Valid: 1 deployment and 2 checks in 1 file.\nAccepted, used by a later version: logging.\n',
      err: '',
    });
    file('checks:\n  - {name: db, type: tcp}\n', 'wrong.yaml');
    expect(await runIn(folder, {}, ['validate', '-f', 'wrong.yaml'])).toEqual({
      code: 1,
      out: '',
      err: 'wrong.yaml:2:5 checks[0].target: This is needed: give a text.\nOne problem in the configuration. Nothing of it is applied until that is mended.\n',
    });
  });

  it('shows what apply would do and changes nothing, with exit code 2; then does it; then has nothing to do', async () => {
    file(two);
    const shown =
      '+ deployment shop\n+ check shop/home\n    http https://shop.example/\n+ check default/db\n    tcp db.example:5432\n';
    expect(await homeostat('apply', '--dry-run')).toEqual({
      code: 2,
      out: `${shown}3 to create, 0 to update, 0 unchanged.\n`,
      err: '',
    });
    expect(await homeostat('apply')).toEqual({
      code: 0,
      out: `${shown}3 created, 0 updated, 0 unchanged.\n`,
      err: '',
    });
    batches.length = 0;
    for (const args of [['apply'], ['apply', '--dry-run', '--prune']]) {
      const { code, out } = await homeostat(...args);
      expect([code, out.replace(/, 0 (to remove|to update|updated)/g, '')]).toEqual([
        0,
        args.length === 1 ? '0 created, 3 unchanged.\n' : '0 to create, 3 unchanged.\n',
      ]);
    }
    expect(batches).toEqual([]);
  });

  it('names each field that changes, and removes only when told to prune', async () => {
    file(two);
    await homeostat('apply');
    file('checks:\n  - {name: db, type: tcp, target: "db.example:5432", interval: 1m, tags: {team: shop}}\n');
    expect(await homeostat('apply')).toEqual({
      code: 0,
      out: '~ check default/db\n    interval: 30 → 60\n    tags.team: not there → "shop"\n0 created, 1 updated, 0 unchanged. 2 no longer in the file stay; --prune removes them.\n',
      err: '',
    });
    expect(await homeostat('apply', '--dry-run', '--prune')).toMatchObject({ code: 2 });
    expect(await homeostat('apply', '--prune')).toEqual({
      code: 0,
      out: '- check shop/home\n- deployment shop\n0 created, 0 updated, 2 removed, 1 unchanged.\n',
      err: '',
    });
    expect(await homeostat('apply', '--prune', '--dry-run')).toMatchObject({ code: 0 });
  });

  it('leaves what the API made alone, says so and ends with 1; the rest is applied', async () => {
    const { call } = await import('./api-client.ts');
    await call('POST', '/api/v1/monitoring/health-checks', {
      body: { name: 'db', type: 'tcp', target: 'other.example:5432', interval: 30 },
    });
    file(two);
    expect(await homeostat('apply', '--prune')).toMatchObject({
      code: 1,
      out: expect.stringContaining(
        '! check default/db is managed over the API; change it there, or remove it there first\n    target: "other.example:5432" → "db.example:5432"\n2 created, 0 updated, 0 removed, 0 unchanged, 1 conflict.\n',
      ),
    });
  });

  it('tells what the stack refuses, in a dry run as well', async () => {
    file(`${two}  - {id: inner, checks: [{name: a, type: tcp, target: "10.0.0.5:22"}]}\n`);
    for (const args of [['apply', '--dry-run'], ['apply']]) {
      const { code, err } = await homeostat(...args);
      expect(code).toBe(1);
      const held =
        args.length === 1
          ? '4 other changes were not made either: mend what was refused and apply again.\n'
          : '';
      expect(err).toBe(
        `check inner/a was refused: The target may not be probed.\n    target: 10.0.0.5 is a private address: list its range in allowedPrivateRanges to allow it.\n${held}`,
      );
    }
    expect((await homeostat('apply', '--dry-run')).out).toContain(
      '4 to create, 0 to update, 0 unchanged, 1 refused.\n',
    );
  });

  it('sends at most a hundred changes a request', async () => {
    const many = (name: string) =>
      Array.from(
        { length: 60 },
        (_, index) => `      - {name: ${name} ${index}, type: tcp, target: "a.example:1"}\n`,
      );
    file(
      `deployments:\n  - id: one\n    checks:\n${many('a').join('')}  - id: two\n    checks:\n${many('b').join('')}`,
    );
    expect((await homeostat('apply', '--dry-run')).out).toContain(
      '122 to create, 0 to update, 0 unchanged.\n',
    );
    expect(Math.max(...batches)).toBeLessThanOrEqual(100);
    batches.length = 0;
    expect((await homeostat('apply')).out).toContain('122 created, 0 updated, 0 unchanged.\n');
    // The first two are the rehearsal; its second brings along the deployment that its checks need.
    expect(batches).toEqual([100, 23, 100, 22]);
    expect((await homeostat('apply')).out).toBe('0 created, 0 updated, 122 unchanged.\n');
  });

  it('exports what applies with an empty difference', async () => {
    file(two);
    await homeostat('apply');
    const { out } = await homeostat('export');
    file(out, 'exported.yaml');
    expect(await homeostat('apply', '-f', 'exported.yaml', '--dry-run', '--prune')).toMatchObject({
      code: 0,
    });
    expect((await homeostat('export', '--deployment', 'shop')).out).not.toContain('db.example');
    expect(await homeostat('export', '--deployment', 'none')).toMatchObject({ code: 1, out: '' });
  });

  it.each([
    [['status', '--deployment', 'shoop'], 'There is no check of shoop. «homeostat status» lists'],
    [['tokens', 'revoke', 'nobody'], 'There is no token nobody. «homeostat tokens list» shows'],
    [
      ['status', '--url', 'localhost'],
      '«localhost» is no address of an API: give one such as http://127.0.0.1:3007',
    ],
    [['permissions', '--assembly', 'absent'], 'absent is no assembly: it holds 0 templates'],
  ])('says what to do about a name that is not there: %j', async (args, sentence) => {
    const { code, err } = await homeostat(...args);
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining(sentence) });
    expect(err).not.toMatch(/^ {4}at /m);
  });

  it('ends without a word when whoever reads has enough', async () => {
    writeFileSync(join(folder, 'homeostat.yaml'), '');
    const child = spawn(process.execPath, [program, 'validate'], { cwd: folder, env: { PATH: '' } });
    // Closed before anything was written, as by `| true`.
    child.stdout.destroy();
    let err = '';
    child.stderr.on('data', (chunk) => {
      err += chunk;
    });
    await new Promise((resolve) => child.once('close', resolve));
    expect(err).toBe('');
  });

  it('shows the status of every check, ends with 2 while one is not healthy, and leaves paused ones out', async () => {
    expect(await homeostat('status')).toMatchObject({
      code: 0,
      out: expect.stringContaining('Nothing is watched yet'),
    });
    file(two);
    await homeostat('apply');
    const { code, out } = await homeostat('status');
    expect(code).toBe(2);
    expect(out).toMatch(/^STATUS +CHECK +TARGET +RESPONSE +CHECKED +REASON\n/);
    expect(out).toMatch(/\? unknown {2}default\/db +tcp db\.example:5432 +– +not yet {2}not scheduled yet\n/);
    expect(out).toMatch(/\n2 checks: 2 unknown\.\n$/);
    expect(JSON.parse((await homeostat('status', '--json')).out)).toMatchObject([
      { name: 'db', status: 'unknown' },
      { name: 'home', status: 'unknown' },
    ]);
    file(`enabled: false\n${two}`);
    await homeostat('apply');
    const paused = await homeostat('status');
    expect([paused.code, paused.out]).toEqual([0, expect.stringMatching(/\n2 checks: 2 paused\.\n$/)]);
    expect(paused.out).toMatch(/– paused {2}default\/db +tcp db\.example:5432 +– +not yet *\n/);
  });

  it('colours only where it is wanted', async () => {
    file(two);
    const environment = { HOMEOSTAT_URL: api.url, HOMEOSTAT_TOKEN: adminToken };
    const coloured = async (extra: Readonly<Record<string, string>>) =>
      (await runIn(folder, { ...environment, ...extra }, ['apply', '--dry-run'])).out.includes('\u001b[32m+');
    expect(await coloured({})).toBe(false);
    expect(await coloured({ FORCE_COLOR: '1' })).toBe(true);
    expect(await coloured({ FORCE_COLOR: '1', NO_COLOR: '1' })).toBe(false);
  });

  it('makes a token that works until it is revoked, and shows it alone on the standard output', async () => {
    const made = await homeostat(
      'tokens',
      'create',
      '--name',
      'ci',
      '--scopes',
      'read,write',
      '--expires-in-days',
      'never',
    );
    expect(made).toMatchObject({ code: 0, err: expect.stringContaining('never expires') });
    expect(made.out).toMatch(/^hst_\S+\n$/);
    const token = made.out.trim();
    const withIt = (...args: readonly string[]) =>
      runIn(folder, {}, [...args, '--url', api.url, '--token', token]);
    expect(await withIt('status')).toMatchObject({ code: 0 });
    expect(await withIt('tokens', 'list')).toMatchObject({
      code: 1,
      err: expect.stringContaining('Use a token with that scope'),
    });
    const listed = await homeostat('tokens', 'list');
    expect(listed.out).toMatch(
      /ID +NAME +SCOPES +DEPLOYMENTS +LAST USED +VALID\n\S+ +ci +read,write +all +.* never expires\n/,
    );
    expect(listed.out).not.toContain(token);
    const [{ id }] = JSON.parse((await homeostat('tokens', 'list', '--json')).out);
    expect(await homeostat('tokens', 'revoke', id)).toMatchObject({ code: 0 });
    expect((await homeostat('tokens', 'list')).out).toContain('revoked ');
    expect(await homeostat('tokens', 'create', '--name', 'x', '--scopes', 'everything')).toEqual({
      code: 1,
      out: '',
      err: 'There is no scope everything. Give some of read, write, operate, ingest, admin.\n',
    });
  });

  it('takes the token that the host on this machine keeps, and sends it to no other machine (fault 29)', async () => {
    mkdirSync(join(folder, '.homeostat'));
    writeFileSync(join(folder, '.homeostat/admin-token'), `${adminToken}\n`, { mode: 0o600 });
    expect(await runIn(folder, {}, ['status', '--url', api.url])).toMatchObject({ code: 0 });
    const away = await runIn(folder, {}, ['status', '--url', 'https://homeostat.example']);
    expect(away).toEqual({
      code: 1,
      out: '',
      err: 'A token is needed for https://homeostat.example: set HOMEOSTAT_TOKEN, or give --token. The administrator makes one with «homeostat tokens create».\n',
    });
  });

  it('says what to do when nothing answers or the token is wrong', async () => {
    const port = new URL(api.url).port;
    expect(await runIn(folder, { PORT: port, HOMEOSTAT_TOKEN: 'wrong' }, ['status'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('Check HOMEOSTAT_TOKEN or --token'),
    });
    api.close();
    const { code, err } = await homeostat('status');
    expect(code).toBe(1);
    expect(err).toMatch(
      /does not answer: connect ECONNREFUSED .*\nIs Homeostat running\? Start it with «npm start», or name another with --url or HOMEOSTAT_URL\.\n$/,
    );
  });
});

describe('The launcher', () => {
  it('starts the program and hands its exit code on', async () => {
    const folder = tmpdir();
    const { code, out } = await runIn(folder, {}, ['--help'], launcher);
    expect(code).toBe(0);
    expect(out).toContain('Exit codes:');
    expect(out).toContain('homeostat apply --dry-run --prune');
    expect(await runIn(folder, {}, ['aply'], launcher)).toMatchObject({
      code: 1,
      err: expect.stringContaining('Did you mean apply?'),
    });
  });
});
