import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ticksOf } from '../../shared/alerting/dispatch-rules.ts';
import { listRuleShard } from '../../shared/alerting/shard-list.ts';
import { dispatch } from '../../shared/health/dispatch.ts';
import { shardListKey } from '../../shared/health/keys.ts';
import { listShard } from '../../shared/health/shard-list.ts';
import { slotsBetween } from '../../shared/health/slots.ts';
import type { OutgoingMessage } from '../../shared/platform/aws/queue.aws.ts';
import { noon, planOf } from '../domain/health/builders.ts';
import { type Cloud, startCloud } from './cloud.ts';
import { startQueues } from './queues.ts';

let cloud: Cloud;
let queues: Awaited<ReturnType<typeof startQueues>>;
beforeAll(async () => {
  cloud = await startCloud();
  queues = await startQueues({ HOMEOSTAT_SLOTS: 'slots', HOMEOSTAT_SIGNALS: 'signals' });
  const list = (shard: string, given = {}) =>
    listShard(cloud.telemetry, { ...planOf(shard, [1], { 1: given }), planVersion: 3 });
  await list('home.public.60.0');
  await list('home.public.10.0');
  await list('home.public.3600.0');
  await list('home.public.60.1', { paused: true });
  await list('home.vpc.30.0');
});
afterAll(async () => {
  await queues.close();
  await cloud.close();
});
beforeEach(() => {
  queues.sent.length = 0;
});

const handle = async (scheduledAt: string) =>
  (await import('../../functions/dispatcher/handler.ts')).handler({ scheduledAt });

describe('the dispatcher, by its handler', () => {
  test('sends each slot of the next minute once, delayed until it begins', async () => {
    const tick = Math.floor(Date.now() / 60_000) * 60_000;
    await handle(new Date(tick).toISOString());
    const ofShard = (shard: string) => queues.sent.filter((one) => one.body.shard === shard);
    expect(ofShard('home.public.60.0')).toHaveLength(1);
    expect(ofShard('home.public.10.0')).toHaveLength(6);
    for (const { queue, body, delaySeconds } of queues.sent) {
      expect(queue).toBe('slots');
      expect(body).toMatchObject({ kind: 'slot', planVersion: 3 });
      expect(Number(body.slotAt)).toBeGreaterThanOrEqual(tick + 60_000);
      expect(Number(body.slotAt)).toBeLessThan(tick + 120_000);
      expect(Math.abs(Date.now() + delaySeconds * 1000 - Number(body.slotAt))).toBeLessThan(3000);
    }
  });

  test('a shard whose checks all pause has no slots, and one for the VPC has none without that runner', async () => {
    await handle(new Date().toISOString());
    const shards = new Set(queues.sent.map((one) => one.body.shard));
    expect(shards.has('home.public.60.1')).toBe(false);
    expect(shards.has('home.vpc.30.0')).toBe(false);
  });

  test('a scheduled time that does not parse counts as now', async () => {
    await handle('<aws.scheduler.scheduled-time>');
    expect(queues.sent.filter((one) => one.body.shard === 'home.public.60.0')).toHaveLength(1);
  });
});

describe('rules that are judged every 30 s', () => {
  const ofRules = () => queues.sent.filter(({ queue }) => queue === 'signals');
  const tickAt = () => Math.floor(Date.now() / 60_000) * 60_000;

  test('without any such rule nothing is sent for them', async () => {
    await handle(new Date().toISOString());
    expect(ofRules()).toEqual([]);
  });

  test('each shard that has some gets two messages, half a minute apart in the next minute', async () => {
    await listRuleShard(cloud.telemetry, { shard: '3.0', version: 7, active: 42, bytes: 1 });
    await listRuleShard(cloud.telemetry, { shard: '3.1', version: 2, active: 0, bytes: 0 });
    const tick = tickAt();
    await handle(new Date(tick).toISOString());
    const sent = ofRules();
    expect(sent.map(({ body }) => [body.kind, body.shard, body.version])).toEqual([
      ['rules', '3.0', 7],
      ['rules', '3.0', 7],
    ]);
    const [first = 0, second = 0] = sent.map(({ body }) => Number(body.at)).sort();
    expect(second - first).toBe(30_000);
    expect(first).toBeGreaterThanOrEqual(tick + 60_000);
    expect(second).toBeLessThan(tick + 120_000);
    for (const { body, delaySeconds } of sent) {
      expect(Math.abs(Date.now() + delaySeconds * 1000 - Number(body.at))).toBeLessThan(3000);
    }
  });

  test('a repeated tick sends the same instants again (fault 1)', async () => {
    const tick = new Date(tickAt()).toISOString();
    await handle(tick);
    const once = ofRules().map(({ body }) => body.at);
    await handle(tick);
    expect(new Set(ofRules().map(({ body }) => body.at))).toEqual(new Set(once));
  });

  test('an hour of ticks judges each shard every 30 s, and shards in waves', () => {
    const shards = Array.from({ length: 60 }, (_, no) => `${no % 8}.${no}`);
    const instants = shards.map((shard) =>
      Array.from({ length: 60 }, (_, minute) => ticksOf(shard, noon + minute * 60_000)).flat(),
    );
    for (const own of instants) {
      expect(new Set(own.slice(1).map((at, index) => at - (own[index] ?? 0)))).toEqual(new Set([30_000]));
    }
    expect(new Set(instants.map(([at]) => at)).size).toBe(6);
  });
});

describe('dispatching', () => {
  const collect = () => {
    const sent: OutgoingMessage[] = [];
    return { sent, send: async (messages: readonly OutgoingMessage[]) => void sent.push(...messages) };
  };

  test('private checks go to the queue of the runner inside the VPC', async () => {
    const [slots, vpcSlots] = [collect(), collect()];
    await dispatch(noon, { telemetry: cloud.telemetry, clock: () => noon, slots, vpcSlots });
    expect(vpcSlots.sent.map(({ body }) => (body as { shard: string }).shard)).toEqual([
      'home.vpc.30.0',
      'home.vpc.30.0',
    ]);
    expect(slots.sent.length).toBeGreaterThanOrEqual(7);
  });

  test.each([
    ['slow', 'slots'],
    ['vpc-slow', 'vpcSlots'],
    ['heartbeat', 'slots'],
    ['composite', 'slots'],
    ['resource', 'slots'],
  ] as const)('%s shards are sent to %s', async (className, queue) => {
    const shard = `home.${className}.60.0`;
    await listShard(cloud.telemetry, { ...planOf(shard, [1]), planVersion: 1 });
    const sent = { slots: collect(), vpcSlots: collect() };
    await dispatch(noon, { telemetry: cloud.telemetry, clock: () => noon, ...sent });
    const went = Object.entries(sent).filter(([, { sent: messages }]) =>
      messages.some(({ body }) => (body as { shard: string }).shard === shard),
    );
    expect(went.map(([name]) => name)).toEqual([queue]);
    await cloud.telemetry.delete(shardListKey(shard));
  });

  test('without that queue the shard is reported, the others are sent', async () => {
    const slots = collect();
    const { skipped, messages } = await dispatch(noon, {
      telemetry: cloud.telemetry,
      clock: () => noon,
      slots,
      vpcSlots: undefined,
    });
    expect(skipped).toEqual(['home.vpc.30.0']);
    expect(messages).toBe(slots.sent.length);
  });

  test('an hour of ticks sends each slot exactly once', async () => {
    const slots = collect();
    for (let minute = 0; minute < 60; minute++) {
      const tickAt = noon + minute * 60_000;
      await dispatch(tickAt, { telemetry: cloud.telemetry, clock: () => tickAt, slots, vpcSlots: undefined });
    }
    const sent = slots.sent.map(({ body }) => body as { shard: string; slotAt: number });
    const of = (shard: string) =>
      sent
        .filter((one) => one.shard === shard)
        .map((one) => one.slotAt)
        .sort();
    for (const [shard, count] of [
      ['home.public.60.0', 60],
      ['home.public.10.0', 360],
      ['home.public.3600.0', 1],
    ] as const) {
      expect(of(shard)).toHaveLength(count);
      expect(of(shard)).toEqual(slotsBetween(shard, noon + 60_000, noon + 61 * 60_000));
    }
  });

  test('a thousand shards are sent page by page, never all at once (fault 21)', async () => {
    const shard = 'home.public.60.0';
    const pageOf = (number: number) => ({
      items: Array.from({ length: 250 }, (_, at) => ({
        pk: 'p',
        sk: shard,
        v: 1,
        planVersion: 1,
        active: 1,
        entries: 100,
        bytes: 1,
        at,
      })),
      next: number < 3 ? String(number + 1) : undefined,
    });
    let largest = 0;
    let total = 0;
    const telemetry = {
      query: async ({ pk, after }: { pk: string; after?: string }) =>
        pk === 'SHARDS#0' ? pageOf(Number(after ?? 0)) : { items: [], next: undefined },
    };
    const slots = {
      send: async (messages: readonly OutgoingMessage[]) => {
        largest = Math.max(largest, messages.length);
        total += messages.length;
      },
    };
    await dispatch(noon, { telemetry, clock: () => noon, slots, vpcSlots: undefined });
    expect(total).toBe(1000);
    expect(largest).toBe(250);
  });
});
