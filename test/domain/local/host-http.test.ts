import { request } from 'node:http';
import type { APIGatewayProxyEventV2WithLambdaAuthorizer } from 'aws-lambda';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RawTemplate } from '../../../infra/local/assembly.ts';
import { type Host, startHost } from '../../../infra/local/host.ts';
import { compileRoutes } from '../../../infra/local/http/routes.ts';
import { createThrottle } from '../../../infra/local/http/throttle.ts';
import { writeSmallStack } from './small-stack.ts';

const stack = writeSmallStack();
let host: Host;
beforeAll(async () => {
  host = await startHost({ assemblyDir: stack.assemblyDir, clock: 'driven', catchUp: false });
});
afterAll(async () => {
  await host.stop();
  stack.remove();
});

type Event = APIGatewayProxyEventV2WithLambdaAuthorizer<{ principal: string }>;
const eventOf = async (path: string, init?: RequestInit): Promise<Event> =>
  (await (await fetch(host.url + path, init)).json()) as Event;

test('a request arrives as payload format 2.0', async () => {
  const event = await eventOf('/open/a%20b?x=1&y=2&x=3', {
    headers: { cookie: 'one=1; two=2', 'X-Own': 'Yes' },
  });
  expect(event).toMatchObject({
    version: '2.0',
    routeKey: 'GET /open/{id}',
    rawQueryString: 'x=1&y=2&x=3',
    queryStringParameters: { x: '1,3', y: '2' },
    pathParameters: { id: 'a b' },
    cookies: ['one=1', 'two=2'],
    headers: { 'x-own': 'Yes' },
    isBase64Encoded: false,
    requestContext: {
      stage: '$default',
      http: { method: 'GET', sourceIp: '127.0.0.1', protocol: 'HTTP/1.1' },
      timeEpoch: host.now(),
    },
  });
  expect(event.headers).not.toHaveProperty('cookie');
});

test.each([
  ['application/json', '{"ä":1}', '{"ä":1}', false],
  ['text/plain; charset=utf-8', 'ä', 'ä', false],
  ['application/x-www-form-urlencoded', 'a=1', 'YT0x', true],
  ['application/octet-stream', 'a', 'YQ==', true],
])('a body of %s arrives as text or base64-coded', async (type, body, arrived, isBase64Encoded) => {
  const event = await eventOf('/all/x', { method: 'POST', body, headers: { 'content-type': type } });
  expect({ body: event.body, isBase64Encoded: event.isBase64Encoded }).toEqual({
    body: arrived,
    isBase64Encoded,
  });
});

test("a function's status, headers and cookies go back", async () => {
  const answer = await fetch(`${host.url}/open/1`);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('x-seen')).toBe('yes');
  expect(answer.headers.getSetCookie()).toEqual(['a=1']);
});

test.each([
  ['a header value of two lines', { 'x-bad': 'a\nb: c' }],
  ['a header name with a space', { 'x bad': 'a' }],
  ['a header value outside of Latin-1', { location: '/\u4e2d' }],
])('a function that answers %s is answered 500, and the host goes on', async (_what, headers) => {
  const answered = JSON.stringify({ statusCode: 200, headers });
  const escaped = answered.replaceAll(
    /[^ -~]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  const answer = await fetch(`${host.url}/open/1`, { headers: { 'x-answer': escaped } });
  expect([answer.status, await answer.json()]).toEqual([500, { message: 'Internal Server Error' }]);
  expect((await fetch(`${host.url}/open/1`)).status).toBe(200);
});

test('a request arrives with what API Gateway adds, and what a client claims stands before it', async () => {
  const event = await eventOf('/open/1', {
    headers: { 'x-forwarded-for': '10.9.8.7', 'x-forwarded-proto': 'https' },
  });
  expect(event.headers).toMatchObject({
    'x-forwarded-for': '10.9.8.7, 127.0.0.1',
    'x-forwarded-port': new URL(host.url).port,
    'x-forwarded-proto': 'http',
    'x-amzn-trace-id': expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/),
  });
});

const properties = (template: RawTemplate, logicalId: string): Record<string, unknown> =>
  template.Resources[logicalId]?.Properties ?? {};

test.each([
  ['RouteGuarded', 'AuthorizationType', 'AWS_IAM'],
  ['RouteGuarded', 'AuthorizationType', 'JWT'],
  ['Authorizer', 'AuthorizerType', 'JWT'],
  ['Authorizer', 'AuthorizerPayloadFormatVersion', '1.0'],
  ['Authorizer', 'EnableSimpleResponses', false],
])(
  'a guard that is not hosted stops the start instead of letting everybody in: %s.%s = %s',
  async (id, field, value) => {
    const change = (template: RawTemplate) => Object.assign(properties(template, id), { [field]: value });
    const starting = startHost({ assemblyDir: stack.assemblyDir, clock: 'driven', patchTemplate: change });
    await expect(starting).rejects.toThrow(new RegExp(`^${id}: `));
  },
);

test('an unknown path is answered as API Gateway answers it', async () => {
  const answer = await fetch(`${host.url}/nowhere`);
  expect([answer.status, await answer.json()]).toEqual([404, { message: 'Not Found' }]);
});

test("the authorizer decides, and its context reaches the function's event", async () => {
  const refused = await fetch(`${host.url}/guarded`, { method: 'POST' });
  expect([refused.status, await refused.json()]).toEqual([403, { message: 'Forbidden' }]);
  const event = await eventOf('/guarded', { method: 'POST', headers: { authorization: 'yes' } });
  expect(event.requestContext.authorizer).toEqual({ lambda: { principal: 'somebody' } });
});

test('a body over 10 MB is refused before the function sees it', async () => {
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const sending = request(`${host.url}/all/x`, { method: 'POST' }, (answer) => resolve(answer.statusCode));
    // The rest of the body meets a closed connection.
    sending.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EPIPE' || error.code === 'ECONNRESET' ? undefined : reject(error),
    );
    sending.end(Buffer.alloc(10 * 1024 * 1024 + 1));
  });
  expect(status).toBe(413);
});

test('more requests at once than the stage allows are answered 429', async () => {
  const statuses = await Promise.all(
    Array.from({ length: 120 }, async () => (await fetch(`${host.url}/nowhere`)).status),
  );
  expect(new Set(statuses)).toEqual(new Set([404, 429]));
});

const route = (routeKey: string) => ({
  routeKey,
  functionArn: 'f',
  integrationTimeoutMs: 1,
  authorizerId: undefined,
});

test.each([
  ['GET', '/a/b', 'GET /a/b', {}],
  ['GET', '/a/c', 'GET /a/{x}', { x: 'c' }],
  ['POST', '/a/c', 'ANY /a/{x}', { x: 'c' }],
  ['GET', '/a/c/d', 'GET /a/{rest+}', { rest: 'c/d' }],
  ['DELETE', '/a', '$default', {}],
  ['GET', '/a/', '$default', {}],
])('%s %s finds the most specific route', (method, path, routeKey, pathParameters) => {
  const match = compileRoutes(
    ['$default', 'GET /a/{rest+}', 'ANY /a/{x}', 'GET /a/{x}', 'GET /a/b'].map(route),
  );
  const found = match(method, path);
  expect([found?.route.routeKey, found?.pathParameters]).toEqual([routeKey, pathParameters]);
});

test('a token bucket lets a burst through, and then its rate', () => {
  let now = 0;
  const mayPass = createThrottle(2, 3, () => now);
  const pass = () => [mayPass(), mayPass(), mayPass(), mayPass()];
  expect(pass()).toEqual([true, true, true, false]);
  now = 1000;
  expect(pass()).toEqual([true, true, false, false]);
  now = 60_000;
  expect(pass()).toEqual([true, true, true, false]);
});
