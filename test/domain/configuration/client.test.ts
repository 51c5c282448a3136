import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { ApiError, createClient, UnreachableError } from '../../../shared/configuration/index.ts';

type Answer = { status: number; headers?: Record<string, string>; body?: unknown };
const open: { close(): void; closeAllConnections(): void }[] = [];

/** Answers in order, the last one again and again; keeps what was asked and how long the client paused. */
const against = async (...answers: Answer[]) => {
  const asked: IncomingMessage[] = [];
  const pauses: number[] = [];
  const server = createServer((request, response) => {
    const answer = answers[Math.min(asked.length, answers.length - 1)];
    asked.push(request);
    if (!answer) return request.socket.destroy();
    response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
    return response.end(answer.body === undefined ? undefined : JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(server);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = createClient({
    url: `${url}/`,
    token: 'secret',
    timeoutMs: 300,
    sleep: async (milliseconds) => void pauses.push(milliseconds),
  });
  return { client, asked, pauses, url };
};
const failure = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error) => error,
  );

afterEach(() => {
  for (const server of open.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

describe('The client of the HTTP API', () => {
  it('sends the token and reads every page', async () => {
    const { client, asked } = await against(
      { status: 200, body: { items: [1, 2], next: 'two' } },
      { status: 200, body: { items: [3], next: null } },
    );
    expect(await client.list<number>('/things', { deploymentId: 'shop' })).toEqual([1, 2, 3]);
    expect(asked.map(({ url }) => url)).toEqual([
      '/things?limit=100&deploymentId=shop',
      '/things?limit=100&deploymentId=shop&cursor=two',
    ]);
    expect(asked[0]?.headers.authorization).toBe('Bearer secret');
  });

  it.each([429, 502, 503, 504])('tries again after %d, with growing pauses', async (status) => {
    const { client, pauses } = await against({ status }, { status }, { status: 200, body: { ok: true } });
    expect(await client.request('GET', '/x')).toEqual({ ok: true });
    expect(pauses).toEqual([250, 500]);
  });

  it('waits as long as Retry-After says', async () => {
    const { client, pauses } = await against(
      { status: 429, headers: { 'retry-after': '7' } },
      { status: 204 },
    );
    expect(await client.request('DELETE', '/x')).toBeUndefined();
    expect(pauses).toEqual([7000]);
  });

  it('gives up after four attempts and says what was said', async () => {
    const body = {
      title: 'What was collected cannot be read just now',
      detail: 'Try again.',
      code: 'COLLECTION_ERROR',
    };
    const { client, asked } = await against({ status: 503, body });
    const error = await failure(client.request('GET', '/x'));
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({
      status: 503,
      code: 'COLLECTION_ERROR',
      message: 'What was collected cannot be read just now: Try again.',
    });
    expect(asked.length).toBe(4);
  });

  it('does not repeat what must happen once, unless it certainly did not happen', async () => {
    const cut = await against();
    expect(await failure(cut.client.request('POST', '/x', { body: {}, once: true }))).toBeInstanceOf(
      UnreachableError,
    );
    expect(cut.asked.length).toBe(1);
    const failing = await against({ status: 503 });
    await failure(failing.client.request('POST', '/x', { body: {}, once: true }));
    expect(failing.asked.length).toBe(1);
    const limited = await against({ status: 429 }, { status: 201, body: { id: 1 } });
    expect(await limited.client.request('POST', '/x', { body: {}, once: true })).toEqual({ id: 1 });
  });

  it('names each field that was refused', async () => {
    const { client, asked } = await against({
      status: 422,
      body: {
        title: 'Some fields are not valid',
        detail: '2 fields are not valid.',
        code: 'VALIDATION_ERROR',
        errors: [
          { path: 'interval', message: 'Give one of 10s, 15s.' },
          { path: '', message: 'Too large.' },
        ],
      },
    });
    expect(await failure(client.request('POST', '/x', { body: {} }))).toMatchObject({
      message:
        'Some fields are not valid: 2 fields are not valid.\n  interval: Give one of 10s, 15s.\n  Too large.',
    });
    expect(asked.length).toBe(1);
  });

  it('follows no redirect, so that the token goes nowhere else (fault 24)', async () => {
    const other = await against({ status: 200, body: {} });
    const { client } = await against({ status: 302, headers: { location: other.url } });
    expect(await failure(client.request('GET', '/x'))).toBeInstanceOf(UnreachableError);
    expect(other.asked).toEqual([]);
  });

  it('says when nothing answers, not in time, or not with JSON', async () => {
    const gone = await against({ status: 200 });
    open.pop()?.close();
    expect(await failure(gone.client.request('GET', '/x'))).toMatchObject({ code: 'ECONNREFUSED' });
    const page = await against({ status: 200, body: undefined });
    expect(await failure(page.client.request('GET', '/x'))).toMatchObject({ code: 'NOT_JSON' });
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    open.push(silent);
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const client = createClient({ url, token: 'x', timeoutMs: 50, attempts: 1 });
    expect(await failure(client.request('GET', '/x'))).toMatchObject({
      code: 'TIMEOUT',
      message: `${url} does not answer: no answer within 0.05 s`,
    });
    expect(() => createClient({ url: 'homeostat.example', token: 'x' })).toThrow(
      'homeostat.example does not answer: give a URL such as http://127.0.0.1:3007',
    );
  });
});
