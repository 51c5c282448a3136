import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { handler } from '../../functions/sweeper/handler.ts';
import type { HomeostatEvent } from '../../shared/platform/events.ts';
import { asValue, withEvent } from '../../shared/platform/outbox/index.ts';
import { sweep } from '../../shared/platform/outbox/sweep.ts';
import type { Key } from '../../shared/storage/index.ts';
import { type Cloud, startCloud } from './cloud.ts';

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(() => cloud.close());
beforeEach(() => {
  cloud.arrived.length = 0;
  cloud.bus = 'open';
});

const event = (checkId: string, revision: number): HomeostatEvent => ({
  type: 'check.changed',
  detail: {
    id: `check:${checkId}@${revision}`,
    at: '2026-01-01T00:00:00.000Z',
    accountId: '123456789012',
    region: 'eu-central-1',
    checkId,
    deploymentId: 'default',
    name: checkId,
    revision,
    change: 'created',
  },
});

const leaveBehind = async (checkId: string, writtenAt: number): Promise<Key> => {
  const key = { pk: 'CHECKS#0', sk: checkId };
  const outbox = withEvent(key, [], event(checkId, 1), writtenAt);
  await cloud.state.put({ ...key, v: 1, revision: 1, ...outbox, outbox: asValue(outbox.outbox) });
  return key;
};

const anHourAgo = () => Date.now() - 3_600_000;
const run = () => handler({ scheduledAt: new Date().toISOString() });

describe('the sweeper', () => {
  it('publishes what a crash left behind, once, and clears it', async () => {
    const keys = await Promise.all(['left-a', 'left-b', 'left-c'].map((id) => leaveBehind(id, anHourAgo())));
    await run();
    expect(cloud.arrived.map(({ detail }) => detail.id).sort()).toEqual([
      'check:left-a@1',
      'check:left-b@1',
      'check:left-c@1',
    ]);
    for (const key of keys) {
      const item = await cloud.state.get(key, { consistent: true });
      expect([item?.outbox, item?.due, item?.dueAt]).toEqual([undefined, undefined, undefined]);
    }
    await run();
    expect(cloud.arrived).toHaveLength(3);
  });

  it('leaves alone for 30 seconds what its writer may still be publishing', async () => {
    const now = Date.now();
    const key = await leaveBehind('fresh', now);
    const ports = { state: cloud.state, bus: { publish: async () => ['check:fresh@1'] } };
    expect(await sweep(ports, () => now + 29_999, now + 60_000)).toEqual({ published: 0, postponed: 0 });
    expect(await sweep(ports, () => now + 30_000, now + 60_000)).toEqual({ published: 1, postponed: 0 });
    expect((await cloud.state.get(key))?.outbox).toBeUndefined();
  });

  it('a bucket that cannot be read does not keep the others waiting, and the fault is told', async () => {
    const due: Record<string, Key[]> = {};
    const writtenAt = anHourAgo();
    for (const id of ['one', 'two', 'three', 'four', 'five', 'six']) {
      const key = await leaveBehind(`apart-${id}`, writtenAt);
      const bucket = String((await cloud.state.get(key))?.due);
      due[bucket] = [...(due[bucket] ?? []), key];
    }
    const [broken, ...others] = Object.keys(due).sort();
    expect(others.length).toBeGreaterThan(0);
    const state = {
      ...cloud.state,
      queryDue: async (bucket: string, untilAt: number, limit: number) => {
        if (bucket === broken) throw new Error('this partition is away');
        return cloud.state.queryDue(bucket, untilAt, limit);
      },
    };
    const bus = {
      publish: async (events: readonly HomeostatEvent[]) => events.map(({ detail }) => detail.id),
    };
    const swept = sweep({ state, bus }, Date.now, Date.now() + 10_000);
    await expect(swept).rejects.toThrow('this partition is away');
    for (const bucket of Object.keys(due)) {
      for (const key of due[bucket] ?? []) {
        expect((await cloud.state.get(key, { consistent: true }))?.outbox !== undefined).toBe(
          bucket === broken,
        );
      }
    }
    await run();
  });

  it('while the bus is away nothing is lost: it comes with a later run', async () => {
    await leaveBehind('patient', anHourAgo());
    cloud.bus = 'down';
    await expect(run()).rejects.toThrow();
    cloud.bus = 'open';
    await run();
    expect(cloud.arrived.map(({ detail }) => detail.id)).toEqual(['check:patient@1']);
  });

  it('a change that comes between publishing and clearing keeps its own event (fault 3)', async () => {
    const now = Date.now();
    const key = await leaveBehind('raced', anHourAgo());
    const publish = async (events: readonly HomeostatEvent[]) => {
      const next = withEvent(key, [], event('raced', 2), now);
      await cloud.state.put({ ...key, v: 1, revision: 2, ...next, outbox: asValue(next.outbox) });
      return events.map(({ detail }) => detail.id);
    };
    await sweep({ state: cloud.state, bus: { publish } }, () => now, now + 60_000);
    const item = await cloud.state.get(key, { consistent: true });
    expect(item?.outbox).toMatchObject([{ detail: { id: 'check:raced@2' } }]);
    await cloud.state.update(key, { remove: ['outbox', 'due', 'dueAt'] });
  });

  it('what the bus refuses again and again does not stand before the others', async () => {
    const now = Date.now();
    await leaveBehind('refused', anHourAgo());
    await leaveBehind('good', anHourAgo());
    const taken: string[] = [];
    const publish = async (events: readonly HomeostatEvent[]) => {
      const good = events.map(({ detail }) => detail.id).filter((id) => !id.includes('refused'));
      taken.push(...good);
      return good;
    };
    const ports = { state: cloud.state, bus: { publish } };
    expect(await sweep(ports, () => now, now + 60_000)).toEqual({ published: 1, postponed: 1 });
    expect(taken).toEqual(['check:good@1']);
    expect(await sweep(ports, () => now + 60_000, now + 120_000)).toEqual({ published: 0, postponed: 0 });
    expect(await sweep(ports, () => now + 300_000, now + 400_000)).toEqual({ published: 0, postponed: 1 });
  });
});
