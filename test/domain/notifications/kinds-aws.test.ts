import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Fauxqs, openFauxqs } from '../../../infra/local/messaging/fauxqs.ts';
import { eventbridge } from '../../../shared/notifications/kinds/eventbridge.ts';
import { sns } from '../../../shared/notifications/kinds/sns.ts';
import { openTeamTopics, openTopic } from '../../../shared/platform/aws/topic.aws.ts';
import { eventSchemas } from '../../../shared/platform/event-schemas.ts';
import type { HomeostatEvent } from '../../../shared/platform/events.ts';
import {
  announcement,
  anyAnnouncement,
  hostile,
  noon,
  outgoing,
  resolvedAnnouncement,
} from './announcements.ts';
import { keptTopic, portsTo } from './receivers.ts';

const region = 'eu-central-1';
const account = '111122223333';

let fauxqs: Fauxqs;
const server = createServer((request, response) => {
  void bytesOf(request).then(async (payload) => {
    const { method = 'POST', url = '/', headers } = request;
    const plain = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
    const answer = await fauxqs.app.inject({ method, url, headers: plain, payload });
    response.writeHead(answer.statusCode, { 'content-type': 'text/xml' }).end(answer.rawPayload);
  });
});
const bytesOf = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};

const queueArn = (name: string): string => `arn:aws:sqs:${region}:${account}:${name}`;
const subscribe = (topicArn: string, queue: string, policy?: unknown): void => {
  fauxqs.sqs.createQueue(queue, `http://127.0.0.1/${account}/${queue}`, queueArn(queue), {});
  fauxqs.sns.subscribe(topicArn, 'sqs', queueArn(queue), {
    ...(policy !== undefined && { FilterPolicy: JSON.stringify(policy) }),
  });
};

beforeAll(async () => {
  fauxqs = await openFauxqs(undefined, region, () => {});
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  process.env.AWS_ENDPOINT_URL_SNS = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  process.env.AWS_ACCESS_KEY_ID = 'test';
  process.env.AWS_SECRET_ACCESS_KEY = 'test';
  for (const name of ['own', 'team']) fauxqs.sns.createTopic(name, {}, undefined, region);
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise<void>((done) => server.close(() => done()));
  await fauxqs.close();
});

type Told = {
  Subject: string;
  Message: string;
  MessageAttributes: Record<string, { Type: string; Value: string }>;
};
/** What a queue that subscribed has got. */
const toldTo = (queue: string): readonly Told[] =>
  (fauxqs.sqs.getQueueByName(queue)?.inspectMessages().ready ?? []).map(
    ({ body }) => JSON.parse(body) as Told,
  );

/** fauxqs has one account of its own. */
const topicArnOf = (name: string): string => `arn:aws:sns:${region}:000000000000:${name}`;

describe('a topic of SNS', () => {
  it('reaches the subscriptions whose filter policy wants it, and no others', async () => {
    const own = topicArnOf('own');
    subscribe(own, 'everything');
    subscribe(own, 'critical', { severity: ['critical'] });
    subscribe(own, 'over', { status: ['resolved'] });
    subscribe(own, 'shop', {
      deployment: ['web-shop', { prefix: 'payment-' }],
      type: [{ 'anything-but': ['update'] }],
    });
    const ports = portsTo({ alertTopic: openTopic(own) });
    const tell = (told: ReturnType<typeof announcement>) => sns.send(outgoing({ announcement: told }), ports);
    await tell(announcement({ title: 'one' }));
    await tell(announcement({ title: 'two', severity: 'warning', deploymentId: 'other' }));
    await tell(announcement({ title: 'three', kind: 'update', severity: 'error' }));
    await tell(resolvedAnnouncement({ title: 'four', deploymentId: null }));
    const subjects = (queue: string) =>
      toldTo(queue)
        .map(({ Subject }) => Subject)
        .sort();
    expect(subjects('everything')).toEqual([
      '[Firing, critical] one',
      '[Firing, warning] two',
      '[Resolved, critical] four',
      '[Update, error] three',
    ]);
    expect(subjects('critical')).toEqual(['[Firing, critical] one', '[Resolved, critical] four']);
    expect(subjects('over')).toEqual(['[Resolved, critical] four']);
    expect(subjects('shop')).toEqual(['[Firing, critical] one']);
  });

  it('of the team is told what the text says, with the dedupe key in it', async () => {
    const team = topicArnOf('team');
    subscribe(team, 'team-queue');
    const ports = portsTo({ teamTopics: openTeamTopics(team) });
    await sns.send(outgoing({ config: { topicArn: team } }), ports);
    const [told] = toldTo('team-queue');
    expect(told?.Message).toContain('answered 503, expected 200-299');
    expect(told?.Message.split('\n').at(-1)).toBe('Dedupe key: homeostat:inc-1:1');
    expect(told?.MessageAttributes).toEqual({
      severity: { Type: 'String', Value: 'critical' },
      status: { Type: 'String', Value: 'firing' },
      type: { Type: 'String', Value: 'firing' },
      deployment: { Type: 'String', Value: 'web-shop' },
      incident: { Type: 'String', Value: 'inc-1' },
      dedupeKey: { Type: 'String', Value: 'homeostat:inc-1:1' },
    });
  });

  it('that is not there any more ends the trying', async () => {
    const ports = portsTo({ teamTopics: openTeamTopics('*') });
    const sending = sns.send(outgoing({ config: { topicArn: topicArnOf('gone') } }), ports);
    await expect(sending).rejects.toMatchObject({
      isFinal: true,
      message: expect.stringContaining('SNS refused it'),
    });
  });

  it('takes subject and text as SNS allows them, whatever is told (fault 28)', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          anyAnnouncement,
          fc.constantFrom(...hostile).map((title) => announcement({ title })),
        ),
        async (told) => {
          const { topic, messages } = keptTopic();
          await sns.send(outgoing({ announcement: told }), portsTo({ alertTopic: topic }));
          const [{ subject, text, attributes } = { subject: '', text: '', attributes: {} }] = messages;
          expect(subject).toMatch(/^[\x21-\x7e][\x20-\x7e]{0,98}$/);
          expect(Buffer.byteLength(text)).toBeLessThan(256 * 1024 - 2000);
          expect(Object.values(attributes).every((value) => value !== '')).toBe(true);
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('an event on the bus', () => {
  const published: HomeostatEvent[] = [];
  afterEach(() => void published.splice(0));
  const bus = {
    publish: async (events: readonly HomeostatEvent[]) => {
      published.push(...events);
      return events.map(({ detail }) => detail.id);
    },
  };

  it('tells what any channel tells, with the same id each time', async () => {
    await eventbridge.send(outgoing(), portsTo({ bus }));
    await eventbridge.send(outgoing({ now: noon + 7_200_000 }), portsTo({ bus }));
    expect(published[1]).toEqual(published[0]);
    expect(published[0]).toEqual({
      type: 'notification.told',
      detail: {
        id: 'notification/on call/inc-1@1',
        at: '2026-01-31T12:00:05.000Z',
        accountId: account,
        region,
        channelName: 'on call',
        incidentId: 'inc-1',
        kind: 'firing',
        status: 'firing',
        severity: 'critical',
        deploymentId: 'web-shop',
        title: 'home page is down',
        text: expect.stringContaining('answered 503, expected 200-299'),
        dedupeKey: 'homeostat:inc-1:1',
        url: 'https://homeostat.example.com/#/incidents/inc-1',
      },
    });
  });

  it('is what its published schema says, whatever is told', async () => {
    await fc.assert(
      fc.asyncProperty(anyAnnouncement, async (told) => {
        published.splice(0);
        await eventbridge.send(outgoing({ announcement: told }), portsTo({ bus }));
        const [event] = published;
        expect(eventSchemas['notification.told'].parse(event?.detail)).toEqual(event?.detail);
        expect(Buffer.byteLength(JSON.stringify(event))).toBeLessThan(256 * 1024);
      }),
      { numRuns: 100 },
    );
  });

  it('comes again when the bus did not take it', async () => {
    const sending = eventbridge.send(outgoing(), portsTo({ bus: { publish: async () => [] } }));
    await expect(sending).rejects.toMatchObject({
      isFinal: false,
      message: 'the bus did not take the event',
    });
  });
});
