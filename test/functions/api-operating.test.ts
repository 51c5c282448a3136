import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkIdOf, checkKey } from '../../shared/health/check.ts';
import { pingKey } from '../../shared/health/pings.ts';
import { toResultsItem } from '../../shared/health/slot-results.ts';
import { call, tokenWith } from './api-client.ts';
import { type Cloud, startCloud } from './cloud.ts';
import { expectProblem } from './refusal.ts';

const checks = '/api/v1/monitoring/health-checks';
const shop = { type: 'http', target: 'https://shop.example.com/' };

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(() => cloud.close());

const made = async (name: string, rest: object = {}): Promise<string> => {
  const answered = await call('POST', checks, { body: { ...shop, name, ...rest } });
  expect(answered.status, answered.text).toBe(201);
  return String(answered.json.id);
};

/** As the projector would note it. */
const place = (id: string, shard = 'home.public.60.0', no = 7): Promise<void> =>
  cloud.state.update(checkKey(id), {
    set: { placements: [{ shard, no, revision: 1, placedAt: Date.now() }] },
  });

describe('pausing a check', () => {
  it('stands on the check, not in its definition: revision and event grow, and a second pause changes nothing', async () => {
    const id = await made('tired');
    cloud.arrived.length = 0;
    const paused = await call('POST', `${checks}/${id}/pause`);
    expect([paused.status, paused.headers.etag]).toEqual([200, '"2"']);
    expect(paused.json).toMatchObject({ isPaused: true, isActive: true, status: 'unknown' });
    const again = await call('POST', `${checks}/${id}/pause`);
    expect([again.status, again.headers.etag, again.json.updatedAt]).toEqual([
      200,
      '"2"',
      paused.json.updatedAt,
    ]);
    const resumed = await call('POST', `${checks}/${id}/resume`);
    expect([resumed.json.isPaused, resumed.headers.etag]).toEqual([false, '"3"']);
    expect((await call('POST', `${checks}/${id}/resume`)).headers.etag).toBe('"3"');
    expect(cloud.arrived.map(({ type, detail }) => [type, detail.id])).toEqual([
      ['check.changed', `check:${id}@2`],
      ['audit.recorded', `audit:check:${id}@2`],
      ['check.changed', `check:${id}@3`],
      ['audit.recorded', `audit:check:${id}@3`],
    ]);
    expect((await cloud.state.get(checkKey(id), { consistent: true }))?.pausedAt).toBeUndefined();
  });

  it('holds for what a file manages, and outlives applying that file and changing its definition', async () => {
    const apply = (interval: string) =>
      call('POST', '/api/v1/monitoring/apply', {
        body: {
          changes: [{ op: 'put', kind: 'check', definition: { ...shop, name: 'from a file', interval } }],
        },
      });
    await apply('1m');
    const id = checkIdOf('default', 'from a file');
    expect((await call('POST', `${checks}/${id}/pause`)).status).toBe(200);
    expect((await apply('1m')).json.outcomes).toMatchObject([{ outcome: 'unchanged' }]);
    expect((await apply('5m')).json.outcomes).toMatchObject([{ outcome: 'updated' }]);
    const read = await call('GET', `${checks}/${id}`);
    expect(read.json).toMatchObject({ isPaused: true, interval: 300, managedBy: 'file' });
  });

  it('ends with the check: made anew it is not paused', async () => {
    const id = await made('short-lived');
    await call('POST', `${checks}/${id}/pause`);
    await call('DELETE', `${checks}/${id}`);
    await made('short-lived');
    expect((await call('GET', `${checks}/${id}`)).json.isPaused).toBe(false);
  });

  it('needs the scope operate, and no other will do (fault 33)', async () => {
    const id = await made('guarded');
    for (const scope of ['read', 'write', 'ingest', 'admin']) {
      expectProblem(await call('POST', `${checks}/${id}/pause`, { token: await tokenWith([scope]) }), 403);
    }
    expect(
      (await call('POST', `${checks}/${id}/pause`, { token: await tokenWith(['operate']) })).status,
    ).toBe(200);
  });
});

describe('running a check now', () => {
  it('answers 202 with where the result will be, and sends the runner one message', async () => {
    const id = await made('eager');
    await place(id);
    cloud.sent.length = 0;
    const asked = await call('POST', `${checks}/${id}/run`);
    const runId = String(asked.json.runId);
    expect(asked.status, asked.text).toBe(202);
    expect(asked.json).toEqual({
      runId: expect.stringMatching(/^[0-9a-f]{16}$/),
      checkId: id,
      at: expect.stringMatching(/^\d{4}-.*Z$/),
      resultUrl: `${checks}/${id}/runs/${runId}`,
    });
    expect(asked.headers.location).toBe(asked.json.resultUrl);
    const at = Date.parse(String(asked.json.at));
    expect(cloud.sent).toEqual([
      {
        queue: 'slots',
        body: { kind: 'now', shard: 'home.public.60.0', at, runId, planVersion: 0, nos: [7] },
      },
    ]);
    const waiting = await call('GET', String(asked.json.resultUrl));
    expect(waiting.json).toEqual({ runId, checkId: id, at: asked.json.at, state: 'waiting', result: null });

    const seen = {
      no: 7,
      rev: 1,
      status: 'healthy',
      reason: null,
      phases: { total: 12 },
      attempts: 1,
    } as const;
    const results = {
      shard: 'home.public.60.0',
      at,
      runId,
      planVersion: 1,
      attempt: 'a',
      loopDelayMs: 1,
      seen: [seen],
    };
    await cloud.telemetry.put(toResultsItem(results, Math.floor(Date.now() / 1000) + 1000));
    const result = {
      at: asked.json.at,
      status: 'healthy',
      responseTime: 12,
      reason: null,
      phases: { total: 12 },
      attempts: 1,
      runId,
    };
    expect((await call('GET', String(asked.json.resultUrl))).json).toMatchObject({ state: 'done', result });
    const listed = await call('GET', `${checks}/${id}/results`);
    expect(listed.json.items).toEqual([result]);
  });

  it('the same Idempotency-Key is the same run of the same check, and another run of another one', async () => {
    const [id, other] = [await made('keyed'), await made('keyed too')];
    await Promise.all([place(id), place(other)]);
    const headers = { 'idempotency-key': 'once' };
    const first = await call('POST', `${checks}/${id}/run`, { headers });
    const again = await call('POST', `${checks}/${id}/run`, { headers });
    const elsewhere = await call('POST', `${checks}/${other}/run`, { headers });
    const without = await call('POST', `${checks}/${id}/run`);
    expect(again.json).toEqual(first.json);
    expect(new Set([first, elsewhere, without].map(({ json }) => String(json.runId))).size).toBe(3);
  });

  it('what is paused, inactive or not scheduled yet is a conflict that says so', async () => {
    const id = await made('not there yet');
    expect((await call('POST', `${checks}/${id}/run`)).json).toMatchObject({
      code: 'CONFLICT',
      detail: 'The check is not scheduled yet. Try again in a few seconds.',
    });
    await place(id);
    await call('POST', `${checks}/${id}/pause`);
    expect((await call('POST', `${checks}/${id}/run`)).json.detail).toBe(
      'The check is paused: resume it to have it looked at.',
    );
    const idle = await made('idle', { isActive: false });
    await place(idle);
    expectProblem(await call('POST', `${checks}/${idle}/run`), 409);
  });

  it('a run that left no result in time is lost, not waited for', async () => {
    const id = await made('forgotten');
    const runId = 'a'.repeat(16);
    const at = Date.now() - 7 * 60_000;
    await cloud.telemetry.put({
      pk: `C#${id}`,
      sk: `RUN#${runId}`,
      v: 1,
      at,
      shard: 'home.public.60.0',
      no: 1,
    });
    expect((await call('GET', `${checks}/${id}/runs/${runId}`)).json).toMatchObject({
      state: 'lost',
      result: null,
    });
    expectProblem(await call('GET', `${checks}/${id}/runs/${'b'.repeat(16)}`), 404);
  });
});

describe('trying a definition that is not saved', () => {
  it('asks the tester for one attempt, and tells what it told', async () => {
    const payloads: object[] = [];
    cloud.invoked = (name, payload) => {
      payloads.push({ function: name, ...payload });
      return {
        status: 'unhealthy',
        reason: '[STATUS] == 200: it is 503',
        phases: { total: 31 },
        statusCode: 503,
      };
    };
    const body = { ...shop, conditions: ['[STATUS] == 200'], timeout: '20s', interval: '5m', retries: 1 };
    const tried = await call('POST', `${checks}/test`, { body });
    expect([tried.status, tried.json]).toEqual([
      200,
      {
        status: 'unhealthy',
        reason: '[STATUS] == 200: it is 503',
        responseTime: 31,
        phases: { total: 31 },
        attempts: 1,
        statusCode: 503,
      },
    ]);
    expect(payloads).toMatchObject([
      { function: 'tester', type: 'http', target: shop.target, retries: 0, timeoutSeconds: 15 },
    ]);
    expect((await call('GET', `${checks}?limit=200`)).text).not.toContain('trial');
  });

  it('a tester that fails or answers nonsense is no status: 503, and the log says why', async () => {
    for (const answer of [() => ({ status: 'fine', body: 'secret' }), () => undefined]) {
      cloud.invoked = answer;
      const tried = await call('POST', `${checks}/test`, { body: shop });
      expect([tried.status, tried.json.code]).toEqual([503, 'COLLECTION_ERROR']);
      expect(tried.text).not.toContain('secret');
    }
  });

  it.each([
    ['a heartbeat', { type: 'heartbeat', config: { every: '5m' } }],
    ['a composite', { type: 'composite', config: { members: ['a'] } }],
  ])('%s looks at no target: 422', async (_what, body) => {
    const refused = await call('POST', `${checks}/test`, { body });
    expectProblem(refused, 422);
    expect(refused.json.errors).toMatchObject([{ path: 'type' }]);
  });
});

describe('pinging a heartbeat', () => {
  it('keeps the newest sign where the heartbeat lies; an empty request means that all is well', async () => {
    const id = await made('backup', { type: 'heartbeat', target: undefined, config: { every: '1h' } });
    expectProblem(await call('POST', `${checks}/${id}/ping`), 409);
    await place(id, 'home.heartbeat.60.0');
    const ping = async () => cloud.telemetry.get(pingKey('home.heartbeat.60.0', id), { consistent: true });
    expect((await call('POST', `${checks}/${id}/ping`)).status).toBe(204);
    expect(await ping()).toMatchObject({ isFailure: false, message: null });
    const body = { status: 'failed', message: 'the disk is full' };
    const token = await tokenWith(['ingest']);
    expect((await call('POST', `${checks}/${id}/ping`, { body, token })).status).toBe(204);
    expect(await ping()).toMatchObject({ isFailure: true, message: 'the disk is full' });
  });

  it('any other kind of check takes none', async () => {
    const id = await made('no heartbeat');
    await place(id);
    const refused = await call('POST', `${checks}/${id}/ping`);
    expect([refused.status, refused.json.code]).toEqual([422, 'HEALTH_CHECK_ERROR']);
  });
});
