import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { inTurn } from '../../functions/notifier/in-turn.ts';
import { emptyHead } from '../../shared/health/head.ts';
import { listShard } from '../../shared/health/shard-list.ts';
import { writeHead, writePlan } from '../../shared/health/telemetry.ts';
import { announce } from '../../shared/notifications/announce.ts';
import { type ChannelRecord, channelKey } from '../../shared/notifications/channel.ts';
import { notificationKey } from '../../shared/notifications/notification.ts';
import { readNotification } from '../../shared/notifications/store.ts';
import type { Value } from '../../shared/storage/index.ts';
import { planOf, stateOf } from '../domain/health/builders.ts';
import { announcementOf, channelOf } from '../domain/notifications/engine-world.ts';
import { type Cloud, startCloud } from './cloud.ts';

type Got = { readonly method: string; readonly path: string; readonly body: string };

let cloud: Cloud;
let receiver: Server;
let receiverUrl: string;
const got: Got[] = [];
/** What the receiver answers to a path; 200 when it is not here. */
const statuses = new Map<string, number>();

const textOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
};

beforeAll(async () => {
  receiver = createServer(async (request, response) => {
    const path = request.url ?? '';
    got.push({ method: request.method ?? '', path, body: await textOf(request) });
    response.writeHead(statuses.get(path) ?? 200).end('ok');
  });
  await new Promise<void>((done) => receiver.listen(0, '127.0.0.1', done));
  receiverUrl = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
  cloud = await startCloud({
    HOMEOSTAT_ALERT_TOPIC: 'arn:aws:sns:eu-central-1:123456789012:alerts',
    HOMEOSTAT_LINK_KEY: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:link-key',
    HOMEOSTAT_PUBLIC_URL: 'https://homeostat.example.com',
    HOMEOSTAT_HEARTBEAT_URL: `${receiverUrl}/alive`,
  });
  for (const name of ['signals', 'incidents', 'undelivered']) {
    process.env[`HOMEOSTAT_${name.toUpperCase()}`] = process.env.HOMEOSTAT_SLOTS?.replace('slots', name);
  }
});
afterAll(async () => {
  await cloud.close();
  receiver.closeAllConnections();
  await new Promise<void>((done) => receiver.close(() => done()));
});
beforeEach(() => {
  got.length = 0;
  cloud.sent.length = 0;
  cloud.arrived.length = 0;
  statuses.clear();
});

const run = async () =>
  (await import('../../functions/notifier/handler.ts')).handler({ scheduledAt: new Date().toISOString() });

const register = async (name: string): Promise<ChannelRecord> => {
  const channel = channelOf(name, { config: { url: `${receiverUrl}/${name}`, format: 'homeostat' } });
  await cloud.state.put({
    ...channelKey(channel.id),
    v: 1,
    ...(channel as unknown as Record<string, Value>),
  });
  return channel;
};
let ids = 0;
const tell = async (channel: ChannelRecord, incidentId: string) => {
  const world = { state: cloud.state, clock: Date.now, newId: () => `test-${ids++}` };
  await announce(world, [channel], announcementOf(1, 'firing', { incidentId, at: Date.now() }));
};
const paths = () => got.map(({ method, path }) => `${method} ${path}`);

describe('the notifier', () => {
  it('sends what is due, with links that are signed, and gives a sign of life', async () => {
    const channel = await register('hook');
    await tell(channel, 'inc-due');
    await run();
    expect(paths().sort()).toEqual(['GET /alive', 'POST /hook']);
    expect(got.find(({ path }) => path === '/hook')?.body).toMatch(
      /https:\/\/homeostat\.example\.com\/api\/v1\/monitoring\/act\/[\w-]+\.[\w-]{43}/,
    );
    expect(await readNotification(cloud.state, notificationKey(channel.id, 'inc-due'))).toMatchObject({
      unsent: [],
      sentNo: 1,
    });
    await run();
    expect(paths().filter((path) => path === 'POST /hook')).toHaveLength(1);
  });

  it('two runs at once send nothing twice (fault 1)', async () => {
    const channel = await register('twice');
    for (const id of ['a', 'b', 'c', 'd']) await tell(channel, `inc-${id}`);
    await Promise.all([run(), run()]);
    expect(paths().filter((path) => path === 'POST /twice')).toHaveLength(4);
  });

  it('keeps the alarm up while something is undelivered, and says so on the bus once', async () => {
    const channel = await register('refusing');
    statuses.set('/refusing', 401);
    await tell(channel, 'inc-refused');
    await run();
    await run();
    expect(cloud.sent.filter(({ queue }) => queue === 'undelivered')).toEqual([
      { queue: 'undelivered', body: { kind: 'undelivered', notifications: 1, channels: [channel.id] } },
      { queue: 'undelivered', body: { kind: 'undelivered', notifications: 1, channels: [channel.id] } },
    ]);
    expect(cloud.arrived.map(({ type }) => type)).toEqual(['notification.undelivered']);
  });

  it('gives no sign of life when checks have no fresh results any more (fault 17)', async () => {
    const at = Date.now() - 3_600_000;
    const plan = planOf('stale.public.60.0', [1], { 1: { placedAt: at } });
    await writePlan(cloud.telemetry, plan, 'plan');
    await listShard(cloud.telemetry, plan);
    const head = { ...emptyHead(plan.shard), version: 1, slotAt: at, planVersion: 1 };
    await writeHead(cloud.telemetry, { ...head, checks: new Map([[1, stateOf({ at })]]) }, 'run');
    await run();
    expect(paths()).not.toContain('GET /alive');
  });
});

describe('the parts of a run', () => {
  it('come in turn, and one that fails or hangs does not keep the others', async () => {
    const began: string[] = [];
    const faults: string[] = [];
    const part = (name: string, work: () => Promise<void>) => ({
      name,
      seconds: 0.02,
      work: async () => {
        began.push(name);
        await work();
      },
    });
    const failed = await inTurn(
      [
        part('waking', () => Promise.reject(new Error('throttled'))),
        part('sending', () => new Promise(() => {})),
        part('the digest', async () => {}),
      ],
      (name, { message }) => faults.push(`${name}: ${message}`),
    );
    expect(began).toEqual(['waking', 'sending', 'the digest']);
    expect(failed).toEqual(['waking', 'sending']);
    expect(faults).toEqual(['waking: throttled', 'sending: sending did not end within 0.02 seconds']);
  });
});
