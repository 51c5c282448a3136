import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { conditionParser, parseCondition } from '../../../shared/health/conditions/parse.ts';
import { http } from '../../../shared/health/kinds/http.ts';
import { look, secretsPort } from './look.ts';
import { openTargets } from './servers.ts';

let targets: ReturnType<typeof openTargets>;
beforeEach(() => {
  targets = openTargets();
});
afterEach(() => targets.close());

const schema = http.definition(z, conditionParser).config;
/** A config as it is stored. */
const stored = (steps: readonly object[], rest: object = {}) => schema.parse({ ...rest, steps });
const place = (kind: 'secret' | 'step', name: string) => '$'.concat(`{${kind}:${name}}`);

type Got = { method?: string; url?: string; authorization?: string; cookie?: string; body?: string };

/** A shop that one logs in to: `/login` gives a token and a cookie, `/basket` wants both. */
const shop = async (got: Got[] = [], token: unknown = 'canary-token') =>
  targets.http(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method, url, headers } = request;
    got.push({
      method,
      url,
      body: Buffer.concat(chunks).toString(),
      ...(headers.authorization && { authorization: headers.authorization }),
      ...(headers.cookie && { cookie: headers.cookie }),
    } as Got);
    if (url === '/login') {
      response.setHeader('set-cookie', 'sid=canary-cookie; Path=/').end(JSON.stringify({ token }));
    } else if (headers.authorization === 'Bearer canary-token' && headers.cookie === 'sid=canary-cookie') {
      response.end(JSON.stringify({ items: [1, 2], yours: headers.authorization }));
    } else response.writeHead(401).end('no');
  });

const login = {
  name: 'log in',
  method: 'POST',
  url: '/login',
  body: '{"user":"probe"}',
  capture: { token: '[BODY].token' },
};
const basket = { url: '/basket', headers: { authorization: `Bearer ${place('step', 'token')}` } };

describe('several requests in one session', () => {
  test('use cookies and captured values of those before; the last answer is what the conditions judge', async () => {
    const got: Got[] = [];
    const port = await shop(got);
    const seen = await look({
      target: `http://127.0.0.1:${port}`,
      config: stored([login, { ...basket, conditions: ['len([BODY].items) == 2'] }]),
      conditions: ['[STATUS] == 200', 'len([BODY].items) > 1', '[RESPONSE_TIME] < 5s'].map(parseCondition),
    });
    expect(seen).toMatchObject({ status: 'healthy', reason: null, statusCode: 200 });
    expect(Object.keys(seen.phases).sort()).toEqual(['connect', 'firstByte', 'total']);
    expect(got).toEqual([
      { method: 'POST', url: '/login', body: '{"user":"probe"}' },
      {
        method: 'GET',
        url: '/basket',
        body: '',
        authorization: 'Bearer canary-token',
        cookie: 'sid=canary-cookie',
      },
    ]);
  });

  test.each([
    {
      what: 'an unexpected status',
      steps: [login, { ...basket, name: 'basket', headers: {} }],
      reason: 'step 2 (basket): expected status 200-299, got 401',
    },
    {
      what: 'a condition',
      steps: [{ ...login, conditions: ['[BODY].user == "probe"'] }],
      reason: 'step 1 (log in): [BODY].user == "probe": it is missing',
    },
    {
      what: 'a condition of the status alone',
      steps: [{ url: '/basket', conditions: ['[STATUS] == 200'] }],
      reason: 'step 1: [STATUS] == 200: it is 401',
    },
    {
      what: 'a value that is not there',
      steps: [{ ...login, capture: { key: '[BODY].key' } }],
      reason: 'step 1 (log in): nothing to capture for key: [BODY].key: it is missing',
    },
    {
      what: 'a value that is no text',
      steps: [{ ...login, capture: { key: '[BODY]' }, url: '/empty', expectedStatus: [401] }, basket].slice(
        0,
        1,
      ),
      reason: null,
    },
  ])('end at $what: $reason', async ({ steps, reason }) => {
    const port = await shop();
    expect(await look({ target: `http://127.0.0.1:${port}`, config: stored(steps) })).toMatchObject({
      status: reason === null ? 'healthy' : 'unhealthy',
      reason,
    });
  });

  test('name the step in which the deadline came, for there is only one (fault 23)', async () => {
    const port = await targets.http((request, response) => {
      if (request.url === '/fast') response.end();
    });
    const config = stored([{ url: '/fast' }, { name: 'slow', url: '/slow' }]);
    expect(await look({ target: `http://127.0.0.1:${port}`, config, timeoutSeconds: 0.3 })).toMatchObject({
      status: 'unhealthy',
      reason: 'step 2 (slow): no answer within 0.3 s',
      timedOut: true,
    });
  });

  test('show no captured value, not even where the target sends it back (fault 29)', async () => {
    const port = await shop();
    const config = stored([login, { ...basket, conditions: ['[BODY].yours == "nobody"'] }]);
    const seen = await look({ target: `http://127.0.0.1:${port}`, config });
    expect(seen.reason).toBe('step 2: [BODY].yours == "nobody": it is "Bearer [secret]"');
    const last = await look({
      target: `http://127.0.0.1:${port}`,
      config: stored([login, basket]),
      conditions: [parseCondition('[BODY].yours == "nobody"')],
    });
    expect(last.reason).toBe('[BODY].yours == "nobody": it is "Bearer [secret]"');
  });

  test.each(['../../admin', '//evil.example/', '@evil.example', '?x=1#y', 'a/b\\c'])(
    'keep the captured value %s inside its part of the URL',
    async (token) => {
      const got: Got[] = [];
      const port = await shop(got, token);
      const config = stored([
        login,
        { url: `/items/${place('step', 'token')}?q=${place('step', 'token')}`, expectedStatus: ['200-499'] },
      ]);
      expect((await look({ target: `http://127.0.0.1:${port}`, config })).status).toBe('healthy');
      const coded = encodeURIComponent(token);
      expect(got[1]?.url).toBe(`/items/${coded}?q=${coded}`);
    },
  );

  test.each(['.', '..'])('ask for no other path where the captured value is %s', async (token) => {
    const got: Got[] = [];
    const port = await shop(got, token);
    const config = stored([
      login,
      { url: `/items/${place('step', 'token')}/x`, expectedStatus: ['200-499'] },
    ]);
    expect(await look({ target: `http://127.0.0.1:${port}`, config })).toMatchObject({
      status: 'unhealthy',
      reason: 'step 2: a captured value would lead the request to another path',
    });
    expect(got).toHaveLength(1);
  });

  test('do not take a captured text for the place of a secret', async () => {
    const got: Got[] = [];
    const port = await shop(got, place('secret', 'KEY'));
    const config = stored([
      login,
      { method: 'POST', url: '/x', body: `t=${place('step', 'token')}`, expectedStatus: [401] },
    ]);
    await look(
      { target: `http://127.0.0.1:${port}`, config },
      { ports: secretsPort({ KEY: 'canary-secret' }) },
    );
    expect(got[1]?.body).toBe(`t=${place('secret', 'KEY')}`);
  });

  test('put no captured line break into a header (fault 28)', async () => {
    const got: Got[] = [];
    const port = await shop(got, 'a\r\nx-admin: yes');
    const seen = await look({ target: `http://127.0.0.1:${port}`, config: stored([login, basket]) });
    expect(seen).toMatchObject({
      status: 'unhealthy',
      reason: `step 2: the value of ${place('step', 'token')} cannot stand in a header: it has line breaks or characters beyond Latin-1`,
    });
    expect(got).toHaveLength(1);
  });

  test('send credentials and cookies to the origin of the target only (fault 24)', async () => {
    const got: Got[] = [];
    const other = await shop(got);
    const port = await targets.http((_request, response) =>
      response
        .writeHead(302, { location: `http://127.0.0.1:${other}/login`, 'set-cookie': 'sid=canary' })
        .end(),
    );
    const config = stored([{ url: '/' }, { url: `http://127.0.0.1:${other}/login` }], {
      auth: { bearer: 'canary' },
      headers: { 'x-api-key': 'canary' },
    });
    expect((await look({ target: `http://127.0.0.1:${port}`, config })).status).toBe('healthy');
    expect(got).toEqual([
      { method: 'GET', url: '/login', body: '' },
      // Its own cookie, of the first visit.
      { method: 'GET', url: '/login', body: '', cookie: 'sid=canary-cookie' },
    ]);
  });
});

describe('steps say what to do where they are wrong', () => {
  const faultOf = (config: unknown): string | undefined => {
    const [issue] = schema.safeParse(config).error?.issues ?? [];
    return issue && `${issue.path.join('.')}: ${issue.message}`;
  };
  test.each<[object, string]>([
    [{ steps: [] }, 'steps: Too small: expected array to have >=1 items'],
    [{ steps: [{ url: '' }] }, 'steps.0.url: Give a path such as /login, or a whole URL.'],
    [
      { steps: [{ url: `https://${place('secret', 'HOST')}/` }] },
      'steps.0.url: Write scheme, host and port out: values may stand in the path and in the query.',
    ],
    [
      { steps: [{ url: `//${place('secret', 'HOST')}/` }] },
      'steps.0.url: Write scheme, host and port out: values may stand in the path and in the query.',
    ],
    [
      { steps: [{ url: 'https://user@shop.example.com/' }] },
      'steps.0.url: Leave user and password out of the URL; send an authorization header instead.',
    ],
    [
      { steps: [{ url: `/${place('step', 'token')}`, capture: { token: '[BODY].token' } }] },
      `steps.0.url: No earlier step captures ${place('step', 'token')}.`,
    ],
    [{ body: place('step', 'x'), method: 'POST' }, `body: No earlier step captures ${place('step', 'x')}.`],
    [
      { steps: [{ url: '/', conditions: ['[STATUS] = 200'] }] },
      'steps.0.conditions.0: Write an operator: ==, !=, <, <=, >, >=, in, not in, contains, matches (column 10).',
    ],
    [
      { steps: [{ url: '/', conditions: ['[DNS_ANSWER] == "a"'] }] },
      'steps.0.conditions.0: A step knows [STATUS], [BODY], [HEADER] and [RESPONSE_TIME].',
    ],
    [
      { steps: [{ url: '/', capture: { token: '[STATUS]' } }] },
      'steps.0.capture.token: Values are captured from [BODY] or [HEADER].',
    ],
    [
      { steps: [{ url: '/', body: 'x' }] },
      'steps.0.body: Give a method such as POST, or leave the body out.',
    ],
    [
      { steps: [{ url: '/' }], method: 'POST' },
      'method: Write it in the steps: with steps, nothing is asked of the target itself.',
    ],
    [
      { auth: { bearer: 'x' }, headers: { Authorization: 'y' } },
      'headers.Authorization: Leave this header out: auth sets it.',
    ],
    [
      { auth: { basic: { username: 'a:b', password: 'c' } } },
      'auth.basic.username: A user name has no colon.',
    ],
    [{ httpVersion: '3' }, "httpVersion: Give '1.1' or '2'."],
  ])('%j', (config, message) => {
    expect(faultOf(config)).toBe(message);
  });

  test('what is right is stored with its expressions parsed, and HTTP versions as text', () => {
    expect(schema.parse({ httpVersion: 2 })).toMatchObject({ httpVersion: '2' });
    expect(stored([login])).toMatchObject({
      steps: [
        {
          name: 'log in',
          method: 'POST',
          url: '/login',
          headers: {},
          capture: { token: { text: '[BODY].token', of: 'BODY', path: ['token'] } },
        },
      ],
    });
  });
});
