import type { ChangeParameters, EventParameters } from '@pagerduty/pdjs/build/src/events.js';
import fc from 'fast-check';
import { afterEach, describe, expect, it, test } from 'vitest';
import type { Outgoing } from '../../../shared/notifications/kinds/kind.ts';
import { pagerduty, pagerdutyChange, pagerdutyEvent } from '../../../shared/notifications/kinds/pagerduty.ts';
import { announcement, anyAnnouncement, noon, outgoing, resolvedAnnouncement } from './announcements.ts';
import { openReceiver, portsInPlaceOf, refusalOf } from './receivers.ts';

const config = { routingKey: 'R0UT1NGKEY', region: 'us' };

/** The types are those of PagerDuty's own client: tsc holds the payloads against them. */
const eventOf = (given: Outgoing): EventParameters['data'] => pagerdutyEvent(given);
const changeOf = (given: Outgoing): ChangeParameters['data'] => pagerdutyChange(given);

/** What breaks a limit of https://developer.pagerduty.com/docs/events-api-v2-overview and …/send-alert-event. */
const broken = (event: EventParameters['data']): readonly string[] => {
  const { summary, source, severity, timestamp = '' } = event.payload;
  const links = event.links ?? [];
  return [
    ...(summary.length < 1 || summary.length > 1024 ? [`summary: ${summary.length}`] : []),
    ...(source.length < 1 ? ['no source'] : []),
    ...(['critical', 'error', 'warning', 'info'].includes(severity) ? [] : [`severity ${severity}`]),
    ...(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(timestamp) ? [] : [`timestamp ${timestamp}`]),
    ...((event.dedup_key ?? '').length < 1 || (event.dedup_key ?? '').length > 255 ? ['dedup_key'] : []),
    ...links.filter(({ href }) => !/^https?:\/\//.test(href)).map(({ href }) => `link ${href}`),
    ...(Buffer.byteLength(JSON.stringify(event)) > 512 * 1024 ? ['512 KB'] : []),
  ];
};

let receiver: Awaited<ReturnType<typeof openReceiver>> | undefined;
afterEach(() => receiver?.close());

const accepting: Parameters<typeof openReceiver>[0] = (_request, response) => {
  response.writeHead(202).end('{"status":"success","message":"Event processed"}');
};
const send = async (given: Partial<Outgoing>, region = 'us') => {
  receiver ??= await openReceiver(accepting);
  const host = region === 'eu' ? 'https://events.eu.pagerduty.com' : 'https://events.pagerduty.com';
  const ports = portsInPlaceOf(host, receiver.url);
  await pagerduty.send(outgoing({ config: { ...config, region }, ...given }), ports);
};
const events = () =>
  (receiver?.received ?? []).map(({ method, path, body }) => ({
    method,
    path,
    event: JSON.parse(body) as EventParameters['data'],
  }));

describe('an event for PagerDuty', () => {
  it('keeps inside the published limits, whatever is told (fault 28)', () => {
    fc.assert(
      fc.property(anyAnnouncement, (told) => {
        const given = outgoing({ announcement: told, config, incidentKey: `homeostat:${told.incidentId}` });
        expect(broken(eventOf(given))).toEqual([]);
        expect(changeOf(given).payload.summary.length).toBeLessThanOrEqual(1024);
        expect(Buffer.byteLength(JSON.stringify(changeOf(given)))).toBeLessThanOrEqual(512 * 1024);
      }),
      { numRuns: 200 },
    );
  });

  it('tells incidents apart whose ids are longer than a key may be', () => {
    const keyOf = (end: string) =>
      eventOf(outgoing({ config, incidentKey: `homeostat:${'a'.repeat(300)}${end}` })).dedup_key;
    expect(keyOf('1')).not.toBe(keyOf('2'));
    expect(keyOf('1')).toBe(keyOf('1'));
  });

  it('says what is wrong, where, how bad it is, and where to read on', () => {
    const { payload, links } = eventOf(outgoing({ config }));
    expect(payload).toMatchObject({
      summary: 'home page is down',
      source: 'web-shop',
      group: 'web-shop',
      class: 'Service Down',
      severity: 'critical',
      timestamp: new Date(noon).toISOString(),
      custom_details: {
        what: 'Firing',
        Deployment: 'web-shop',
        alerts: [{ name: 'Service Down: home page', reason: 'answered 503, expected 200-299', value: '503' }],
        dedupe_key: 'homeostat:inc-1:1',
      },
    });
    expect(links).toEqual([
      { href: 'https://homeostat.example.com/#/incidents/inc-1', text: 'Open incident' },
      { href: 'https://homeostat.example.com/api/v1/monitoring/act/ack.token', text: 'Acknowledge' },
      { href: 'https://homeostat.example.com/api/v1/monitoring/act/silence.token', text: 'Silence' },
      { href: 'https://wiki.example.com/home-page', text: 'Runbook' },
    ]);
  });
});

describe('an incident is one alert at PagerDuty', () => {
  afterEach(() => {
    receiver = undefined;
  });

  test.each([
    ['firing', announcement(), 'trigger'],
    ['reminder', announcement({ kind: 'reminder' }), 'trigger'],
    ['escalated', announcement({ kind: 'escalated' }), 'trigger'],
    ['unacknowledged', announcement({ kind: 'unacknowledged' }), 'trigger'],
    ['acknowledged', announcement({ kind: 'acknowledged', by: 'ada' }), 'acknowledge'],
    ['resolved', resolvedAnnouncement(), 'resolve'],
  ] as const)('%s', async (_kind, told, action) => {
    await send({ announcement: told });
    expect(events()).toEqual([
      {
        method: 'POST',
        path: '/v2/enqueue',
        event: expect.objectContaining({
          routing_key: 'R0UT1NGKEY',
          event_action: action,
          dedup_key: 'homeostat:inc-1',
        }),
      },
    ]);
  });

  it('a test is resolved at once', async () => {
    await send({ announcement: announcement({ kind: 'test', severity: 'info', alerts: [] }) });
    expect(events().map(({ event }) => [event.event_action, event.dedup_key])).toEqual([
      ['trigger', 'homeostat:inc-1:1'],
      ['resolve', 'homeostat:inc-1:1'],
    ]);
  });

  it('a digest pages nobody: it is a change', async () => {
    const told = announcement({ kind: 'digest', status: 'resolved', alerts: [], lines: ['one', 'two'] });
    await send({ announcement: told });
    expect(events()).toMatchObject([
      {
        path: '/v2/change/enqueue',
        event: { payload: { summary: 'home page is down', custom_details: { lines: 'one\ntwo' } } },
      },
    ]);
  });

  it('in Europe goes to Europe', async () => {
    await send({}, 'eu');
    expect(events()).toHaveLength(1);
  });

  test.each([
    { status: 400, isFinal: true, retryAfterSeconds: undefined },
    { status: 429, isFinal: false, retryAfterSeconds: 17 },
    { status: 503, isFinal: false, retryAfterSeconds: undefined },
  ])('$status: final $isFinal', async ({ status, isFinal, retryAfterSeconds }) => {
    receiver = await openReceiver((_request, response) => {
      const headers = retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
      response.writeHead(status, headers).end('{"status":"invalid event"}');
    });
    expect(await refusalOf(send({}))).toMatchObject({
      message: `PagerDuty answered ${status}: {"status":"invalid event"}`,
      isFinal,
      retryAfterSeconds,
    });
  });
});
