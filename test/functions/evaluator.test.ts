import type { SQSBatchResponse } from 'aws-lambda';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type RuleRecord, ruleKey } from '../../shared/alerting/rule.ts';
import { readRulePlace } from '../../shared/alerting/rule-plan.ts';
import { checkIdOf, checkKey } from '../../shared/health/check.ts';
import { toResultsItem } from '../../shared/health/slot-results.ts';
import type { Item } from '../../shared/storage/index.ts';
import { eventOf } from '../domain/alerting/evaluate-world.ts';
import { recordOf } from '../domain/alerting/rules.ts';
import { checkRecord, seen } from '../domain/health/builders.ts';
import { type Cloud, startCloud } from './cloud.ts';
import { sqsEvent } from './queues.ts';

const verdictArn = 'arn:aws:lambda:eu-central-1:123456789012:function:verdict';
let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud({
    HOMEOSTAT_TEAM_FUNCTIONS: verdictArn,
    HOMEOSTAT_RETENTION_DAYS: '{"alertEvents":30}',
  });
});
afterAll(() => cloud.close());

/** Each test has a deployment of its own. */
let tests = 0;
let shop: string;
beforeEach(() => {
  shop = `shop-${tests++}`;
  cloud.arrived.length = 0;
  cloud.sent.length = 0;
});

const handle = async (bodies: readonly unknown[]): Promise<SQSBatchResponse> =>
  (await (
    await import('../../functions/evaluator/handler.ts')
  ).handler(sqsEvent(bodies))) as SQSBatchResponse;

const save = async (written: Readonly<Record<string, unknown>>): Promise<RuleRecord> => {
  const rule = recordOf({ deploymentId: shop, ...written });
  await cloud.state.put({ ...ruleKey(rule.id), v: 1, ...rule } as unknown as Item);
  return rule;
};
const shard = () => `${shop}.public.60.0`;
const place = async (name: string) => {
  const now = Date.now();
  const record = checkRecord({
    no: 1,
    shard: shard(),
    placedAt: now - 3_600_000,
    definition: { deploymentId: shop, name },
  });
  const times = { createdAt: now - 3_600_000, updatedAt: now - 3_600_000 };
  await cloud.state.put({ ...checkKey(record.id), v: 1, ...record, ...times } as unknown as Item);
};
const down = (name: string) =>
  eventOf('check.status_changed', {
    id: `${shop}-${name}`,
    at: new Date().toISOString(),
    checkId: checkIdOf(shop, name),
    deploymentId: shop,
    name,
    to: 'unhealthy',
    reason: 'answered 503',
  });
const incidentsWoken = () =>
  cloud.sent.filter(({ queue }) => queue === 'incidents.fifo').map(({ body }) => body);
const changes = () =>
  cloud.arrived.filter(({ type }) => type === 'alert.state_changed').map(({ detail }) => detail);

describe('the evaluator, by its handler', () => {
  test('a check that goes down opens an incident, keeps the episode as long as the stack says, and tells the bus', async () => {
    await place('home');
    expect(await handle([down('home'), down('home')])).toEqual({ batchItemFailures: [] });
    const [change] = changes() as { incidentId: string; eventId: string; to: string }[];
    expect(change).toMatchObject({ to: 'firing', ruleName: 'Service Down', deploymentId: shop });
    expect(incidentsWoken()).toEqual([{ incidentId: change?.incidentId, groupKey: `deployment:${shop}` }]);
    const day = new Date().toISOString().slice(0, 10);
    const { items } = await cloud.state.query({ pk: `EVENTS#${day}`, consistent: true });
    const episode = items.find(({ sk }) => sk === change?.eventId);
    expect(Number(episode?.expiresAt)).toBeLessThan(Date.now() / 1000 + 31 * 86_400);
    expect(episode).toMatchObject({ state: 'firing', reason: 'unhealthy: answered 503' });
  });

  test('a rule over results is judged by the ticks of its shard', async () => {
    await place('home');
    const rule = await save({ name: 'errors', type: 'error_rate', condition: { window: '5m', above: 0.5 } });
    await handle([eventOf('rule.changed', { ruleId: rule.id, deploymentId: shop })]);
    const { shard: ruleShard } = (await readRulePlace(cloud.telemetry, rule.id)) ?? {};
    const at = Date.now();
    for (const minutes of [4, 3, 2, 1, 0]) {
      const slotAt = at - minutes * 60_000 - 1000;
      const results = { shard: shard(), at: slotAt, planVersion: 1, attempt: 'a', loopDelayMs: 0 };
      const looks = [seen(1, { status: 'unhealthy', reason: 'answered 503' })];
      await cloud.telemetry.put(toResultsItem({ ...results, seen: looks }, Math.floor(at / 1000) + 3600));
    }
    expect(await handle([{ kind: 'rules', shard: ruleShard, at }])).toEqual({ batchItemFailures: [] });
    expect(changes()).toMatchObject([
      { to: 'firing', ruleName: 'errors', subject: `check:${checkIdOf(shop, 'home')}` },
    ]);
    await handle([{ kind: 'rules', shard: ruleShard, at }]);
    expect(changes()).toHaveLength(1);
  });

  test("a team's own function is asked for its verdict", async () => {
    const asked: unknown[] = [];
    cloud.invoked = (name, payload) => {
      asked.push([name, payload.rule]);
      return { firing: true, reason: 'seven orders hang' };
    };
    const rule = await save({ name: 'orders', type: 'custom', condition: { function: verdictArn } });
    await handle([eventOf('rule.changed', { ruleId: rule.id, deploymentId: shop })]);
    const { shard: ruleShard } = (await readRulePlace(cloud.telemetry, rule.id)) ?? {};
    await handle([{ kind: 'rules', shard: ruleShard, at: Date.now() }]);
    expect(asked).toEqual([[verdictArn, { id: rule.id, name: 'orders', deploymentId: shop }]]);
    expect(changes()).toMatchObject([{ to: 'firing', reason: 'firing: seven orders hang' }]);
  });

  test("of a team's own function an answer of megabytes is no verdict (fault 22)", async () => {
    cloud.invoked = () => ({ firing: true, reason: 'x'.repeat(300_000) });
    const rule = await save({ name: 'orders', type: 'custom', condition: { function: verdictArn } });
    await handle([eventOf('rule.changed', { ruleId: rule.id, deploymentId: shop })]);
    const { shard: ruleShard } = (await readRulePlace(cloud.telemetry, rule.id)) ?? {};
    const judged = await handle([{ kind: 'rules', shard: ruleShard, at: Date.now() }]);
    expect([judged, changes()]).toEqual([{ batchItemFailures: [] }, []]);
  });

  test('what somebody wrote is kept for the audit, once', async () => {
    const written = eventOf('audit.recorded', {
      id: `audit:rule:${shop}@1`,
      by: 'admin',
      action: 'created',
      kind: 'rule',
      subjectId: shop,
      name: 'a rule',
      deploymentId: shop,
      before: null,
      after: { name: 'a rule' },
    });
    await handle([written, written]);
    const { items } = await cloud.state.query({ pk: `AUDIT#${written.detail.at.slice(0, 10)}` });
    expect(items.filter(({ subjectId }) => subjectId === shop)).toHaveLength(1);
  });

  test('an alarm of CloudWatch joins by a rule', async () => {
    await save({ deploymentId: null, name: 'alarms', type: 'external', condition: {} });
    const alarm = {
      id: shop,
      account: '123456789012',
      region: 'eu-central-1',
      time: new Date().toISOString(),
      'detail-type': 'CloudWatch Alarm State Change',
      source: 'aws.cloudwatch',
      resources: [`arn:aws:cloudwatch:eu-central-1:123456789012:alarm:${shop}`],
      detail: { alarmName: shop, state: { value: 'ALARM', reason: 'too high' } },
    };
    expect(await handle([alarm])).toEqual({ batchItemFailures: [] });
    expect(changes()).toMatchObject([{ to: 'firing', ruleName: 'alarms', deploymentId: null }]);
  });

  test.each([
    [{}],
    [null],
    [{ kind: 'rules', shard: '0.0' }],
    [{ kind: 'alert', pk: 'CHECKS#0', sk: 'x' }],
    [{ source: 'homeostat', 'detail-type': 'rule.changed', detail: {} }],
    [{ source: 'homeostat', 'detail-type': 'check.status_changed' }],
    [{ source: 'aws.cloudwatch', detail: {} }],
    [{ source: 'elsewhere', 'detail-type': 'check.changed', detail: {} }],
  ])('the poison message %j comes again, its neighbour does not (fault 10)', async (poison) => {
    await place('home');
    expect(await handle([poison, down('home')])).toEqual({
      batchItemFailures: [{ itemIdentifier: 'message-0' }],
    });
    expect(changes()).toHaveLength(1);
  });
});
