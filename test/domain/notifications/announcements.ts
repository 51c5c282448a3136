import fc from 'fast-check';
import type { AlertFacts, Announcement } from '../../../shared/notifications/announcement.ts';
import { announcementKinds } from '../../../shared/notifications/announcement.ts';
import type { Outgoing } from '../../../shared/notifications/kinds/kind.ts';
import { severities } from '../../../shared/platform/events.ts';

export const noon = Date.UTC(2026, 0, 31, 12, 0, 0);

export const alert = (given: Partial<AlertFacts> = {}): AlertFacts => ({
  alertId: 'a1b2',
  ruleName: 'Service Down',
  subject: 'home page',
  state: 'firing',
  severity: 'critical',
  reason: 'answered 503, expected 200-299',
  value: 503,
  firedAt: noon,
  labels: { check: 'home page', team: 'shop' },
  runbookUrl: 'https://wiki.example.com/home-page',
  ...given,
});

export const announcement = (given: Partial<Announcement> = {}): Announcement => ({
  incidentId: 'inc-1',
  groupKey: 'deployment:web-shop',
  no: 1,
  kind: 'firing',
  at: noon + 5000,
  severity: 'critical',
  deploymentId: 'web-shop',
  title: 'home page is down',
  status: 'firing',
  openedAt: noon,
  firing: 1,
  resolved: 0,
  alerts: [alert()],
  ...given,
});

/** The incident above, 12 minutes and 30 seconds later. */
export const resolvedAnnouncement = (given: Partial<Announcement> = {}): Announcement =>
  announcement({
    no: 2,
    kind: 'resolved',
    status: 'resolved',
    at: noon + 750_000,
    resolvedAt: noon + 750_000,
    firing: 0,
    resolved: 1,
    alerts: [alert({ state: 'resolved', resolvedAt: noon + 750_000 })],
    ...given,
  });

export const outgoing = (given: Partial<Outgoing> = {}): Outgoing => {
  const { incidentId, no } = given.announcement ?? announcement();
  return {
    announcement: announcement(),
    config: {},
    channelName: 'on call',
    dedupeKey: `homeostat:${incidentId}:${no}`,
    incidentKey: `homeostat:${incidentId}`,
    thread: undefined,
    links: {
      incident: 'https://homeostat.example.com/#/incidents/inc-1',
      acknowledge: 'https://homeostat.example.com/api/v1/monitoring/act/ack.token',
      silence: 'https://homeostat.example.com/api/v1/monitoring/act/silence.token',
    },
    now: noon + 6000,
    ...given,
  };
};

/** Names as somebody hostile gives them (fault 28). */
export const hostile = [
  '<!channel>',
  '<!here|x> @here @channel @everyone',
  '<@U0123> <https://evil.example|click>',
  '<img src=x onerror=alert(1)>',
  '"><script>alert(1)</script>',
  'a\r\nBcc: victim@example.com\r\n\r\nbody',
  'a\nb\u2028c\u0000d\u001b[31m\u202egnp.exe',
  `{{labels.secret}} \${secret:NAME}`,
  '&lt;!channel&gt; &amp;',
  '*bold* _it_ `code` ~x~',
  '\ud800 half',
  '😀'.repeat(9),
  '',
] as const;

const text = fc.oneof(
  fc.constantFrom(...hostile),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: fc.constantFrom('<', '>', '&', '!', '@', 'é', '\n', '😀', 'x'), maxLength: 5000 }),
);

const instantAt = fc.integer({ min: noon - 86_400_000, max: noon });

const anyAlert: fc.Arbitrary<AlertFacts> = fc.record(
  {
    alertId: text,
    ruleName: text,
    subject: text,
    state: fc.constantFrom('firing' as const, 'resolved' as const),
    severity: fc.constantFrom(...severities),
    reason: text,
    value: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })),
    firedAt: instantAt,
    resolvedAt: fc.option(instantAt, { nil: undefined }),
    labels: fc.dictionary(text, text, { maxKeys: 5 }),
    runbookUrl: fc.option(
      fc.oneof(text, fc.constantFrom('javascript:alert(1)', 'https://a.example/<!channel>|x?a=1&b=<c>')),
      { nil: undefined },
    ),
  },
  { noNullPrototype: true },
);

/** Whatever may ever be told. */
export const anyAnnouncement: fc.Arbitrary<Announcement> = fc.record(
  {
    incidentId: fc.string({ unit: fc.constantFrom('a', '7', '-'), minLength: 1, maxLength: 300 }),
    groupKey: text,
    no: fc.nat(),
    kind: fc.constantFrom(...announcementKinds),
    at: instantAt,
    severity: fc.constantFrom(...severities),
    deploymentId: fc.option(text),
    title: text,
    status: fc.constantFrom('firing' as const, 'resolved' as const),
    openedAt: instantAt,
    resolvedAt: fc.option(instantAt, { nil: undefined }),
    by: fc.option(text, { nil: undefined }),
    firing: fc.nat(5000),
    resolved: fc.nat(5000),
    alerts: fc.array(anyAlert, { maxLength: 10 }),
    note: fc.option(text, { nil: undefined }),
    inPlaceOf: fc.option(text, { nil: undefined }),
    lines: fc.option(fc.array(text, { maxLength: 200 }), { nil: undefined }),
    plan: fc.option(fc.record({ hash: fc.constant('a'.repeat(64)), approveBy: instantAt }), {
      nil: undefined,
    }),
  },
  { noNullPrototype: true },
);
