import { afterEach, expect, test } from 'vitest';
import type { FaultableCall, Faults } from '../../infra/local/gateway/faults.ts';
import { incidents, makeWebhook, setAlerting } from './alerting.ts';
import {
  changesOf,
  checksPath,
  detailsOf,
  distinctChangesOf,
  makeCheck,
  makeWatchedCheck,
  readCheck,
  resultsOf,
} from './checks.ts';
import { deadLetters } from './queues.ts';
import { openReceiver, type Receiver } from './receivers.ts';
import { openStack, type Stack } from './stack.ts';
import { rowsOf, shardOf } from './tables.ts';
import { openTarget, type Target } from './target.ts';

let stack: Stack | undefined;
let target: Target | undefined;
let receiver: Receiver | undefined;
afterEach(async () => {
  await target?.close();
  await stack?.close();
  await receiver?.close();
  stack = undefined;
  target = undefined;
  receiver = undefined;
});

/** Faults that a story switches on and off. */
let faults: Faults = () => undefined;
const open = async (): Promise<readonly [Stack, Target]> => {
  faults = () => undefined;
  stack = await openStack({ faults: (call) => faults(call) });
  target = await openTarget();
  return [stack, target];
};

type Matching = {
  readonly functionName?: string;
  readonly service?: string;
  readonly actions?: readonly string[];
};
const matches = (call: FaultableCall, { functionName, service, actions }: Matching): boolean =>
  (functionName === undefined || call.functionName === functionName) &&
  (service === undefined || call.service === service) &&
  (actions === undefined || actions.includes(call.action));

/** Whoever is throttled waits longer before it tries again, in real time, than one who was cut off. */
const everyNth = { throttle: 4, 'lose-answer': 2, 'drop-request': 2 } as const;

/** Breaks every second call of these (every fourth): whoever tries again gets through. Counts what it broke. */
const everyOther = (fault: keyof typeof everyNth, which: Matching): { readonly broken: () => number } => {
  let [seen, broken] = [0, 0];
  faults = (call) => {
    if (!matches(call, which)) return undefined;
    if (seen++ % everyNth[fault] > 0) return undefined;
    broken++;
    return fault;
  };
  return { broken: () => broken };
};

const writes = [
  'PutItem',
  'UpdateItem',
  'BatchWriteItem',
  'TransactWriteItems',
  'PutEvents',
  'SendMessageBatch',
];

test.each([
  ['throttled every fourth time', 'throttle', { functionName: 'runner' }],
  [
    'not told of every other write that it was done',
    'lose-answer',
    { functionName: 'runner', actions: writes },
  ],
  ['cut off every other time', 'drop-request', { functionName: 'runner' }],
] as const)(
  'a runner that is %s loses no slot and no change and tells each once (faults 4 and 5)',
  async (_how, fault, which) => {
    const [at, shop] = await open();
    const id = await makeWatchedCheck(at, { target: shop.url, retries: 0 });
    const before = (await resultsOf(at, id)).length;
    const { broken } = everyOther(fault, which);
    await shop.become('failing');
    await at.advance('40s');
    await shop.become('up');
    await at.advance('40s');
    expect(broken()).toBeGreaterThan(10);
    expect((await resultsOf(at, id)).slice(before).map(({ status }) => status)).toEqual([
      ...['unhealthy', 'unhealthy', 'unhealthy', 'unhealthy'],
      ...['healthy', 'healthy', 'healthy', 'healthy'],
    ]);
    expect(distinctChangesOf(at, id)).toEqual([
      'unknown → healthy',
      'healthy → unhealthy',
      'unhealthy → healthy',
    ]);
    expect(await readCheck(at, id)).toMatchObject({ status: 'healthy' });
    expect(await deadLetters(at)).toEqual({});
  },
);

test('minutes in which the tables refuse every runner are a gap, not a failure, and counting goes on after them (faults 4 and 16)', async () => {
  const [at, shop] = await open();
  const id = await makeWatchedCheck(at, { target: shop.url, retries: 0 });
  await shop.become('failing');
  await at.advance('20s');
  const last = (await resultsOf(at, id)).at(-1)?.at ?? '';
  faults = (call) =>
    matches(call, { functionName: 'runner', service: 'dynamodb' }) ? 'throttle' : undefined;
  await at.advance('20s');
  faults = () => undefined;
  expect((await resultsOf(at, id)).at(-1)?.at).toBe(last);
  expect(changesOf(at, id)).toEqual(['unknown → healthy']);
  await at.advance('10s');
  const [turned] = (await resultsOf(at, id)).slice(-1);
  expect(Date.parse(turned?.at ?? '') - Date.parse(last)).toBe(30_000);
  expect(distinctChangesOf(at, id)).toEqual(['unknown → healthy', 'healthy → unhealthy']);
  // What was throttled comes again, too late to be looked at, and changes nothing.
  await at.advance('3m');
  const times = (await resultsOf(at, id)).map((result) => Date.parse(result.at) - Date.parse(last));
  expect(times.filter((time) => time > 0 && time < 30_000)).toEqual([]);
  expect(distinctChangesOf(at, id)).toHaveLength(2);
  expect(await deadLetters(at)).toEqual({});
});

test.each([
  ['throttle', { functionName: 'projector' }],
  ['lose-answer', { functionName: 'projector', actions: writes }],
] as const)(
  'checks that are made, moved and removed while the projector meets %s end up in one shard each, and nowhere else (faults 4 and 5)',
  async (fault, which) => {
    const [at, shop] = await open();
    const { broken } = everyOther(fault, which);
    const names = ['one', 'two', 'three'];
    const ids = await Promise.all(
      names.map((name) => makeCheck(at, { name, target: shop.url, retries: 0, interval: '20s' })),
    );
    await at.advance('10s');
    const [moved = '', removed = '', stays = ''] = ids;
    const definition = { name: 'one', type: 'http', target: shop.url, retries: 0, interval: '30s' };
    expect((await at.api('PUT', `${checksPath}/${moved}`, { body: definition })).status).toBe(200);
    expect((await at.api('DELETE', `${checksPath}/${removed}`)).status).toBe(204);
    await at.advance('3m');
    expect(broken()).toBeGreaterThan(8);
    expect(await Promise.all(ids.map((id) => shardOf(at, id)))).toEqual([
      'home.public.30.0',
      undefined,
      'home.public.20.0',
    ]);
    const plans = (await rowsOf(at)).filter(({ sk }) => sk === 'PLAN').map(({ packed }) => String(packed));
    const held = ids.map((id) => plans.filter((plan) => plan.includes(id)).length);
    expect(held).toEqual([1, 0, 1]);
    for (const id of [moved, stays]) {
      expect(await readCheck(at, id)).toMatchObject({ status: 'healthy' });
      expect(distinctChangesOf(at, id)).toEqual(['unknown → healthy']);
    }
    expect(await deadLetters(at)).toEqual({});
  },
);

test.each(['throttle', 'lose-answer', 'drop-request'] as const)(
  'a check is made once though every other call of the API meets %s, and its Idempotency-Key gives the same answer again (fault 5)',
  async (fault) => {
    const [at, shop] = await open();
    const actions = fault === 'throttle' ? undefined : writes;
    const { broken } = everyOther(fault, { functionName: 'api', ...(actions && { actions }) });
    const body = { name: 'once', type: 'http', target: shop.url, retries: 0, interval: '10s' };
    const headers = { 'idempotency-key': 'deploy-42' };
    const first = await at.api('POST', checksPath, { body, headers });
    expect([first.status, first.body.revision]).toEqual([201, 1]);
    const again = await at.api('POST', checksPath, { body, headers });
    expect([again.status, again.body.id, again.body.revision]).toEqual([201, first.body.id, 1]);
    const other = await at.api('POST', checksPath, { body: { ...body, interval: '20s' }, headers });
    expect(other.status).toBe(422);
    expect(broken()).toBeGreaterThan(0);
    await at.advance('1m');
    const id = String(first.body.id);
    expect(new Set(detailsOf(at, 'check.changed').map((detail) => detail.id))).toEqual(
      new Set([`check:${id}@1`]),
    );
    expect((await at.api('GET', checksPath)).body.items).toHaveLength(1);
    expect(distinctChangesOf(at, id)).toEqual(['unknown → healthy']);
  },
);

test.each(['throttle', 'lose-answer'] as const)(
  'while every third call of every function meets %s, each slot is seen, each change of a check and of its deployment is told under one id, and people hear of one incident and its end (faults 4 and 5)',
  async (fault) => {
    const [at, shop] = await open();
    receiver = await openReceiver(() => at.host.now());
    await makeWebhook(at, receiver, { name: 'hook' });
    await setAlerting(at, { defaultChannels: ['hook'] });
    const id = await makeWatchedCheck(at, { target: shop.url, retries: 0 });
    const before = (await resultsOf(at, id)).length;
    const broken = new Set<string>();
    // Counted by function, so that none of its calls is broken three times, which is as often as it tries.
    faults = ({ functionName, count }) => {
      if (count % 3 > 0) return undefined;
      broken.add(functionName);
      return fault;
    };
    await shop.become('failing');
    await at.advance('40s');
    await shop.become('up');
    await at.advance('40s');
    faults = () => undefined;
    await at.advance('1m');
    expect([...broken].sort()).toEqual(
      expect.arrayContaining(['dispatcher', 'evaluator', 'incidents', 'notifier', 'runner', 'sweeper']),
    );
    const statuses = (await resultsOf(at, id)).slice(before).map(({ status }) => status);
    expect(statuses).toEqual([
      ...Array.from({ length: 4 }, () => 'unhealthy'),
      ...Array.from({ length: 10 }, () => 'healthy'),
    ]);
    const changes = ['unknown → healthy', 'healthy → unhealthy', 'unhealthy → healthy'];
    expect(distinctChangesOf(at, id)).toEqual(changes);
    const whole = new Map(
      detailsOf(at, 'deployment.status_changed').map((detail) => [
        detail.id,
        `${detail.from} → ${detail.to}`,
      ]),
    );
    expect([...whole.values()]).toEqual(changes);
    const heard = new Map(receiver.webhook('/hook').map(({ id: key, kind }) => [key, kind]));
    expect([...heard.values()]).toEqual(['firing', 'resolved']);
    expect(await incidents(at)).toMatchObject([{ status: 'resolved', reopenings: 0 }]);
    expect(await deadLetters(at)).toEqual({});
  },
);
