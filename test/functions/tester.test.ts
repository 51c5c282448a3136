import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkDefinitionSchema, checkSettingsFrom, resolveDefinition } from '../../shared/health/api.ts';
import { trialOf } from '../../shared/health/trial.ts';

const settings = {
  defaultIntervalSeconds: '60',
  vpcRunner: 'true',
  allowedPrivateRanges: '127.0.0.0/8',
  checkSecretNames: '*',
  teamFunctionArns: '*',
  awsServices: '*',
};

let target: Server;
let address: string;
let attempts = 0;
beforeAll(async () => {
  target = createServer((request, response) => {
    attempts += 1;
    response.writeHead(request.url === '/broken' ? 503 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ ok: false, password: 'canary-in-the-body' }));
  });
  await new Promise<void>((done) => target.listen(0, '127.0.0.1', done));
  address = `127.0.0.1:${(target.address() as AddressInfo).port}`;
  Object.assign(process.env, {
    AWS_REGION: 'eu-central-1',
    HOMEOSTAT_ACCOUNT_ID: '123456789012',
    HOMEOSTAT_CHECK_SECRETS: '/homeostat/test/',
    HOMEOSTAT_ALLOWED_PRIVATE_RANGES: '127.0.0.0/8',
  });
});
afterAll(() => {
  target.close();
  target.closeAllConnections();
});

const definitionOf = (fields: object) =>
  resolveDefinition(
    checkDefinitionSchema.parse({ name: 'trial', type: 'http', target: `http://${address}/`, ...fields }),
    checkSettingsFrom((name) => settings[name]),
  );

const tried = async (fields: object) => {
  const { handler } = await import('../../functions/tester/handler.ts');
  return handler(JSON.parse(JSON.stringify(trialOf(definitionOf(fields), Date.now()))));
};

describe('the function that tries a definition', () => {
  it('looks once and tells status, code and timings', async () => {
    expect(await tried({})).toEqual({
      status: 'healthy',
      reason: null,
      statusCode: 200,
      phases: expect.objectContaining({ total: expect.any(Number) }),
    });
  });

  it('makes one attempt, whatever retries the definition has', async () => {
    attempts = 0;
    expect(await tried({ target: `http://${address}/broken`, retries: 2 })).toMatchObject({
      status: 'unhealthy',
      statusCode: 503,
    });
    expect(attempts).toBe(1);
  });

  it.each([
    '[BODY].password == "x"',
    '[BODY] contains "nothing"',
    '[BODY].ok == true',
    '[BODY].password matches "^y"',
    'len([BODY].password) < 3',
  ])('tells that %s does not hold, and not what stood there (fault 29)', async (condition) => {
    const answer = await tried({ conditions: [condition] });
    expect(answer).toMatchObject({ status: 'unhealthy', reason: expect.stringContaining(condition) });
    expect(JSON.stringify(answer)).not.toContain('canary');
  });

  it('nor does any other kind: what a port sent instead of the expected text is not told (fault 29)', async () => {
    const config = { send: 'GET /canary HTTP/1.0\r\n\r\n', expect: 'SSH-2.0' };
    const answer = await tried({ type: 'tcp', target: address, config });
    expect(answer).toMatchObject({ status: 'unhealthy', reason: expect.stringContaining('SSH-2.0') });
    expect(JSON.stringify(answer)).not.toMatch(/canary|HTTP\/1/);
  });

  it('refuses an address that no check may reach, as its own refusal', async () => {
    const { handler } = await import('../../functions/tester/handler.ts');
    const answer = await handler({
      ...trialOf(definitionOf({}), Date.now()),
      target: 'http://169.254.169.254/',
    });
    expect(answer).toMatchObject({ status: 'unknown' });
  });

  it('throws for a payload that is no definition, so that the caller is told of a fault', async () => {
    const { handler } = await import('../../functions/tester/handler.ts');
    await expect(handler({ type: 'http' })).rejects.toThrow('no entry of a plan');
    await expect(handler(null)).rejects.toThrow('no entry of a plan');
  });
});
