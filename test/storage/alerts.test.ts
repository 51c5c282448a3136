import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Alert, timerBucketOf } from '../../shared/alerting/alert.ts';
import {
  alertsOfRule,
  alertsOfRules,
  keyOfAlert,
  loadAlert,
  loadAlerts,
  noAlert,
  settleLeft,
  writeAlert,
} from '../../shared/alerting/alerts-store.ts';
import { keepEvent } from '../../shared/alerting/events-store.ts';
import {
  noteRulePlace,
  readRulePlace,
  readRulePlan,
  writeRulePlan,
} from '../../shared/alerting/rule-plan.ts';
import { listRuleShard, ruleShardsIn } from '../../shared/alerting/shard-list.ts';
import { openTable, type Table } from '../../shared/storage/index.ts';
import { recordOf } from '../domain/alerting/rules.ts';
import { createTable } from '../functions/cloud.ts';
import { type Engine, startEngine } from './engine.ts';

let engine: Engine;
let client: DynamoDBClient;
let state: Table;
let now = 1_769_860_800_000;
beforeAll(async () => {
  engine = await startEngine();
  client = engine.client;
  await createTable(client, 'alerts');
  state = openTable('alerts', () => now, { client });
}, 60_000);
afterAll(() => engine.stop());

let rules = 0;
const newRule = (deploymentId = 'shop') =>
  recordOf({ deploymentId, name: `rule ${rules++}`, type: 'downtime', condition: {} });

const alertOf = (ruleId: string, subjectKey: string, given: Partial<Alert> = {}): Alert => ({
  id: keyOfAlert(ruleId, subjectKey).sk.split('#')[1] ?? '',
  ruleId,
  ruleName: 'rule',
  ruleType: 'downtime',
  subject: { key: subjectKey, deploymentId: 'shop', name: subjectKey, labels: {} },
  state: 'firing',
  seq: 1,
  severity: 'error',
  channels: [],
  value: null,
  reason: 'down',
  since: now,
  firedAt: now,
  readAt: now,
  ...given,
});

const nothingLeft = { unsent: [], isUntold: false, wakeAt: undefined, keptUntil: undefined };
const write = (ruleId: string, subjectKey: string, given: Partial<Alert> = {}, attempt = 'one') =>
  writeAlert(
    state,
    noAlert(keyOfAlert(ruleId, subjectKey)),
    { alert: alertOf(ruleId, subjectKey, given), ...nothingLeft },
    { attempt, now },
  );

describe('the item of an alert', () => {
  it('is written once for each version that was read; its own lost acknowledgement counts (faults 1 and 5)', async () => {
    const { id } = newRule();
    const key = keyOfAlert(id, 'check:a');
    const first = await write(id, 'check:a');
    expect(first).toMatchObject({ version: 1 });
    expect(await write(id, 'check:a', {}, 'two')).toBeUndefined();
    expect(await write(id, 'check:a', {}, 'one')).toMatchObject({ version: 1 });
    const next = { alert: alertOf(id, 'check:a', { seq: 2, state: 'resolved' }), ...nothingLeft };
    const read = await loadAlert(state, key);
    expect(await writeAlert(state, read, next, { attempt: 'three', now })).toMatchObject({
      version: 2,
      lastSeq: 2,
    });
    expect(await writeAlert(state, read, next, { attempt: 'four', now })).toBeUndefined();
  });

  it('is due while anything is left of it, then at its own instant, then never', async () => {
    const { id } = newRule();
    const key = keyOfAlert(id, 'check:a');
    const wakeAt = now + 300_000;
    const next = { ...nothingLeft, alert: alertOf(id, 'check:a'), isUntold: true, wakeAt };
    const stored = await writeAlert(state, noAlert(key), next, { attempt: 'one', now });
    const dueAt = async () =>
      (await state.queryDue(timerBucketOf(key), now + 86_400_000, 100)).find(({ sk }) => sk === key.sk)
        ?.dueAt;
    expect(await dueAt()).toBe(now + 30_000);
    if (!stored) throw new Error('nobody else writes here');
    await settleLeft(state, stored, { ...nothingLeft, wakeAt }, now);
    expect(await dueAt()).toBe(wakeAt);
    await settleLeft(state, stored, nothingLeft, now);
    expect(await dueAt()).toBeUndefined();
    expect(await loadAlert(state, key)).toMatchObject({ alert: { state: 'firing' }, isUntold: false });
  });

  it('is left alone by whoever did what an older version had left', async () => {
    const { id } = newRule();
    const key = keyOfAlert(id, 'check:a');
    const first = { ...nothingLeft, alert: alertOf(id, 'check:a'), isUntold: true };
    const stored = await writeAlert(state, noAlert(key), first, { attempt: 'one', now });
    if (!stored) throw new Error('nobody else writes here');
    await writeAlert(
      state,
      stored,
      { ...first, alert: alertOf(id, 'check:a', { seq: 2 }) },
      { attempt: 'two', now },
    );
    await settleLeft(state, stored, nothingLeft, now);
    expect(await loadAlert(state, key)).toMatchObject({ isUntold: true, version: 2 });
  });

  it('expires when it need not be kept, but not while anything is left of it', async () => {
    const { id } = newRule();
    const key = keyOfAlert(id, 'check:a');
    const ended = {
      ...nothingLeft,
      alert: alertOf(id, 'check:a', { state: 'resolved' }),
      keptUntil: now + 60_000,
    };
    const stored = await writeAlert(
      state,
      noAlert(key),
      { ...ended, isUntold: true },
      { attempt: 'one', now },
    );
    const expiry = async () => (await state.get(key, { consistent: true }))?.expiresAt;
    expect(await expiry()).toBeUndefined();
    if (stored) await settleLeft(state, stored, nothingLeft, now);
    expect(await expiry()).toBe(Math.ceil((now + 60_000) / 1000));
    now += 61_000;
    expect((await loadAlert(state, key)).alert).toBeUndefined();
    expect(await write(id, 'check:a', {}, 'anew')).toMatchObject({ version: 1 });
  });
});

describe('alerts are found', () => {
  it('by rule, by keys, and by the rules of a shard, whatever lies between', async () => {
    const [mine, other] = [newRule(), newRule()];
    for (const subject of ['check:a', 'check:b']) await write(mine.id, subject);
    await write(other.id, 'check:a');
    expect((await alertsOfRule(state, mine.id)).map(({ alert }) => alert?.subject.key).sort()).toEqual([
      'check:a',
      'check:b',
    ]);
    const keys = ['check:a', 'check:z'].map((subject) => keyOfAlert(mine.id, subject));
    const found = await loadAlerts(state, keys);
    expect([...found.values()].map(({ alert }) => alert?.subject.key)).toEqual(['check:a', undefined]);
    expect((await alertsOfRules(state, [mine.id])).map(({ alert }) => alert?.ruleId)).toEqual([
      mine.id,
      mine.id,
    ]);
    expect(await alertsOfRules(state, [])).toEqual([]);
  });

  it('also when hundreds of others lie in the range of the shard', async () => {
    const family = Array.from({ length: 4 }, () => newRule()).sort((left, right) =>
      left.id < right.id ? -1 : 1,
    );
    const [first, between, , last] = family;
    if (!first || !between || !last) throw new Error('four rules were made');
    for (let no = 0; no < 230; no++) await write(between.id, `check:${no}`);
    await write(first.id, 'check:a');
    await write(last.id, 'check:a');
    const found = await alertsOfRules(state, [last.id, first.id]);
    expect(found.map(({ alert }) => alert?.ruleId).sort()).toEqual([first.id, last.id]);
  });
});

describe('an episode', () => {
  it('is kept as its newest state says, whatever comes late (fault 2)', async () => {
    const { id } = newRule();
    const event = {
      id: `${now.toString(36).padStart(9, '0')}-${'a'.repeat(24)}`,
      alertId: 'a'.repeat(24),
      alert: keyOfAlert(id, 'check:a'),
      ruleId: id,
      ruleName: 'rule',
      ruleType: 'downtime',
      deploymentId: 'shop',
      subject: { key: 'check:a', deploymentId: 'shop', name: 'a', labels: {} },
      severity: 'error' as const,
      value: null,
      reason: 'down',
      firedAt: now,
    };
    await keepEvent(state, { ...event, state: 'resolved', seq: 2 });
    await keepEvent(state, { ...event, state: 'firing', seq: 1 });
    const day = new Date(now).toISOString().slice(0, 10);
    const { items } = await state.query({ pk: `EVENTS#${day}` });
    expect(items).toMatchObject([
      { state: 'resolved', seq: 2, expiresAt: Math.floor(now / 1000) + 90 * 86_400 },
    ]);
  });
});

describe('the shards of rules', () => {
  it('are changed by whoever read them last, and listed by their newest version', async () => {
    const plan = { shard: '3.0', version: 1, rules: [newRule()] };
    expect(await writeRulePlan(state, plan, 'one')).toBe(true);
    expect(await writeRulePlan(state, plan, 'two')).toBe(false);
    expect(await writeRulePlan(state, plan, 'one')).toBe(true);
    expect(await writeRulePlan(state, { ...plan, version: 2, rules: [] }, 'three')).toBe(true);
    expect(await readRulePlan(state, '3.0', { consistent: true })).toEqual({
      shard: '3.0',
      version: 2,
      rules: [],
    });
    await listRuleShard(state, { shard: '3.0', version: 2, active: 0, bytes: 0 });
    await listRuleShard(state, { shard: '3.0', version: 1, active: 1, bytes: 9 });
    expect(await ruleShardsIn(state, 3, true)).toEqual([{ shard: '3.0', version: 2, active: 0, bytes: 0 }]);
  });

  it('take a rule at the place that was noted first', async () => {
    const { id } = newRule();
    expect(await noteRulePlace(state, id, { shard: '1.0', before: undefined, now })).toBe(true);
    expect(await noteRulePlace(state, id, { shard: '1.1', before: undefined, now })).toBe(false);
    expect(await noteRulePlace(state, id, { shard: '1.1', before: '1.0', now })).toBe(true);
    expect(await readRulePlace(state, id)).toEqual({ shard: '1.1', isLeft: false });
  });
});
