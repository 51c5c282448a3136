import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it, test } from 'vitest';
import type { NotSent } from '../../../shared/notifications/kinds/kind.ts';
import { webhook } from '../../../shared/notifications/kinds/webhook.ts';
import { alertmanagerPayload } from '../../../shared/notifications/kinds/webhook-alertmanager.ts';
import { ownPayload } from '../../../shared/notifications/kinds/webhook-own.ts';
import {
  alert,
  announcement,
  anyAnnouncement,
  noon,
  outgoing,
  resolvedAnnouncement,
} from './announcements.ts';
import { openReceiver, portsTo, type Received } from './receivers.ts';

let receiver: Awaited<ReturnType<typeof openReceiver>> | undefined;
afterEach(() => receiver?.close());

/** What came when this was sent. */
const receivedOf = async (config: Record<string, unknown>, given = outgoing()): Promise<Received> => {
  receiver = await openReceiver();
  const { url = `${receiver.url}/hook` } = config;
  await webhook.send({ ...given, config: { ...config, url } }, portsTo());
  const [received] = receiver.received;
  if (!received) throw new Error('nothing came');
  return received;
};

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

/** What the document says to run, with a shell and an openssl that are not ours. */
const byDocument = (t: string, key: string, body: string): string => {
  const page = readFileSync(new URL('../../../docs/channels.md', import.meta.url), 'utf8');
  const [, command = ''] = /```sh\n([^`]*openssl dgst[^`]*)```/.exec(page) ?? [];
  const folder = mkdtempSync(join(tmpdir(), 'homeostat-signature-'));
  try {
    writeFileSync(join(folder, 'body.json'), body);
    const { stdout, status } = spawnSync('sh', ['-c', command], {
      cwd: folder,
      env: { ...process.env, t, key },
      encoding: 'utf8',
    });
    expect(status).toBe(0);
    return stdout.trim();
  } finally {
    rmSync(folder, { recursive: true });
  }
};

describe('the signature', () => {
  const signatureIn = ({ headers }: Received) => {
    const [t = '', ...rest] = String(headers['x-homeostat-signature']).split(',');
    return { t: t.replace('t=', ''), v1: rest.map((one) => one.replace('v1=', '')) };
  };

  // Without openssl nothing here would be proved by code that is not ours.
  test.runIf(hasOpenssl)(
    'is what openssl makes of time and body, for each key, as the document says',
    async () => {
      const given = outgoing({ announcement: announcement({ title: 'Größe «€» 😀' }) });
      const received = await receivedOf({ secrets: ['new key', 'öld-key'] }, given);
      const { t, v1 } = signatureIn(received);
      expect(t).toBe(String((noon + 6000) / 1000));
      expect(v1).toEqual([byDocument(t, 'new key', received.body), byDocument(t, 'öld-key', received.body)]);
      expect(v1[0]).toMatch(/^[0-9a-f]{64}$/);
      expect(v1).not.toContain(byDocument(t, 'new key', `${received.body} `));
      expect(v1).not.toContain(byDocument(String(Number(t) + 1), 'new key', received.body));
    },
  );

  it('is not there without a key', async () => {
    const { headers } = await receivedOf({});
    expect(headers['x-homeostat-signature']).toBeUndefined();
  });
});

describe('a request', () => {
  it('names the delivery and what happened, and has the headers that the channel gives', async () => {
    const { method, path, headers } = await receivedOf({ headers: { authorization: 'Bearer abc' } });
    expect({ method, path }).toEqual({ method: 'POST', path: '/hook' });
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'user-agent': 'Homeostat',
      authorization: 'Bearer abc',
      'x-homeostat-delivery': 'homeostat:inc-1:1',
      'x-homeostat-kind': 'firing',
    });
  });

  it('has the same body each time it is tried, so that its signature alone differs', async () => {
    const first = await receivedOf({ secrets: ['k'] });
    await receiver?.close();
    const again = await receivedOf({ secrets: ['k'] }, outgoing({ now: noon + 3_600_000 }));
    expect(again.body).toBe(first.body);
    expect(again.headers['x-homeostat-signature']).not.toBe(first.headers['x-homeostat-signature']);
  });
});

describe("Alertmanager's payload, version 4", () => {
  /** https://prometheus.io/docs/alerting/latest/configuration/#webhook_config */
  const documented = [
    'version',
    'groupKey',
    'truncatedAlerts',
    'status',
    'receiver',
    'groupLabels',
    'commonLabels',
    'commonAnnotations',
    'externalURL',
    'alerts',
  ];
  const documentedAlert = [
    'status',
    'labels',
    'annotations',
    'startsAt',
    'endsAt',
    'generatorURL',
    'fingerprint',
  ];

  it('is as documented, field by field', async () => {
    const told = announcement({
      firing: 14,
      resolved: 1,
      alerts: [
        alert({ alertId: 'one', labels: { team: 'shop', 'zone.name': 'eu' } }),
        alert({
          alertId: 'two',
          subject: 'checkout',
          state: 'resolved',
          resolvedAt: noon + 2000,
          severity: 'error',
          labels: { team: 'shop' },
          value: null,
        }),
      ],
    });
    const { body } = await receivedOf({}, outgoing({ announcement: told }));
    const url = 'https://homeostat.example.com/#/incidents/inc-1';
    expect(JSON.parse(body)).toEqual({
      version: '4',
      groupKey: 'deployment:web-shop',
      truncatedAlerts: 13,
      status: 'firing',
      receiver: 'on call',
      groupLabels: { deployment: 'web-shop' },
      commonLabels: { alertname: 'Service Down', deployment: 'web-shop', team: 'shop' },
      commonAnnotations: {
        summary: 'home page is down',
        description: expect.stringContaining('Alerts: 14 firing, 1 resolved'),
        runbook_url: 'https://wiki.example.com/home-page',
      },
      externalURL: 'https://homeostat.example.com',
      alerts: [
        {
          status: 'firing',
          labels: {
            alertname: 'Service Down',
            deployment: 'web-shop',
            severity: 'critical',
            subject: 'home page',
            team: 'shop',
            zone_name: 'eu',
          },
          annotations: {
            summary: 'Service Down: home page',
            description: 'answered 503, expected 200-299',
            value: '503',
            runbook_url: 'https://wiki.example.com/home-page',
          },
          startsAt: '2026-01-31T12:00:00.000Z',
          endsAt: '0001-01-01T00:00:00Z',
          generatorURL: url,
          fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
        },
        {
          status: 'resolved',
          labels: {
            alertname: 'Service Down',
            deployment: 'web-shop',
            severity: 'error',
            subject: 'checkout',
            team: 'shop',
          },
          annotations: {
            summary: 'Service Down: checkout',
            description: 'answered 503, expected 200-299',
            runbook_url: 'https://wiki.example.com/home-page',
          },
          startsAt: '2026-01-31T12:00:00.000Z',
          endsAt: '2026-01-31T12:00:02.000Z',
          generatorURL: url,
          fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
        },
      ],
    });
  });

  it('has these fields and no others, all strings and RFC 3339, whatever is told', () => {
    const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
    fc.assert(
      fc.property(anyAnnouncement, (told) => {
        const payload = alertmanagerPayload(outgoing({ announcement: told }));
        expect(Object.keys(payload).sort()).toEqual([...documented].sort());
        expect(payload.alerts.length).toBeGreaterThan(0);
        for (const one of payload.alerts) {
          expect(Object.keys(one).sort()).toEqual([...documentedAlert].sort());
          expect([one.startsAt, one.endsAt].every((at) => rfc3339.test(at))).toBe(true);
          const texts = [...Object.values(one.labels), ...Object.values(one.annotations)];
          expect(texts.every((text) => typeof text === 'string')).toBe(true);
          expect(Object.keys(one.labels).filter((name) => /[^A-Za-z0-9_]/.test(name))).toEqual([]);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('has one fingerprint an alert from firing to resolved', () => {
    const of = (told = announcement()) =>
      alertmanagerPayload(outgoing({ announcement: told })).alerts[0]?.fingerprint;
    expect(of(resolvedAnnouncement())).toBe(of());
    expect(of(announcement({ alerts: [alert({ alertId: 'other' })] }))).not.toBe(of());
  });
});

describe("Homeostat's own payload", () => {
  it('has what the document lists', async () => {
    const { body } = await receivedOf(
      { format: 'homeostat' },
      outgoing({ announcement: resolvedAnnouncement({ by: 'token:ops' }) }),
    );
    expect(JSON.parse(body)).toEqual({
      schema: 'homeostat.notification/1',
      id: 'homeostat:inc-1:2',
      incidentKey: 'homeostat:inc-1',
      channel: 'on call',
      incidentId: 'inc-1',
      groupKey: 'deployment:web-shop',
      no: 2,
      kind: 'resolved',
      status: 'resolved',
      severity: 'critical',
      deploymentId: 'web-shop',
      title: 'home page is down',
      text: expect.stringContaining('Downtime: 12 min 30 s'),
      at: '2026-01-31T12:12:30.000Z',
      openedAt: '2026-01-31T12:00:00.000Z',
      resolvedAt: '2026-01-31T12:12:30.000Z',
      downtimeSeconds: 750,
      by: 'token:ops',
      firing: 0,
      resolved: 1,
      alerts: [
        {
          alertId: 'a1b2',
          rule: 'Service Down',
          subject: 'home page',
          state: 'resolved',
          severity: 'critical',
          reason: 'answered 503, expected 200-299',
          value: 503,
          firedAt: '2026-01-31T12:00:00.000Z',
          resolvedAt: '2026-01-31T12:12:30.000Z',
          labels: { check: 'home page', team: 'shop' },
          runbookUrl: 'https://wiki.example.com/home-page',
        },
      ],
      note: null,
      inPlaceOf: null,
      lines: [],
      plan: null,
      links: {
        incident: 'https://homeostat.example.com/#/incidents/inc-1',
        acknowledge: 'https://homeostat.example.com/api/v1/monitoring/act/ack.token',
        silence: 'https://homeostat.example.com/api/v1/monitoring/act/silence.token',
        approve: null,
        console: null,
      },
    });
  });

  it('has every field in the document', () => {
    const page = readFileSync(new URL('../../../docs/channels.md', import.meta.url), 'utf8');
    const [, section = ''] = page.split("\n### Homeostat's own\n");
    const payload = ownPayload(outgoing());
    const names = [
      ...Object.keys(payload),
      ...Object.keys(payload.alerts[0] ?? {}),
      ...Object.keys(payload.links),
    ];
    expect(names.filter((name) => !section.split('\n## ')[0]?.includes(`\`${name}\``))).toEqual([]);
  });
});

describe('an answer', () => {
  const refusal = async (
    status: number,
    headers: Record<string, string> = {},
    body = '',
  ): Promise<NotSent> => {
    receiver = await openReceiver((_request, response) => void response.writeHead(status, headers).end(body));
    return webhook.send(outgoing({ config: { url: receiver.url } }), portsTo()).then(
      () => Promise.reject(new Error('it was taken')),
      (error: NotSent) => error,
    );
  };

  test.each([
    { status: 400, isFinal: true },
    { status: 401, isFinal: true },
    { status: 404, isFinal: true },
    { status: 410, isFinal: true },
    { status: 408, isFinal: false },
    { status: 425, isFinal: false },
    { status: 429, isFinal: false },
    { status: 500, isFinal: false },
    { status: 503, isFinal: false },
  ])('$status ends the trying: $isFinal', async ({ status, isFinal }) => {
    expect(await refusal(status)).toMatchObject({ isFinal, message: `the webhook answered ${status}` });
  });

  test.each([
    ['120', 120],
    ['999999', 3600],
    ['0', 1],
    ['Sat, 31 Jan 2026 12:01:06 GMT', 60],
    ['soon', undefined],
  ])('with Retry-After %s comes again after %s s', async (value, seconds) => {
    expect((await refusal(503, { 'retry-after': value })).retryAfterSeconds).toBe(seconds);
  });

  it('that leads elsewhere is not followed (fault 24)', async () => {
    const error = await refusal(302, { location: 'http://169.254.169.254/latest/meta-data/' });
    expect(error).toMatchObject({
      isFinal: true,
      message: 'the webhook answered 302: redirects are not followed, give the address that it leads to',
    });
    expect(receiver?.received).toHaveLength(1);
  });

  it('stands in the error with its first 200 characters, on one line', async () => {
    const { message } = await refusal(400, {}, `no\r\n${'x'.repeat(70_000)}`);
    expect(message).toBe(`the webhook answered 400: no ${'x'.repeat(196)}…`);
  });
});
