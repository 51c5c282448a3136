import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { bootstrapTarget, cdkFor, type Finished, region } from './cdk.ts';
import { consoleHeaders, contentTypes, fetchAll, namedIn } from './console.ts';
import { type Answer, apiAt, loopback, openHttpTarget, openTcpTarget } from './http.ts';
import { type Ministack, startMinistack } from './ministack.ts';
import { createGroup, executionOf, instancesInGroup, keepOrchestratorKey, openService } from './remedies.ts';

type Outputs = {
  ConsoleUrl: string;
  ApiUrl: string;
  AdminTokenCommand: string;
  SecretsPath: string;
  StateTableName: string;
  TelemetryTableName: string;
};
type Resource = { Type: string; DeletionPolicy?: string; Properties?: Record<string, unknown> };
type Check = {
  status: string;
  reason: string | null;
  lastChecked: string | null;
  statusSince: string | null;
};

const v1 = '/api/v1/monitoring';
const checksPath = `${v1}/health-checks`;
const ok = ({ code, output }: Finished): string => {
  if (code !== 0) throw new Error(output);
  return output;
};
const fieldOf = (answer: Answer, field: string): string =>
  String((answer.body as Record<string, unknown>)[field]);

type Remediation = { id: string; status: string };

/** Ten-second checks, first failure counts: a change shows after at most one slot, its delivery and its run. */
const fast = { interval: '10s', timeout: 2, retries: 0, failureThreshold: 1, successThreshold: 1 };
const changeWithin = { timeout: 90_000, interval: 1000 };

/** In order, each step on what the one before left, as an operator would go through it. */
describe('The stack, deployed with the CDK CLI into an AWS emulator', () => {
  const folder = mkdtempSync(join(tmpdir(), 'homeostat-deploy-'));
  const app = ['--app', 'node test/deploy/app.ts'];
  let emulator: Ministack;
  let cdk: ReturnType<typeof cdkFor>;
  let outputs: Outputs;
  let call: ReturnType<typeof apiAt>;
  let token: string;
  let webCheck: string;
  let definedAt: number;

  const deploy = async (): Promise<string> => {
    const file = join(folder, 'outputs.json');
    const output = ok(await cdk('deploy', '--require-approval', 'never', '--outputs-file', file, ...app));
    outputs = JSON.parse(readFileSync(file, 'utf8')).Homeostat;
    return output;
  };
  const template = (): Record<string, Resource> =>
    JSON.parse(readFileSync(join(folder, 'cdk.out/Homeostat.template.json'), 'utf8')).Resources;
  const settings = () => ({
    endpoint: emulator.endpoint,
    region,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const client = <C>(make: new (options: object) => C): C => new make(settings());
  const tableNames = async () => (await client(DynamoDBClient).send(new ListTablesCommand({}))).TableNames;

  beforeAll(async () => {
    // What is in its buckets lies on disk, where a file stays that nobody deletes, also when its bucket goes.
    emulator = await startMinistack(folder, { S3_PERSIST: '1' });
    cdk = cdkFor(emulator.endpoint, folder);
    ok(await cdk('bootstrap', bootstrapTarget, ...app));
    await deploy();
    call = apiAt(outputs.ApiUrl, emulator.endpoint);
  });
  afterEach(({ task }) => {
    if (task.result?.state === 'fail')
      console.error(`The emulator said last:\n${emulator.log().slice(-4000)}`);
  });
  afterAll(async () => {
    await emulator?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('is refused before anything is made when an operator would let it probe loopback (fault 27)', async () => {
    const refused = await cdk('synth', '--quiet', '-c', 'homeostat.allowedPrivateRanges=127.0.0.0/8');
    expect(refused.code).not.toBe(0);
    expect(refused.output).toContain('homeostat.allowedPrivateRanges: 127.0.0.0/8 can never be allowed');
  });

  it('hands out the first admin token as its output says, and answers nobody without it', async () => {
    const named = /--region (\S+) --secret-id (\S+) --query SecretString/.exec(outputs.AdminTokenCommand);
    expect(named?.[1]).toBe(region);
    const secret = await client(SecretsManagerClient).send(
      new GetSecretValueCommand({ SecretId: named?.[2] }),
    );
    token = secret.SecretString ?? '';
    expect(token).toMatch(/^[\x21-\x7e]{48}$/);
    // The emulator generates punctuation all the same; Secrets Manager does not.
    expect(template().AdminToken?.Properties?.GenerateSecretString).toMatchObject({
      ExcludePunctuation: true,
    });
    expect(await call(undefined, 'GET', '/api/v1/monitoring/health/live')).toMatchObject({ status: 200 });
    // Without any Authorization header the emulator answers 401 by itself, where AWS asks our authorizer.
    expect(await call(undefined, 'GET', checksPath)).toMatchObject({ status: 401 });
    expect(await call(`${token}x`, 'GET', checksPath)).toMatchObject({
      status: 401,
      headers: { 'content-type': expect.stringContaining('application/problem+json') },
    });
    expect(await call(token, 'GET', checksPath)).toMatchObject({ status: 200, body: { items: [] } });
  });

  /** As a browser does over TLS, for which the emulator takes the header of whoever ends TLS before it. */
  const visitor = (more: Readonly<Record<string, string>> = {}) =>
    apiAt(outputs.ConsoleUrl, emulator.endpoint, { 'x-forwarded-proto': 'https', ...more });

  it('serves the console under its policy: index.html asked for anew each time, what it names kept for good (fault 28)', async () => {
    const visit = visitor();
    const page = await visit(undefined, 'GET', '/');
    expect(page).toMatchObject({
      status: 200,
      headers: { ...consoleHeaders, 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache' },
      body: expect.stringContaining('<div id="console"></div>'),
    });
    const files = await fetchAll(visit, namedIn(page.body));
    // A script and a style of the first page, and then some for each page that is loaded when it is first looked at.
    expect(files.size).toBeGreaterThan(20);
    for (const [path, { status, headers, body }] of files) {
      const type = contentTypes[path.split('.').at(-1) ?? ''];
      expect([path, status, headers['content-type'], body === '']).toEqual([path, 200, type, false]);
      expect(headers).toMatchObject(consoleHeaders);
      const keptFor = path.startsWith('/assets/')
        ? 'public, max-age=31536000, immutable'
        : 'public, max-age=3600';
      expect(headers['cache-control']).toBe(keptFor);
    }
    // S3 answers 404 to who may list, as the distribution may; the emulator answers everybody 403. The page it never is.
    const missing = await visit(undefined, 'GET', '/assets/index-00000000.js');
    expect([missing.status, missing.headers['content-type']]).toEqual([403, 'application/xml']);
  });

  it('answers at that address for the API too, over TLS only, and leads there from the address of the API', async () => {
    const visit = visitor();
    expect(await visit(undefined, 'GET', `${v1}/health`)).toMatchObject({ status: 200 });
    expect(await visit(undefined, 'GET', '/openapi.json')).toMatchObject({
      status: 200,
      body: { info: { title: 'Homeostat' } },
    });
    const docs = await visit(undefined, 'GET', '/docs');
    expect([docs.status, docs.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    // Its own policy, by hashes: that of the console would not let it run.
    expect(docs.headers['content-security-policy']).toMatch(/script-src 'sha256-/);
    for (const path of ['/metrics', '/v1/metrics', checksPath])
      expect((await visit(undefined, 'GET', path)).headers['content-type'], path).toMatch(/json/);
    expect(await visit(`${token}x`, 'GET', checksPath)).toMatchObject({
      status: 401,
      body: { code: 'UNAUTHENTICATED' },
    });
    expect(await visit(token, 'GET', `${checksPath}/nothing`)).toMatchObject({
      status: 404,
      headers: { 'content-type': expect.stringContaining('application/problem+json') },
    });
    expect(await call(undefined, 'GET', '/')).toMatchObject({
      status: 302,
      headers: { location: `${outputs.ConsoleUrl}/` },
    });
    const inTheClear = visitor({ 'x-forwarded-proto': 'http' });
    expect(await inTheClear(undefined, 'GET', '/')).toMatchObject({
      status: 301,
      headers: { location: `${outputs.ConsoleUrl}/` },
    });
    expect(await inTheClear(token, 'GET', checksPath)).toMatchObject({ status: 403 });
  });

  it('lets a person define a check and a status page at that address, which then anybody reads and a cache may keep', async () => {
    const visit = visitor();
    const check = { name: 'front', type: 'tcp', target: `${loopback}:9`, isPublic: true };
    const made = await visit(token, 'POST', checksPath, check);
    expect(made).toMatchObject({ status: 201, body: { name: 'front', isPublic: true } });
    const page = {
      slug: 'site',
      name: 'Our site',
      groups: [{ name: 'All', checks: [{ name: 'front', label: 'Front door' }] }],
    };
    expect(await visit(token, 'POST', `${v1}/status-pages`, page)).toMatchObject({ status: 201 });

    const shown = async () => String((await visit(undefined, 'GET', '/status/site')).body);
    await expect.poll(shown, changeWithin).toContain('Front door');
    const { status, headers } = await visit(undefined, 'GET', '/status');
    expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect(headers['cache-control']).toMatch(/^public, max-age=30, /);
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-/);
    const again = await visitor({ 'if-none-match': String(headers.etag) })(undefined, 'GET', '/status');
    expect([again.status, again.body]).toEqual([304, '']);
    expect(await visit(undefined, 'GET', '/status/site/summary.json')).toMatchObject({ status: 200 });
    // The month is the one thing of a query that reaches it.
    expect(await visit(undefined, 'GET', '/status/site/history?month=2026-13')).toMatchObject({
      status: 404,
    });
    expect(await visit(undefined, 'GET', '/status/site/history?page=2')).toMatchObject({ status: 200 });
    for (const path of ['/', '/status'])
      expect((await visit(token, 'POST', path, {})).status, path).toBe(403);

    expect(await visit(token, 'DELETE', `${v1}/status-pages/site`)).toMatchObject({ status: 204 });
    expect(await visit(token, 'DELETE', `${checksPath}/${fieldOf(made, 'id')}`)).toMatchObject({
      status: 204,
    });
  });

  it('watches a deployment: targets turn healthy, one that closes turns unhealthy, and back', async () => {
    const web = await openHttpTarget();
    const port = await openTcpTarget();
    const registered = await call(token, 'POST', '/api/monitoring/register', {
      deploymentId: 'shop',
      blueprintId: 'web-shop',
      environment: 'production',
      monitoringConfig: {
        healthChecks: true,
        driftDetection: false,
        costMonitoring: false,
        complianceMonitoring: false,
      },
    });
    expect(registered.status).toBe(201);
    const define = async (type: string, target: string): Promise<string> => {
      const made = await call(token, 'POST', checksPath, {
        deploymentId: 'shop',
        name: type,
        type,
        target,
        ...fast,
      });
      expect(made).toMatchObject({ status: 201, body: { status: 'unknown', interval: 10 } });
      return fieldOf(made, 'id');
    };
    definedAt = Date.now();
    webCheck = await define('http', `http://${loopback}:${web.port}/`);
    const portCheck = await define('tcp', `${loopback}:${port.port}`);
    const standing = async (id: string) => (await call(token, 'GET', `${checksPath}/${id}`)).body as Check;
    const statuses = async () => [(await standing(webCheck)).status, (await standing(portCheck)).status];

    await expect.poll(statuses, changeWithin).toEqual(['healthy', 'healthy']);
    await port.close();
    await expect.poll(statuses, changeWithin).toEqual(['healthy', 'unhealthy']);
    expect((await standing(portCheck)).reason).toMatch(/refused/i);

    const status = await call(token, 'GET', '/api/monitoring/deployments/shop');
    expect(status.body).toMatchObject({
      deploymentId: 'shop',
      status: 'unhealthy',
      drift: { detected: null, lastCheck: null },
      cost: { current: null, budget: null, trend: 'unknown' },
      compliance: { score: null, violations: null },
    });

    // Nobody defined a rule: the built-in one tells, through the queue that is first in, first out and five seconds late.
    const incidents = async () => {
      const { body } = await call(token, 'GET', '/api/v1/monitoring/incidents?deploymentId=shop');
      return (body as { items: { status: string; severity: string }[] }).items.map(
        ({ status: stands, severity }) => `${stands} ${severity}`,
      );
    };
    await expect.poll(incidents, changeWithin).toEqual(['open critical']);

    const again = await openTcpTarget(port.port);
    web.answer.status = 503;
    await expect.poll(statuses, changeWithin).toEqual(['unhealthy', 'healthy']);
    const seen = await call(token, 'GET', `${checksPath}/${portCheck}/results`);
    const results = (seen.body as { items: { at: string; status: string }[] }).items;
    expect(results.map((result) => result.status)).toEqual(expect.arrayContaining(['healthy', 'unhealthy']));
    expect(results.map(({ at }) => at)).toEqual(
      results
        .map(({ at }) => at)
        .sort()
        .reverse(),
    );
    await Promise.all([again.close(), web.close()]);
  });

  const posted = async (path: string, body: object): Promise<Answer['body']> => {
    const answer = await call(token, 'POST', path, body);
    expect([200, 201, 202], JSON.stringify(answer.body)).toContain(answer.status);
    return answer.body;
  };
  const remediation = async (id: string) =>
    (await call(token, 'GET', `${v1}/remediations/${id}`)).body as Remediation;
  const recorded = async (id: string): Promise<readonly string[]> => {
    const { body } = await call(token, 'GET', `${v1}/remediations/${id}/log?limit=200`);
    return (body as { items: { kind: string }[] }).items.map(({ kind }) => kind);
  };

  it('heals: what fails is deployed again by the orchestrator, verified by its check, and closed', async () => {
    await keepOrchestratorKey(settings(), outputs.SecretsPath);
    const { service, orchestrator, asked, close } = await openService();
    const url = `http://${loopback}:${orchestrator.port}/`;
    await posted('/api/monitoring/register', {
      deploymentId: 'orders',
      environment: 'production',
      resources: [
        { name: 'web', type: 'orchestrator', id: 'orders/web', settings: { url, action: 'run_templates' } },
      ],
    });
    await posted(`${v1}/policies`, {
      name: 'healing',
      selector: { deployments: ['orders'] },
      health_remediation: { unhealthy_service: { action: 'webhook', wait: '10s' } },
    });
    await posted(checksPath, {
      deploymentId: 'orders',
      name: 'web',
      type: 'http',
      target: `http://${loopback}:${service.port}/`,
      ...fast,
    });
    const status = async () =>
      ((await call(token, 'GET', '/api/monitoring/deployments/orders')).body as { status: string }).status;
    await expect.poll(status, changeWithin).toBe('healthy');
    service.answer.status = 503;

    const remediations = async () => {
      const { body } = await call(token, 'GET', `${v1}/remediations?deploymentId=orders`);
      return (body as { items: Remediation[] }).items;
    };
    await expect.poll(remediations, changeWithin).toMatchObject([{ status: 'succeeded' }]);
    expect(asked).toEqual(['run_templates']);
    const [healed] = await remediations();
    const id = healed?.id ?? '';
    expect(await remediation(id)).toMatchObject({ attempt: 1, madeBy: 'policy:healing', holds: [] });
    expect(await recorded(id)).toEqual(expect.arrayContaining(['planned', 'applied', 'verified', 'ended']));
    const execution = () => executionOf(settings(), 'heal', id);
    await expect.poll(execution, changeWithin).toMatchObject({ status: 'SUCCEEDED' });
    const { entered } = await execution();
    // Between the last two it may look again.
    const states = 'Settle Gate MayItGoOn Apply WasItApplied WaitForService Verify DidItHelp';
    expect(entered.slice(0, 8).join(' ')).toBe(states);
    expect(entered.at(-1)).toBe('Close');
    expect(entered.filter((state) => state === 'Apply')).toHaveLength(1);
    await expect.poll(status, changeWithin).toBe('healthy');
    await close();
  });

  it('scales when a person approves: the execution waits with a token, and then the group really changes', async () => {
    await createGroup(settings());
    expect(await instancesInGroup(settings())).toBe(2);
    await posted('/api/monitoring/register', {
      deploymentId: 'batch',
      environment: 'production',
      resources: [{ name: 'workers', type: 'auto-scaling-group', id: 'workers' }],
    });
    const wish = { action: 'scale', resource: 'workers', params: { desired: 3 } };
    const { planHash: id } = (await posted('/api/monitoring/remediate/batch', wish)) as { planHash: string };
    const entered = async () => (await executionOf(settings(), 'scale', id)).entered;
    await expect.poll(entered, changeWithin).toEqual(['Gate', 'MayItGoOn', 'AskPeople']);
    await expect.poll(() => recorded(id), changeWithin).toContain('asked');
    expect(await remediation(id)).toMatchObject({ status: 'waiting' });
    expect(await instancesInGroup(settings())).toBe(2);

    await posted(`${v1}/plans/${id}/approve`, { comment: 'go on' });
    await expect.poll(() => remediation(id), changeWithin).toMatchObject({ status: 'succeeded' });
    expect(await instancesInGroup(settings())).toBe(3);
    expect(await recorded(id)).toEqual(expect.arrayContaining(['asked', 'approved', 'call', 'verified']));
    await expect
      .poll(() => executionOf(settings(), 'scale', id), changeWithin)
      .toMatchObject({ status: 'SUCCEEDED' });
    expect((await entered()).slice(2, 6)).toEqual(['AskPeople', 'Gate', 'MayItGoOn', 'Apply']);
  });

  it('is the same after a second deploy, and the diff is empty', async () => {
    const before = outputs;
    expect(await deploy()).toContain('(no changes)');
    expect(outputs).toEqual(before);
    expect(ok(await cdk('diff', '--fail', ...app))).toContain('There were no differences');
    expect(await call(token, 'GET', checksPath)).toMatchObject({ body: { items: [{}, {}, {}] } });
  });

  it('goes on by itself: each minute the schedule has the slots of the next one sent', async () => {
    // A new shard gets its slots up to the end of the next minute from the projector; from there on only by ticks.
    const firstOfTicks = (Math.floor(definedAt / 60_000) + 2) * 60_000;
    const newestAt = async () => {
      const { body } = await call(token, 'GET', `${checksPath}/${webCheck}/results?limit=1`);
      return Date.parse((body as { items: { at: string }[] }).items[0]?.at ?? '');
    };
    // The emulator counts its minutes from when it made the schedule and lets them drift, so that a minute may have no tick
    // of its own, and its slots are never sent; the one after has.
    // Most of that time has gone with what was tried before.
    const within = { timeout: Math.max(firstOfTicks + 165_000 - Date.now(), 10_000), interval: 2000 };
    await expect.poll(newestAt, within).toBeGreaterThanOrEqual(firstOfTicks);
  });

  it('leaves its two tables, and nothing else, when it is destroyed: the files of the console are taken out of their bucket first', async () => {
    const kept = Object.values(template())
      .filter(({ DeletionPolicy }) => DeletionPolicy !== undefined && DeletionPolicy !== 'Delete')
      .map(({ Type }) => Type);
    expect(kept).toEqual(['AWS::DynamoDB::Table', 'AWS::DynamoDB::Table']);
    // S3 would keep a bucket with a file in it; the emulator throws it away, but leaves the file on disk.
    const files = () =>
      readdirSync(join(folder, 's3'), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && entry.parentPath.includes('consolefiles'))
        .map(({ name }) => name);
    expect(files()).toContain('index.html');
    ok(await cdk('destroy', '--force', ...app));
    expect(files()).toEqual([]);
    expect(await tableNames()).toEqual([outputs.StateTableName, outputs.TelemetryTableName].sort());
    expect(ok(await cdk('diff', ...app))).toContain('AWS::DynamoDB');
    expect((await call(token, 'GET', '/api/v1/monitoring/health/live')).status).not.toBe(200);
    // Without a distribution of that name the emulator answers as S3 does.
    expect((await visitor()(undefined, 'GET', '/')).body).not.toContain('id="console"');
  });
});
