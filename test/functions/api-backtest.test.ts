import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkKey } from '../../shared/health/check.ts';
import { toResultsItem } from '../../shared/health/slot-results.ts';
import { call, tokenWith } from './api-client.ts';
import { type Cloud, startCloud } from './cloud.ts';

const path = '/api/v1/monitoring/alerts/backtest';
const shard = 'home.public.60.0';
const minute = 60_000;
const lastSlot = Math.floor(Date.now() / minute) * minute - 10 * minute;
/** Of the last two hours' looks, one a minute, those from 60 to 41 minutes before the last were slow. */
const slots = Array.from({ length: 120 }, (_, back) => ({
  at: lastSlot - back * minute,
  tookMs: back > 40 && back <= 60 ? 900 : 50,
}));

const slow = {
  deploymentId: 'shop',
  type: 'threshold',
  condition: {
    series: 'check.response_time_ms',
    aggregate: 'avg',
    window: '5m',
    thresholds: [{ operator: '>', value: 500, severity: 'error' }],
  },
};

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud();
  await call('POST', '/api/monitoring/register', { body: { deploymentId: 'shop' } });
  const check = {
    deploymentId: 'shop',
    name: 'home page',
    type: 'http',
    target: 'https://shop.example.com/',
  };
  const id = String((await call('POST', '/api/v1/monitoring/health-checks', { body: check })).json.id);
  const since = lastSlot - 86_400_000;
  const placements = [{ shard, no: 3, revision: 1, placedAt: since }];
  await cloud.state.update(checkKey(id), { set: { placements, createdAt: since, updatedAt: since } });
  for (const { at, tookMs } of slots) {
    const result = {
      no: 3,
      rev: 1,
      status: 'healthy' as const,
      reason: null,
      phases: { total: tookMs },
      attempts: 1,
      statusCode: 200,
    };
    const run = { shard, at, planVersion: 1, attempt: 'a', loopDelayMs: 0, seen: [result] };
    await cloud.telemetry.put(toResultsItem(run, Math.floor(at / 1000) + 3 * 86_400));
  }
});
afterAll(() => cloud.close());

const refusal = async (body: object, token?: string) => {
  const refused = await call('POST', path, { body, ...(token !== undefined && { token }) });
  const faults = (refused.json as never as { errors?: { path: string }[] }).errors ?? [];
  return [refused.status, String(refused.json.code), ...faults.map((fault) => fault.path)];
};

describe('what a rule would have done', () => {
  it('is told span by span, and nothing is written or told', async () => {
    cloud.arrived.length = 0;
    const tested = await call('POST', path, { body: { rule: slow, days: 1 } });
    expect(tested.status, tested.text).toBe(200);
    expect(tested.json).toMatchObject({ step: 30, firings: 1, isCut: false });
    const [span] = tested.json.spans as never as [{ from: string; to: string }];
    expect(span).toMatchObject({
      severity: 'error',
      subject: { name: 'home page', deploymentId: 'shop' },
      peak: 900,
    });
    // More than half of five looks must be slow to lift their average above 500 ms: three of them, or two of four.
    const firstSlow = lastSlot - 60 * minute;
    expect(Date.parse(span.from) - firstSlow).toBeGreaterThanOrEqual(minute);
    expect(Date.parse(span.from) - firstSlow).toBeLessThanOrEqual(3 * minute);
    const lastSlow = lastSlot - 41 * minute;
    expect(Date.parse(span.to) - lastSlow).toBeGreaterThanOrEqual(minute);
    expect(Date.parse(span.to) - lastSlow).toBeLessThanOrEqual(4 * minute);
    expect(cloud.arrived).toEqual([]);
    expect((await call('GET', '/api/v1/monitoring/alerts/events')).json.items).toEqual([]);
  });

  it('can be asked of a rule that is there, and of a stretch of the past', async () => {
    const body = { ...slow, name: 'saved' };
    const { id } = (await call('POST', '/api/v1/monitoring/alerts', { body })).json;
    const iso = (at: number) => new Date(at).toISOString();
    const stretch = { from: iso(lastSlot - 30 * minute), to: iso(lastSlot) };
    const quiet = await call('POST', path, { body: { ruleId: id, ...stretch } });
    expect(quiet.json).toMatchObject({ ...stretch, firings: 0, spans: [] });
    expect((await call('POST', path, { body: { ruleId: id } })).json.firings).toBe(1);
  });

  it.each([
    ['neither a rule nor an id', {}, ['rule']],
    ['both', { rule: slow, ruleId: 'a'.repeat(24) }, ['rule']],
    ['41 days', { rule: slow, days: 41 }, ['days']],
    ['days and from', { rule: slow, days: 1, from: '2026-01-01T00:00:00Z' }, ['days']],
    ['an end before the beginning', { rule: slow, to: '2026-01-01T00:00:00Z' }, ['from']],
    ['a year ago', { rule: slow, from: new Date(Date.now() - 365 * 86_400_000).toISOString() }, ['from']],
  ])('%s: 422', async (_what, body, paths) => {
    expect(await refusal(body)).toEqual([422, 'VALIDATION_ERROR', ...paths]);
  });

  it('a rule whose past nothing tells is refused by its field', async () => {
    const rule = { deploymentId: 'shop', type: 'finding', condition: { kinds: ['drift'] } };
    expect(await refusal({ rule })).toEqual([422, 'ALERT_ERROR', 'rule.type']);
  });

  it('is told only within reach (fault 33)', async () => {
    const token = await tokenWith(['read'], ['bank']);
    expect(await refusal({ rule: slow }, token)).toEqual([404, 'NOT_FOUND']);
    expect(await refusal({ rule: { ...slow, deploymentId: '*' } }, token)).toEqual([403, 'FORBIDDEN']);
    const body = { ...slow, name: 'theirs' };
    const { id } = (await call('POST', '/api/v1/monitoring/alerts', { body })).json;
    expect(await refusal({ ruleId: id }, token)).toEqual([404, 'NOT_FOUND']);
  });
});
