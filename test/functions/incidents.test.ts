import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { groupOf, inGroups } from '../../functions/incidents/in-groups.ts';
import type { IncidentWake, SendWake } from '../../shared/alerting/index.ts';
import { readIncident } from '../../shared/incidents/index.ts';
import { defaultSettings } from '../../shared/incidents/settings.ts';
import { writeSettings } from '../../shared/incidents/settings-store.ts';
import { channelKey } from '../../shared/notifications/channel.ts';
import { notificationKey } from '../../shared/notifications/notification.ts';
import { readNotification } from '../../shared/notifications/store.ts';
import type { Value } from '../../shared/storage/index.ts';
import { channelOf } from '../domain/notifications/engine-world.ts';
import { type Cloud, startCloud } from './cloud.ts';
import { putIncident } from './incident-item.ts';
import { sqsEvent } from './queues.ts';

let cloud: Cloud;
let receiver: Server;
let url: string;
const got: string[] = [];
let status = 200;

beforeAll(async () => {
  receiver = createServer((request, response) => {
    request.resume().on('end', () => {
      got.push(request.url ?? '');
      response.writeHead(status).end('ok');
    });
  });
  await new Promise<void>((done) => receiver.listen(0, '127.0.0.1', done));
  url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
  cloud = await startCloud({
    HOMEOSTAT_ALERT_TOPIC: 'arn:aws:sns:eu-central-1:123456789012:alerts',
    HOMEOSTAT_PUBLIC_URL: 'https://homeostat.example.com',
  });
  const hook = channelOf('hook', { config: { url: `${url}/hook`, format: 'homeostat' } });
  await cloud.state.put({ ...channelKey(hook.id), v: 1, ...(hook as unknown as Record<string, Value>) });
  const settings = { ...defaultSettings, defaultChannels: ['hook'] };
  await writeSettings(cloud.state, { settings, managedBy: 'api', expected: 0, attempt: 'a', now: 0 });
});
afterAll(async () => {
  await cloud.close();
  receiver.closeAllConnections();
  await new Promise<void>((done) => receiver.close(() => done()));
});
beforeEach(() => {
  got.length = 0;
  cloud.arrived.length = 0;
  status = 200;
});

const handle = async (event: SQSEvent): Promise<SQSBatchResponse> =>
  (await (await import('../../functions/incidents/handler.ts')).handler(event)) as SQSBatchResponse;
const wakeOf = (incidentId: string, name: string) => ({ incidentId, groupKey: `subject:check:${name}` });

describe('the decider of incidents, by its handler', () => {
  test('tells the channel at once and the bus, however often the message comes (fault 1)', async () => {
    const { incident } = await putIncident(cloud.state, 'shop', 'api');
    const wake = wakeOf(incident, 'api');
    expect(await handle(sqsEvent([wake, wake]))).toEqual({ batchItemFailures: [] });
    expect(await handle(sqsEvent([wake]))).toEqual({ batchItemFailures: [] });
    expect(got).toEqual(['/hook']);
    expect(cloud.arrived).toMatchObject([
      {
        type: 'incident.changed',
        detail: {
          id: `incident:${incident}@2`,
          change: 'opened',
          status: 'open',
          firing: 1,
          severity: 'critical',
        },
      },
    ]);
    expect(await readIncident(cloud.state, incident)).toMatchObject({
      status: 'open',
      firing: 1,
      announcementNo: 1,
    });
  });

  test('a channel that does not take it keeps nothing else from being done, and it waits in its item (fault 11)', async () => {
    status = 503;
    const { incident } = await putIncident(cloud.state, 'shop', 'slow');
    expect(await handle(sqsEvent([wakeOf(incident, 'slow')]))).toEqual({ batchItemFailures: [] });
    const hook = channelOf('hook');
    expect(await readNotification(cloud.state, notificationKey(hook.id, incident))).toMatchObject({
      unsent: [{ kind: 'firing', no: 1 }],
      sentNo: 0,
    });
    expect((await readIncident(cloud.state, incident))?.toldTo).toEqual([hook.id]);
  });

  test('a message of another shape is poison: it alone comes again (fault 10)', async () => {
    const { incident } = await putIncident(cloud.state, 'shop', 'good');
    const bodies = [
      { hello: 'world' },
      'no json',
      wakeOf(incident, 'good'),
      { kind: 'send', channelId: 'c' },
    ];
    const { batchItemFailures } = await handle(sqsEvent(bodies));
    expect(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)).toEqual([
      'message-0',
      'message-1',
      'message-3',
    ]);
    expect(got).toEqual(['/hook']);
  });

  test('an incident that is not there, or a channel with nothing to send, is done', async () => {
    const bodies = [
      wakeOf('zzzzzzzzz-000000000000', 'none'),
      { kind: 'send', channelId: 'none', incidentId: 'none' },
    ];
    expect(await handle(sqsEvent(bodies))).toEqual({ batchItemFailures: [] });
  });
});

describe('messages of a queue that is first in, first out', () => {
  const wake = (groupKey: string, incidentId: string): IncidentWake => ({ groupKey, incidentId });
  test('what fails keeps the later ones of its group from being done before it; other groups go on', async () => {
    const batch = [
      wake('a', 'fine'),
      wake('a', 'broken'),
      wake('b', 'fine'),
      wake('a', 'later'),
      { kind: 'send', channelId: 'a', incidentId: 'fine' } satisfies SendWake,
    ].map((message, at) => ({ messageId: `m${at}`, message }));
    const worked: string[] = [];
    const failed: string[] = [];
    const again = await inGroups<IncidentWake | SendWake>(
      batch,
      groupOf,
      async (message) => {
        if (message.incidentId === 'broken') throw new Error('broken');
        worked.push(`${groupOf(message)} ${message.incidentId}`);
      },
      (_, error) => failed.push(error.message),
    );
    expect([...again].sort()).toEqual(['m1', 'm3']);
    expect(worked.sort()).toEqual(['a fine', 'b fine', 'channel:a fine']);
    expect(failed).toEqual(['broken']);
  });
});
