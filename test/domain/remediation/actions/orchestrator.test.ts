import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { DeploymentResource } from '../../../../shared/catalog/index.ts';
import { machinePorts } from './beyond-aws.ts';
import { applied, planned, planOne, verified } from './planned.ts';

/** The team's own orchestrator: answers as it is told, and keeps what it was asked. */
const asked: { readonly headers: IncomingHttpHeaders; readonly body: string }[] = [];
let answers: { readonly status: number; readonly body?: unknown }[] = [];
const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    asked.push({ headers: request.headers, body: Buffer.concat(chunks).toString('utf8') });
    const { status, body } = answers.shift() ?? { status: 204 };
    if (status === 0) request.socket.destroy();
    else response.writeHead(status).end(body === undefined ? undefined : JSON.stringify(body));
  });
});
let orchestratorUrl: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  orchestratorUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?token=\${secret:TOKEN}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  asked.length = 0;
  answers = [];
});

const secrets = { TOKEN: 'token-in-the-url', ORCHESTRATOR_KEY: 'old-key', NEW_KEY: 'new-key' };
const resource: DeploymentResource = {
  name: 'rollout',
  type: 'orchestrator',
  id: 'shop-production',
  settings: { action: 'roll_back' },
};
const portsHere = () => machinePorts({ secrets, orchestratorUrl });
const rolledBack = async (...told: typeof answers) => {
  answers = told;
  const { ports, calls } = portsHere();
  const plan = await planned(ports, 'webhook', resource, { params: { version: '1.4' } });
  return { ports, calls, plan, receipt: await applied(ports, plan) };
};

describe("a webhook to the team's own orchestrator", () => {
  test('says what to do and to what, is signed over instant and body, and carries a key for doing it once', async () => {
    await rolledBack({ status: 202 });
    const [{ headers, body } = { headers: {}, body: '' }] = asked;
    expect(JSON.parse(body)).toEqual({
      schema: 'homeostat.orchestrator-request/1',
      id: 'ab'.repeat(32),
      at: '2026-01-01T00:00:00.000Z',
      action: 'roll_back',
      resource: { name: 'rollout', id: 'shop-production' },
      params: { version: '1.4' },
    });
    expect(headers).toMatchObject({
      'idempotency-key': 'ab'.repeat(32),
      'x-homeostat-delivery': 'ab'.repeat(32),
      'x-homeostat-kind': 'roll_back',
    });
    const signature = createHmac('sha256', 'old-key').update(`1767225600.${body}`).digest('hex');
    expect(headers['x-homeostat-signature']).toBe(`t=1767225600,v1=${signature}`);
  });

  test('is signed by each key that the settings name, while a key is changed', async () => {
    const { ports } = portsHere();
    const settings = { ...resource.settings, keys: 'NEW_KEY, ORCHESTRATOR_KEY' };
    await applied(ports, await planned(ports, 'webhook', { ...resource, settings }));
    expect(asked[0]?.headers['x-homeostat-signature']).toMatch(/^t=\d+,v1=[0-9a-f]{64},v1=[0-9a-f]{64}$/);
  });

  test.each([
    { status: 400, name: 'ActionRefused' },
    { status: 403, name: 'ActionRefused' },
    { status: 302, name: 'Error' },
    { status: 408, name: 'Error' },
    { status: 429, name: 'Error' },
    { status: 500, name: 'Error' },
    { status: 0, name: 'Error' },
  ])('that is answered with $status (0: not at all) ends with $name', async ({ status, name }) => {
    await expect(rolledBack({ status })).rejects.toMatchObject({ name });
    expect(asked).toHaveLength(1);
  });

  test('whose address may not be reached is refused', async () => {
    const { ports } = machinePorts({ secrets, orchestratorUrl, allowedPrivateRanges: '' });
    const plan = await planned(ports, 'webhook', resource);
    await expect(applied(ports, plan)).rejects.toMatchObject({
      name: 'ActionRefused',
      message: expect.stringContaining('allowedPrivateRanges'),
    });
    expect(asked).toEqual([]);
  });

  test('shows no secret in its plan, its record or its failure', async () => {
    answers = [{ status: 400, body: { echo: 'token-in-the-url' } }];
    const { ports, calls } = portsHere();
    const plan = await planned(ports, 'webhook', resource);
    const failure = await applied(ports, plan).catch((error: Error) => error.message);
    expect(failure).toContain('the orchestrator answered 400');
    expect(JSON.stringify({ plan, calls, failure })).not.toMatch(/token-in-the-url|old-key/);
  });

  test.each([
    { answer: { status: 204 }, state: 'verified' },
    { answer: { status: 200, body: { status: 'succeeded' } }, state: 'verified' },
    { answer: { status: 200, body: { status: 'failed' } }, state: 'failed' },
  ])('that was taken with $answer is $state', async ({ answer, state }) => {
    const { ports, plan, receipt } = await rolledBack(answer);
    expect(await verified(ports, plan, receipt)).toMatchObject({ state });
    expect(asked).toHaveLength(1);
  });

  test.each([
    { now: { status: 'in_progress' }, state: 'pending' },
    { now: { status: 'succeeded' }, state: 'verified' },
    { now: { status: 'failed', reason: 'no such version' }, state: 'failed' },
  ])('that takes its time is asked for the status until it is over: $now.status', async ({ now, state }) => {
    const { ports, plan, receipt } = await rolledBack({ status: 202, body: { status: 'in_progress' } });
    answers = [{ status: 200, body: now }];
    const verdict = await verified(ports, plan, receipt);
    expect(verdict).toMatchObject({ state, reason: expect.stringContaining(now.reason ?? now.status) });
    expect(JSON.parse(asked[1]?.body ?? '')).toMatchObject({
      action: 'deployment_status',
      params: { of: 'ab'.repeat(32) },
    });
  });

  test.each([
    {
      why: 'nobody says what to do',
      settings: undefined,
      url: 'https://example.com',
      says: 'say what the orchestrator shall do',
    },
    { why: 'there is none', settings: { action: 'roll_back' }, url: '', says: 'set `orchestratorUrl`' },
  ])('is refused where $why', async ({ settings, url, says }) => {
    const { ports } = machinePorts({ secrets, orchestratorUrl: url });
    await expect(planOne(ports, 'webhook', { ...resource, settings })).rejects.toThrow(says);
  });
});

describe('how many checks Homeostat looks at side by side', () => {
  const own = { name: 'probes', type: 'probe-concurrency', id: 'runner' } as const;

  test('is 20, is set as a scaling wants it, and set back by the undo', async () => {
    const { ports } = machinePorts();
    const plan = await planned(ports, 'probe-concurrency', own, { desired: 40 });
    expect(plan).toMatchObject({ before: { desired: 20 }, expected: { desired: 40 }, permissions: [] });
    await applied(ports, plan);
    expect(await verified(ports, plan, undefined)).toMatchObject({ state: 'verified' });
    await applied(ports, await planned(ports, 'probe-concurrency', own, plan.undo?.params));
    expect(await (await ports.probes()).concurrency()).toBe(20);
  });

  test.each([{ desired: 0 }, { desired: 101 }])('is never $desired', async (params) => {
    const { ports } = machinePorts();
    expect(await planOne(ports, 'probe-concurrency', own, params)).toHaveProperty('refused');
  });
});
