import { describe, expect, it } from 'vitest';
import { emptyHead } from '../../../shared/health/head.ts';
import { listShard } from '../../../shared/health/shard-list.ts';
import { writeHead, writePlan } from '../../../shared/health/telemetry.ts';
import { type HeartbeatWorld, pingHeartbeat } from '../../../shared/notifications/heartbeat.ts';
import { type HttpPost, NotSent } from '../../../shared/notifications/kinds/kind.ts';
import { planOf, stateOf } from '../health/builders.ts';
import { memoryTable } from '../health/memory-table.ts';
import { hour, minute, noon, second } from './engine-world.ts';
import { memoryState } from './memory-state.ts';

const secret = 'canary-5ecret-a1b2';

type Shard = { readonly seenAgoMs: number; readonly placedAgoMs?: number };

const openWorld = async (shards: readonly Shard[] = [], given: Partial<HeartbeatWorld> = {}) => {
  const telemetry = memoryTable();
  for (const [number, { seenAgoMs, placedAgoMs = hour }] of shards.entries()) {
    const shard = `home.public.60.${number}`;
    const placedAt = noon - placedAgoMs;
    const plan = planOf(shard, [1, 2], { 1: { placedAt }, 2: { placedAt } });
    await writePlan(telemetry, plan, 'plan');
    await listShard(telemetry, plan);
    const at = noon - seenAgoMs;
    const checks = new Map([1, 2].map((no) => [no, stateOf({ at })]));
    await writeHead(
      telemetry,
      { ...emptyHead(shard), version: 1, slotAt: at, planVersion: 1, checks },
      'run',
    );
  }
  const asked: HttpPost[] = [];
  const state = memoryState(() => noon);
  const world: HeartbeatWorld = {
    state,
    telemetry,
    clock: () => noon,
    heartbeatUrl: 'https://hc-ping.example.com/a-uuid',
    secret: async (name) =>
      name === 'PING' ? secret : Promise.reject(new Error(`there is no secret ${name}`)),
    post: async (request) => {
      asked.push(request);
      return { status: 200, headers: {}, body: 'OK' };
    },
    ...given,
  };
  return { world, asked, state };
};

describe('the sign of life to an outside address (fault 17)', () => {
  it('is a GET while checks have fresh results and nothing is stuck', async () => {
    const { world, asked } = await openWorld([{ seenAgoMs: 30 * second }, { seenAgoMs: minute }]);
    expect(await pingHeartbeat(world)).toEqual({ kind: 'pinged' });
    expect(asked).toMatchObject([{ method: 'GET', url: 'https://hc-ping.example.com/a-uuid' }]);
  });

  it('is given where there is nothing to look at yet', async () => {
    const { world } = await openWorld();
    expect(await pingHeartbeat(world)).toEqual({ kind: 'pinged' });
  });

  it('is not given without an address', async () => {
    const { world, asked } = await openWorld([], { heartbeatUrl: '' });
    expect(await pingHeartbeat(world)).toEqual({ kind: 'off' });
    expect(asked).toEqual([]);
  });

  it.each<[string, Shard[], string]>([
    ['the only shard', [{ seenAgoMs: 10 * minute }], '1 of 1 shards have no fresh results: home.public.60.0'],
    [
      'one of two shards',
      [{ seenAgoMs: 10 * minute }, { seenAgoMs: minute }],
      '1 of 2 shards have no fresh results: home.public.60.0',
    ],
  ])('is not given when nobody looks any more: %s', async (_, shards, reason) => {
    const { world, asked } = await openWorld(shards);
    expect(await pingHeartbeat(world)).toEqual({ kind: 'unwell', reason });
    expect(asked).toEqual([]);
  });

  it('is given while checks are new and their first results are on the way', async () => {
    const { world } = await openWorld([{ seenAgoMs: hour, placedAgoMs: minute }]);
    expect(await pingHeartbeat(world)).toEqual({ kind: 'pinged' });
  });

  it.each([
    ['nine minutes', 9, 'pinged'],
    ['eleven minutes', 11, 'unwell'],
  ])('is not given when what is due is not looked at: for %s', async (_, minutes, kind) => {
    const { world, state } = await openWorld();
    await state.put({
      pk: 'CHANNEL#c',
      sk: 'N#i',
      v: 1,
      due: 'SEND#3',
      dueAt: noon - minutes * minute,
    });
    expect((await pingHeartbeat(world)).kind).toBe(kind);
  });

  it('is not given when the tables cannot be read', async () => {
    const { world } = await openWorld([], {
      state: {
        queryDue: async () => {
          throw new Error('throttled');
        },
      },
    });
    expect(await pingHeartbeat(world)).toEqual({
      kind: 'unwell',
      reason: 'the tables cannot be read: throttled',
    });
  });

  it('takes its address, or a part of it, from secrets, which no error tells (fault 29)', async () => {
    const { world, asked } = await openWorld([], {
      heartbeatUrl: `https://hc-ping.example.com/\${secret:PING}`,
    });
    expect(await pingHeartbeat(world)).toEqual({ kind: 'pinged' });
    expect(asked[0]?.url).toBe(`https://hc-ping.example.com/${secret}`);
    const failing = {
      ...world,
      post: async ({ url }: HttpPost) => {
        throw new NotSent(`${url} could not be reached`);
      },
    };
    expect(await pingHeartbeat(failing)).toEqual({
      kind: 'unheard',
      reason: 'https://hc-ping.example.com/[secret] could not be reached',
    });
    expect(await pingHeartbeat({ ...world, heartbeatUrl: `\${secret:NONE}` })).toEqual({
      kind: 'unheard',
      reason: 'there is no secret NONE',
    });
  });

  it('goes to a heartbeat check of another Homeostat as a POST with its token', async () => {
    const heartbeatUrl = `https://bearer:\${secret:PING}@other.example.com/api/v1/monitoring/health-checks/c1/ping`;
    const { world, asked } = await openWorld([], { heartbeatUrl });
    expect(await pingHeartbeat(world)).toEqual({ kind: 'pinged' });
    expect(asked).toEqual([
      {
        method: 'POST',
        url: 'https://other.example.com/api/v1/monitoring/health-checks/c1/ping',
        headers: { authorization: `Bearer ${secret}` },
        body: '',
      },
    ]);
  });

  it.each([301, 404, 500])('that is answered with %s was not heard', async (status) => {
    const post = async () => ({ status, headers: {}, body: '' });
    const { world } = await openWorld([], { post });
    expect(await pingHeartbeat(world)).toEqual({
      kind: 'unheard',
      reason: `the heartbeat address answered with ${status}`,
    });
  });
});
