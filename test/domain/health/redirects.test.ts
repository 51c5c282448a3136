import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { look } from './look.ts';
import { openTargets } from './servers.ts';

let targets: ReturnType<typeof openTargets>;
beforeEach(() => {
  targets = openTargets();
});
afterEach(() => targets.close());

describe('redirects', () => {
  test('are followed, and the phases add up', async () => {
    const port = await targets.http((request, response) =>
      request.url === '/end' ? response.end() : response.writeHead(302, { location: '/end' }).end(),
    );
    expect(await look({ target: `http://127.0.0.1:${port}/` })).toMatchObject({
      status: 'healthy',
      statusCode: 200,
    });
  });

  test('go to the path that was sent as UTF-8, as browsers do', async () => {
    const asked: (string | undefined)[] = [];
    const port = await targets.http((request, response) => {
      asked.push(request.url);
      const location = Buffer.from('/grüße').toString('latin1');
      if (request.url === '/') response.writeHead(302, { location });
      response.end();
    });
    await look({ target: `http://127.0.0.1:${port}/` });
    expect(asked).toEqual(['/', '/gr%C3%BC%C3%9Fe']);
  });

  test('end after five', async () => {
    let hops = 0;
    const port = await targets.http((_request, response) =>
      response.writeHead(301, { location: `/${++hops}` }).end(),
    );
    expect(await look({ target: `http://127.0.0.1:${port}/` })).toMatchObject({
      status: 'unhealthy',
      reason: 'expected status 200-299, got 301 after 5 redirects',
    });
  });

  test('to a metadata address is not followed and says nothing about the target (fault 24)', async () => {
    const port = await targets.http((_request, response) =>
      response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data/' }).end(),
    );
    const seen = await look({ target: `http://127.0.0.1:${port}/` });
    expect(seen).toMatchObject({
      status: 'unknown',
      reason: '169.254.169.254 is a link-local or metadata address: probes never go there',
    });
  });

  test.each(['http://user:secret@127.0.0.1/', 'ftp://127.0.0.1/', 'http://['])(
    'to %s is not followed',
    async (location) => {
      const port = await targets.http((_request, response) => response.writeHead(302, { location }).end());
      const seen = await look({ target: `http://127.0.0.1:${port}/` });
      expect(seen.status).toBe('unhealthy');
      expect(seen.reason).toContain('got 302: its Location');
      expect(seen.reason).not.toContain('secret');
    },
  );

  test('to another origin take no credentials along, nor any header that may be one (fault 24)', async () => {
    const got: unknown[] = [];
    const other = await targets.http((request, response) => {
      got.push(request.headers);
      response.end();
    });
    const port = await targets.http((_request, response) =>
      response.writeHead(302, { location: `http://127.0.0.1:${other}/` }).end(),
    );
    const headers = {
      Authorization: 'Bearer canary',
      Cookie: 'canary',
      'X-Api-Key': 'canary',
      Accept: 'text/html',
    };
    expect((await look({ target: `http://127.0.0.1:${port}/`, config: { headers } })).status).toBe('healthy');
    expect(JSON.stringify(got)).not.toContain('canary');
    expect(got).toEqual([expect.objectContaining({ accept: 'text/html' })]);
  });

  test.each([
    { method: 'DELETE', status: 302 },
    { method: 'PUT', status: 301 },
    { method: 'POST', status: 307 },
  ])('$method is not sent on to another origin, with or without a body', async ({ method, status }) => {
    let asked = 0;
    const other = await targets.http((_request, response) => {
      asked++;
      response.end();
    });
    const location = `http://127.0.0.1:${other}/`;
    const port = await targets.http((_request, response) => response.writeHead(status, { location }).end());
    expect(await look({ target: `http://127.0.0.1:${port}/`, config: { method } })).toMatchObject({
      status: 'unhealthy',
      reason: `expected status 200-299, got ${status}: ${method} is not sent on to 127.0.0.1:${other}`,
    });
    expect(asked).toBe(0);
  });

  test.each([
    { status: 303, method: 'GET', body: '' },
    { status: 302, method: 'GET', body: '' },
    { status: 307, method: 'POST', body: 'b' },
  ])('$status after POST asks with $method', async ({ status, method, body }) => {
    const got: unknown[] = [];
    const port = await targets.http(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      got.push([request.method, Buffer.concat(chunks).toString()]);
      response.writeHead(request.url === '/end' ? 200 : status, { location: '/end' }).end();
    });
    await look({ target: `http://127.0.0.1:${port}/`, config: { method: 'POST', body: 'b' } });
    expect(got).toEqual([
      ['POST', 'b'],
      [method, body],
    ]);
  });

  test('do not carry a body to another origin', async () => {
    const other = await targets.http((_request, response) => response.end());
    const port = await targets.http((_request, response) =>
      response.writeHead(307, { location: `http://127.0.0.1:${other}/` }).end(),
    );
    expect(
      await look({ target: `http://127.0.0.1:${port}/`, config: { method: 'POST', body: 'b' } }),
    ).toMatchObject({
      status: 'unhealthy',
      reason: `expected status 200-299, got 307: the body is not sent on to 127.0.0.1:${other}`,
    });
  });
});
