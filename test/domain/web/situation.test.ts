import { expect, test } from 'vitest';
import type { Check } from '../../../web/client/checks.ts';
import {
  byUrgency,
  calmOf,
  comparedText,
  type Incident,
  knownUntil,
  othersOf,
  usd,
  wrongChecks,
} from '../../../web/pages/overview/situation.ts';

const check = (id: string, more: Partial<Check> = {}): Check => ({
  id,
  deploymentId: 'web-shop',
  name: id,
  type: 'http',
  target: 'https://shop.example.com/',
  interval: 60,
  timeout: 5,
  retries: 0,
  failureThreshold: 3,
  successThreshold: 1,
  network: 'public',
  tags: {},
  config: {},
  isActive: true,
  isPaused: false,
  managedBy: 'file',
  revision: 1,
  createdAt: '2026-11-01T00:00:00.000Z',
  updatedAt: '2026-11-01T00:00:00.000Z',
  status: 'healthy',
  lastChecked: '2026-11-22T12:00:00.000Z',
  responseTime: 120,
  reason: null,
  statusSince: null,
  ...more,
});

const at = (hour: number): string => `2026-11-22T${String(hour).padStart(2, '0')}:00:00.000Z`;

test('what is wrong comes with the worst first, then the newest; unknown, paused and healthy are not among it', () => {
  const wrong = wrongChecks([
    check('fine'),
    check('slow', { status: 'degraded', statusSince: at(11) }),
    check('old', { status: 'unhealthy', statusSince: at(3) }),
    check('new', { status: 'unhealthy', statusSince: at(9), reason: 'refused' }),
    check('silent', { status: 'unknown' }),
    check('put away', { status: 'unhealthy', isPaused: true }),
  ]);
  expect(wrong.map(({ id }) => id)).toEqual(['new', 'old', 'slow']);
  expect(wrong[0]).toEqual({
    id: 'new',
    name: 'new',
    deploymentId: 'web-shop',
    status: 'unhealthy',
    reason: 'refused',
    since: at(9),
  });
});

test('while the list is being read, the summary names what is not in it yet; what is in it is newer', () => {
  const unhealthy = (checkId: string) => ({
    checkId,
    deploymentId: 'd',
    name: checkId,
    reason: null,
    since: at(1),
  });
  const wrong = wrongChecks([check('recovered')], [unhealthy('recovered'), unhealthy('on page ten')]);
  expect(wrong.map(({ id }) => id)).toEqual(['on page ten']);
});

const incident = (
  id: string,
  status: Incident['status'],
  severity: Incident['severity'],
  hour: number,
): Incident => ({
  id,
  deploymentId: null,
  title: id,
  severity,
  status,
  openedAt: at(hour),
  acknowledgedAt: null,
  acknowledgedBy: null,
  resolvedAt: null,
  resolvedBy: null,
  duration: null,
  firing: 1,
  resolved: 0,
  reopenings: 0,
  escalationStep: 0,
  isFlapping: false,
});

test('an incident that nobody took on comes before a graver one that somebody did, and the older before the newer', () => {
  const sorted = [
    incident('taken on', 'acknowledged', 'critical', 1),
    incident('new', 'open', 'error', 9),
    incident('old', 'open', 'error', 2),
    incident('grave', 'open', 'critical', 10),
  ].toSorted(byUrgency);
  expect(sorted.map(({ id }) => id)).toEqual(['grave', 'old', 'new', 'taken on']);
});

test('strips of the others: what nobody knows first, nothing that is wrong or paused, no more than asked for', () => {
  const checks = [
    check('shard 10'),
    check('shard 9'),
    check('bad', { status: 'unhealthy' }),
    check('silent', { status: 'unknown' }),
    check('put away', { status: 'unknown', isPaused: true }),
  ];
  expect(othersOf(checks, wrongChecks(checks), 10).map(({ id }) => id)).toEqual([
    'silent',
    'shard 9',
    'shard 10',
  ]);
  expect(othersOf(checks, wrongChecks(checks), 1).map(({ id }) => id)).toEqual(['silent']);
});

const known = { counts: { healthy: 3, unknown: 0, paused: 0 }, isWhole: true, knownUntil: 2000, now: 1000 };

test.each([
  ['all are healthy and were looked at lately', known, 'fine', 'Everything is fine'],
  ['the list is not read whole', { ...known, isWhole: false }, 'reading', 'Nothing wrong so far'],
  [
    'one is unknown',
    { ...known, counts: { healthy: 3, unknown: 1, paused: 0 } },
    'unsure',
    'Nothing is known to be wrong',
  ],
  ['nobody looked for too long', { ...known, now: 2001 }, 'unsure', 'Nobody knows how things stand'],
  ['nobody ever looked', { ...known, knownUntil: undefined }, 'unsure', 'Nobody knows how things stand'],
  [
    'every check is paused',
    { ...known, counts: { healthy: 0, unknown: 0, paused: 2 } },
    'unsure',
    'Nothing is looked at',
  ],
] as const)('with nothing wrong, when %s, the mood is right', (_, input, mood, title) => {
  expect(calmOf(input)).toMatchObject({ mood, title });
});

test('paused checks are told beside the healthy ones', () => {
  expect(calmOf({ ...known, counts: { healthy: 1, unknown: 0, paused: 2 } }).detail).toBe(
    '1 check is healthy. 2 checks are paused.',
  );
});

test('how things stand is known for two intervals and three minutes after the newest look', () => {
  expect(knownUntil([])).toBeUndefined();
  expect(knownUntil([check('never', { lastChecked: null })])).toBeUndefined();
  expect(
    knownUntil([
      check('a', { lastChecked: at(12), interval: 60 }),
      check('b', { lastChecked: at(11), interval: 60 }),
      check('c', { lastChecked: at(13), isPaused: true }),
    ]),
  ).toBe(Date.parse('2026-11-22T12:05:00.000Z'));
});

test.each([
  [0, '$0.00'],
  [0.004, 'under 1 ¢'],
  [4.268, '$4.27'],
  [8709.12, '$8,709'],
])('%d dollars are told as %s', (amount, text) => {
  expect(usd(amount)).toBe(text);
});

test.each([
  [3, 3, undefined],
  [0, 100, undefined],
  [5, 7, '1.4 times as much'],
  [5.74, 8709.12, '1,517 times as much'],
])('%d beside %d dollars is compared as %s', (own, other, text) => {
  expect(comparedText(own, other)).toBe(text);
});
