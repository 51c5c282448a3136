import { afterEach, expect, test } from 'vitest';
import type { RawTemplate } from '../../../infra/local/assembly.ts';
import { type Host, type HostOptions, startHost } from '../../../infra/local/host.ts';
import { drivenClock, realClock } from '../../../infra/local/time/clock.ts';
import { writeSmallStack } from './small-stack.ts';

const stack = writeSmallStack();
let host: Host | undefined;
afterEach(async () => {
  await host?.stop();
  host = undefined;
});
const start = async (options: Partial<HostOptions> = {}): Promise<Host> => {
  host = await startHost({ assemblyDir: stack.assemblyDir, clock: 'driven', catchUp: false, ...options });
  return host;
};

const aws = async (at: Host, service: string, target: string, body: unknown): Promise<unknown> => {
  const answer = await fetch(at.aws.endpoint, {
    method: 'POST',
    headers: {
      'x-amz-target': target,
      'content-type': 'application/x-amz-json-1.0',
      authorization: `AWS4-HMAC-SHA256 Credential=${at.aws.credentials.accessKeyId}/20260101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=00`,
    },
    body: JSON.stringify(body),
  });
  return answer.json();
};

type Note = { readonly sk: { readonly S: string }; readonly at?: { readonly N: string } };
const items = async (at: Host): Promise<readonly Note[]> => {
  const answer = await aws(at, 'dynamodb', 'DynamoDB_20120810.Scan', { TableName: 'Small-Items' });
  return (answer as { Items: Note[] }).Items;
};
const minuteMs = 60_000;
const iso = (instant: number): string => new Date(instant).toISOString().replace('.000Z', 'Z');

test('a schedule ticks at every full minute with the instant it meant', async () => {
  const at = await start();
  const firstTickAt = Math.floor(at.now() / minuteMs) * minuteMs + minuteMs;
  await at.runUntil(firstTickAt + 3 * minuteMs);
  const seen = (await items(at)).map(({ sk, at: seenAt }) => [sk.S, Number(seenAt?.N)]).sort();
  expect(seen).toEqual(
    [0, 1, 2, 3].map((n) => [iso(firstTickAt + n * minuteMs), firstTickAt + n * minuteMs]),
  );
});

test('at start the ticks of the last two minutes are delivered, as if the scheduler had been late', async () => {
  const at = await start({ catchUp: true });
  const thisMinuteAt = Math.floor(at.now() / minuteMs) * minuteMs;
  await at.settle();
  expect((await items(at)).map(({ sk }) => sk.S).sort()).toEqual([
    iso(thisMinuteAt - minuteMs),
    iso(thisMinuteAt),
  ]);
});

/** Instead of each minute, ten minutes past each hour, and a tick is worth something for an hour. */
const hourly = (template: RawTemplate): void => {
  const tick = template.Resources.Tick?.Properties as {
    ScheduleExpression: string;
    Target: { RetryPolicy: { MaximumEventAgeInSeconds: number } };
  };
  tick.ScheduleExpression = 'cron(10 * * * ? *)';
  tick.Target.RetryPolicy.MaximumEventAgeInSeconds = 3600;
};
const startsAt = Date.UTC(2026, 2, 29, 0, 30);

test('a schedule by cron ticks at its minute of each hour, in UTC', async () => {
  const at = await start({ patchTemplate: hourly, startsAt });
  await at.advance('3h');
  expect((await items(at)).map(({ sk, at: seenAt }) => [sk.S, Number(seenAt?.N)]).sort()).toEqual([
    ['2026-03-29T01:10:00Z', Date.UTC(2026, 2, 29, 1, 10)],
    ['2026-03-29T02:10:00Z', Date.UTC(2026, 2, 29, 2, 10)],
    ['2026-03-29T03:10:00Z', Date.UTC(2026, 2, 29, 3, 10)],
  ]);
});

test('at start the last tick of a rare schedule is delivered while it is worth something', async () => {
  const at = await start({ patchTemplate: hourly, startsAt, catchUp: true });
  await at.settle();
  expect((await items(at)).map(({ sk }) => sk.S)).toEqual(['2026-03-29T00:10:00Z']);
});

test('an hour of ticks is over in a moment, and the clock then stands where it was sent', async () => {
  const at = await start();
  const endsAt = at.now() + 3_600_000;
  await at.advance('1h');
  expect(at.now()).toBe(endsAt);
  expect(await items(at)).toHaveLength(60);
});

test('time stands still while nothing moves it, in functions too', async () => {
  const at = await start();
  const before = at.now();
  expect(await at.invoke('worker', { sleepMs: 30 })).toHaveProperty('now', before);
  expect(at.now()).toBe(before);
});

test('what has expired is deleted, what has not and what has no end stays', async () => {
  const at = await start();
  const nowSeconds = Math.floor(at.now() / 1000);
  const endings: [string, number | undefined][] = [
    ['past', nowSeconds - 1],
    ['soon', nowSeconds + 60],
    ['late', nowSeconds + 86_400],
    ['endless', undefined],
  ];
  for (const [name, seconds] of endings) {
    await at.invoke('worker', {
      put: ['x', name, seconds === undefined ? {} : { expiresAt: { N: String(seconds) } }],
    });
  }
  const left = async () =>
    (await items(at))
      .map(({ sk }) => sk.S)
      .filter((name) => endings.some(([known]) => known === name))
      .sort();
  expect(await at.sweepExpired()).toBe(1);
  expect(await left()).toEqual(['endless', 'late', 'soon']);
  // DynamoDB sweeps by itself, hours late; here within the hour.
  await at.advance('65m');
  expect(await left()).toEqual(['endless', 'late']);
});

test('a message that is older than its queue keeps messages is dropped, as in SQS', async () => {
  const at = await start({
    patchTemplate: (template) =>
      Object.assign(template.Resources.Work?.Properties ?? {}, { MessageRetentionPeriod: 60 }),
  });
  const send = (note: string, DelaySeconds: number) =>
    aws(at, 'sqs', 'AmazonSQS.SendMessage', {
      QueueUrl: `${at.aws.endpoint}/000000000000/work`,
      MessageBody: JSON.stringify({ note }),
      DelaySeconds,
    });
  await send('in time', 50);
  await send('too late', 70);
  await at.advance('2m');
  const seen = (await items(at)).map(({ sk }) => sk.S).filter((name) => /time|late/.test(name));
  expect(seen).toEqual(['in time']);
  expect((await at.queues()).work).toEqual({ ready: 0, delayed: 0, inFlight: 0 });
});

test('only a driven clock can be moved, and never back', () => {
  expect(() => realClock().moveTo(0)).toThrow('only a driven clock can be moved');
  const clock = drivenClock();
  const now = clock.now();
  clock.moveTo(now - 1000);
  expect(clock.now()).toBe(now);
});

test('a host on real time refuses to be driven', async () => {
  const at = await start({ clock: 'real' });
  await expect(at.advance('1m')).rejects.toThrow('time is real here');
});
