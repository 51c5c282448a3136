import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { addressOf, call, curlOf } from '../../../web/client/call.ts';
import { Problem } from '../../../web/client/problem.ts';
import { currentSession, signIn, signOut } from '../../../web/client/session.ts';

type Sent = { readonly address: string; readonly init: RequestInit };
let sent: Sent[];
let answer: () => Response | Promise<Response>;

const json = (status: number, body: unknown, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } });

beforeEach(() => {
  sent = [];
  vi.stubGlobal('fetch', async (address: string, init: RequestInit) => {
    sent.push({ address, init });
    return answer();
  });
  signIn('hst_secret');
});
afterEach(() => {
  vi.unstubAllGlobals();
  signOut();
});

const refusalOf = (work: Promise<unknown>): Promise<Problem> =>
  work.then(
    () => Promise.reject(new Error('it was not refused')),
    (error: unknown) => (error instanceof Problem ? error : Promise.reject(error)),
  );

describe('A call of the API', () => {
  it('carries the token in a header and never in the address', async () => {
    answer = () => json(200, { items: [], next: null });
    await call('listChecks', { query: { limit: 200, tag: 'team:a b' } });
    expect(sent[0]?.address).toBe('api/v1/monitoring/health-checks?limit=200&tag=team%3Aa+b');
    expect(sent[0]?.init.headers).toEqual({ authorization: 'Bearer hst_secret' });
  });

  it('asks nothing of a name that would lead to another operation even encoded', async () => {
    answer = () => json(200, {});
    for (const id of ['.', '..']) {
      const refusal = await refusalOf(call('removeCheck', { params: { id } }));
      expect(refusal).toMatchObject({ status: 404, code: 'NOT_FOUND' });
    }
    expect(sent).toEqual([]);
  });

  it('writes parameters into the path encoded, so that no name leads elsewhere', () => {
    expect(addressOf('readIncident', { params: { id: '../tokens?x=1#y' } })).toBe(
      'api/v1/monitoring/incidents/..%2Ftokens%3Fx%3D1%23y',
    );
  });

  it('sends the revision a change is meant for and the key of a making', async () => {
    answer = () => json(200, {});
    await call(
      'replaceSilence',
      { params: { id: 's1' }, body: {} as never },
      { revision: 3, idempotencyKey: 'k' },
    );
    expect(sent[0]?.init).toMatchObject({
      method: 'PUT',
      body: '{}',
      headers: { 'if-match': '"3"', 'idempotency-key': 'k', 'content-type': 'application/json' },
    });
  });

  it('a refusal says its sentence, its code, each field, and the id of the request', async () => {
    answer = () =>
      json(
        422,
        {
          title: 'Invalid',
          detail: 'Two fields are wrong.',
          code: 'VALIDATION_ERROR',
          errors: [{ path: 'interval', message: 'One of 10s …' }, { message: 'And this' }, null, 'x'],
        },
        { 'x-request-id': 'r-1' },
      );
    const problem = await refusalOf(call('readOverview', {}));
    expect(problem).toMatchObject({
      status: 422,
      code: 'VALIDATION_ERROR',
      message: 'Two fields are wrong.',
      requestId: 'r-1',
      faults: [
        { path: 'interval', message: 'One of 10s …' },
        { path: '', message: 'And this' },
      ],
    });
  });

  it("the gateway's own refusals, which are no problem+json, say their sentence too", async () => {
    answer = () => json(429, { message: 'Too Many Requests' });
    expect(await refusalOf(call('readOverview', {}))).toMatchObject({
      status: 429,
      message: 'Too Many Requests',
    });
    answer = () => new Response('<html>', { status: 502, headers: { 'content-type': 'text/html' } });
    expect(await refusalOf(call('readOverview', {}))).toMatchObject({
      status: 502,
      message: 'Homeostat answers with 502.',
    });
  });

  it('no answer is a problem of its own, not of the page', async () => {
    answer = () => Promise.reject(new TypeError('Failed to fetch'));
    expect(await refusalOf(call('readOverview', {}))).toMatchObject({ status: 0, code: 'UNREACHABLE' });
  });

  it('a token that is not known any more ends the session, saying why', async () => {
    answer = () => json(401, { code: 'UNAUTHENTICATED', detail: 'no' });
    await refusalOf(call('readOverview', {}));
    expect(currentSession()).toEqual({
      token: null,
      refused: 'This token is not known, or it has expired or was revoked.',
    });
  });

  it('a late refusal of an older token leaves the newer session alone', async () => {
    let refuse: (response: Response) => void = () => {};
    answer = () => new Promise((resolve) => (refuse = resolve));
    const late = refusalOf(call('readOverview', {}));
    signIn('hst_newer');
    refuse(json(401, {}));
    await late;
    expect(currentSession().token).toBe('hst_newer');
  });
});

describe('A request as a line for a terminal', () => {
  it("holds the reader's own variable in place of the token, and quotes what a shell would read", () => {
    vi.stubGlobal('document', { baseURI: 'https://watch.example.com/#/incidents' });
    expect(curlOf('commentIncident', { params: { id: 'i1' }, body: { text: "it's $HOME" } })).toBe(
      [
        `curl -s -X POST 'https://watch.example.com/api/v1/monitoring/incidents/i1/comment' \\`,
        `  -H "authorization: Bearer $TOKEN" \\`,
        `  -H 'content-type: application/json' \\`,
        `  -d '{"text":"it'\\''s $HOME"}'`,
      ].join('\n'),
    );
  });
});
