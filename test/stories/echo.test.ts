import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { checkSecretsFile, writeSecret } from '../../infra/local/secrets/check-secrets.ts';
import { changesOf, checksPath, makeCheck, readCheck, resultsOf } from './checks.ts';
import { openStack, type Stack } from './stack.ts';
import { itemsOf } from './tables.ts';
import { withDebugLogs } from './template.ts';

let stack: Stack | undefined;
let closeTarget: (() => void) | undefined;
afterEach(async () => {
  closeTarget?.();
  await stack?.close();
});

/** A target that says everything it was told: in its body, in a header, in where it sends on. */
const openEcho = async (): Promise<{ readonly url: string; readonly heard: string[] }> => {
  const heard: string[] = [];
  const server = createServer((request, response) => {
    const [header, other] = [String(request.headers['x-key']), String(request.headers.authorization)];
    heard.push(header, other);
    if (request.url === '/away') {
      response.writeHead(302, { location: `http://127.0.0.1:1/?key=${header}`, connection: 'close' }).end();
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json', 'x-echo': header, connection: 'close' });
    response.end(
      JSON.stringify({ said: `${header} ${other}`, base64: Buffer.from(header).toString('base64') }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  closeTarget = () => server.close().closeAllConnections();
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, heard };
};

/** As people write it in a definition. */
const secret = (name: string): string => `\${secret:${name}}`;
const canary = 'k3y-canary-9d41f7aa';
/** Its quotation mark is written otherwise in JSON. */
const quoted = 'q"uote\\d-canary-5517';
const bearer = 'b3arer-canary-77c0e1';

test('the secrets that checks name reach their target and are found nowhere else, though the target says them back: not in a log, an item, an event, a result or an answer (fault 29)', async () => {
  const open = await openStack({ onDisk: true, patchTemplate: withDebugLogs });
  stack = open;
  const { folder = '' } = open;
  const echo = await openEcho();
  writeSecret(folder, 'ECHO_KEY', canary);
  writeSecret(folder, 'ECHO_BEARER', bearer);
  writeSecret(folder, 'QUOTED', quoted);
  const config = {
    headers: { 'x-key': secret('ECHO_KEY') },
    auth: { bearer: secret('ECHO_BEARER') },
  };
  const checks = {
    body: { target: `${echo.url}/`, conditions: ['[BODY].said == "nothing"'] },
    header: { target: `${echo.url}/`, conditions: ['[HEADER].x-echo == "nothing"'] },
    whole: { target: `${echo.url}/`, conditions: ['[BODY] contains "nothing"'] },
    quoted: {
      target: `${echo.url}/`,
      config: { headers: { 'x-key': secret('QUOTED') } },
      conditions: ['[BODY].said == "nothing"', '[BODY] contains "nothing"'],
    },
    quotedHeader: {
      target: `${echo.url}/`,
      config: { headers: { 'x-key': secret('QUOTED') } },
      conditions: ['[HEADER].x-echo == "nothing"'],
    },
    quotedBody: {
      target: `${echo.url}/`,
      config: { headers: { 'x-key': secret('QUOTED') } },
      conditions: ['[BODY] contains "nothing"'],
    },
    basic: {
      target: `${echo.url}/`,
      config: { auth: { basic: { username: 'u', password: secret('ECHO_BEARER') } } },
      conditions: ['[BODY].said == "nothing"'],
    },
    away: { target: `${echo.url}/away` },
    steps: {
      target: `${echo.url}/`,
      config: {
        steps: [
          { url: '/', headers: config.headers, capture: { said: '[BODY].said' } },
          { url: '/', headers: { 'x-key': `\${step:said}` }, conditions: ['[BODY].said == "nothing"'] },
        ],
      },
    },
  };
  const ids: string[] = [];
  for (const [name, check] of Object.entries(checks)) {
    ids.push(await makeCheck(open, { name, retries: 0, failureThreshold: 1, config, ...check }));
  }
  const trial = await open.api('POST', `${checksPath}/test`, {
    body: { name: 'trial', type: 'http', config, ...checks.body },
  });
  expect(trial.body).toMatchObject({ status: 'unhealthy' });
  await open.advance('1m');
  for (const id of ids) {
    expect(changesOf(open, id)).toEqual(['unknown → unhealthy']);
    const { reason } = await readCheck(open, id);
    expect(reason).toBe((await resultsOf(open, id)).at(-1)?.reason);
  }
  // What was hidden is all that is missing: the rest of what the target said is there.
  const [body = '', header = ''] = ids;
  expect((await readCheck(open, body)).reason).toMatch(
    /^\[BODY\]\.said == "nothing": it is "\[secret\] Bearer \[secret\]"/,
  );
  expect((await readCheck(open, header)).reason).toMatch(/it is "\[secret\]"/);
  expect(echo.heard).toContain(canary);
  expect(echo.heard).toContain(`Bearer ${bearer}`);
  for (const path of [
    checksPath,
    '/metrics',
    '/api/v1/monitoring/overview',
    '/api/monitoring/deployments/default',
  ]) {
    await open.api('GET', path);
  }

  const secrets = [
    canary,
    bearer,
    Buffer.from(canary).toString('base64'),
    'canary-5517',
    Buffer.from(`u:${bearer}`).toString('base64'),
  ];
  const leaks = (text: string): readonly string[] => secrets.filter((one) => text.includes(one));
  const told = [
    ...open.events().map((event) => JSON.stringify(event)),
    ...open.lines.map(({ text }) => text),
  ];
  const items = await itemsOf(open);
  expect(items.some((text) => text.includes('it is '))).toBe(true);
  for (const text of [...told, ...open.answers, ...items]) expect(leaks(text), text).toEqual([]);
  await open.host.stop();
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== checkSecretsFile)
    .map((entry) => join(entry.parentPath, entry.name));
  expect(files.some((path) => path.endsWith('dispatcher.log'))).toBe(true);
  for (const path of files) expect(leaks(readFileSync(path, 'latin1')), path).toEqual([]);
});

test('a secret that is not there is refused when the check is defined, with what to do; once it is set the check is made and its target hears it', async () => {
  const open = await openStack({ onDisk: true });
  stack = open;
  const { folder = '' } = open;
  const echo = await openEcho();
  const definition = {
    name: 'needs it',
    type: 'http',
    target: `${echo.url}/`,
    interval: '10s',
    retries: 0,
    config: { headers: { 'x-key': secret('LATER') } },
  };
  const apply = () =>
    open.api('POST', '/api/v1/monitoring/apply', {
      body: { changes: [{ op: 'put', kind: 'check', definition }] },
    });
  for (const answer of [await apply(), await open.api('POST', checksPath, { body: definition })]) {
    expect(answer.text).toContain('There is no secret LATER yet: set it with homeostat secrets set LATER.');
  }
  expect((await open.api('GET', checksPath)).body.items).toEqual([]);
  writeSecret(folder, 'LATER', canary);
  expect((await apply()).body.outcomes).toMatchObject([{ outcome: 'created' }]);
  await open.advance('30s');
  expect(echo.heard).toContain(canary);
});
