import { expect, test } from 'vitest';
import type { Check } from '../../../web/client/checks.ts';
import { toRead } from '../../../web/client/strips.ts';
import {
  choicesOf,
  filterFrom,
  findChecks,
  narrowings,
  sortFrom,
  sortText,
} from '../../../web/pages/checks/filter.ts';

const healthy: Check = {
  id: 'h',
  deploymentId: 'web-shop',
  name: 'home page',
  type: 'http',
  target: 'https://shop.example.com/',
  interval: 30,
  timeout: 5,
  retries: 0,
  failureThreshold: 3,
  successThreshold: 1,
  network: 'public',
  tags: { team: 'front' },
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
  statusSince: '2026-11-20T00:00:00.000Z',
};

const checks: readonly Check[] = [
  healthy,
  { ...healthy, id: 's', name: 'search 10', status: 'degraded', responseTime: 900 },
  { ...healthy, id: 't', name: 'search 9', responseTime: null, lastChecked: null, status: 'unknown' },
  {
    ...healthy,
    id: 'd',
    deploymentId: 'billing',
    name: 'Ledger',
    type: 'tcp',
    target: 'db.example.com:5432',
    tags: { team: 'money', tier: 'db' },
    managedBy: 'api',
    status: 'unhealthy',
    statusSince: '2026-11-22T10:00:00.000Z',
  },
  { ...healthy, id: 'o', name: 'old', status: 'unhealthy', statusSince: '2026-11-21T10:00:00.000Z' },
  { ...healthy, id: 'p', name: 'put away', status: 'unknown', isPaused: true },
];

const found = (query: Record<string, string>): string =>
  findChecks(checks, filterFrom(query), sortFrom(query))
    .shown.map(({ id }) => id)
    .join('');

test.each([
  [{}, 'dostph'],
  [{ q: 'LEDGER' }, 'd'],
  [{ q: 'db.example' }, 'd'],
  [{ q: 'billing' }, 'd'],
  [{ q: 'team:money' }, 'd'],
  [{ q: 'search 9' }, 't'],
  [{ q: 'shop page' }, 'h'],
  [{ q: 'nowhere' }, ''],
  [{ status: 'unhealthy' }, 'do'],
  [{ status: 'unknown' }, 't'],
  [{ status: 'paused' }, 'p'],
  [{ status: 'purple' }, 'dostph'],
  [{ deployment: 'billing' }, 'd'],
  [{ type: 'tcp' }, 'd'],
  [{ tag: 'tier:db' }, 'd'],
  [{ tag: 'team:front', status: 'degraded' }, 's'],
  [{ managedBy: 'api' }, 'd'],
])('the address %o shows the checks %s', (query, ids) => {
  expect(found(query)).toBe(ids);
});

test.each([
  ['', 'dostph'],
  ['-status', 'hptsod'],
  ['name', 'hdopts'],
  ['-name', 'stpodh'],
  ['deployment', 'dhopts'],
  ['response', 'sdhopt'],
  ['checked', 'dhopst'],
  ['nonsense', 'dostph'],
])('sorted by «%s» they come as %s', (sort, ids) => {
  expect(found({ sort })).toBe(ids);
});

test('each status counts what passes the other filters, so that its button tells what it would show', () => {
  const query = { deployment: 'web-shop', status: 'unhealthy' };
  expect(findChecks(checks, filterFrom(query), sortFrom(query)).counts).toEqual({
    all: 5,
    unhealthy: 1,
    degraded: 1,
    unknown: 1,
    paused: 1,
    healthy: 1,
  });
});

test('an order stands in the address, and the usual one does not', () => {
  expect(sortText({ by: 'status', isReversed: false })).toBeUndefined();
  expect(sortText({ by: 'status', isReversed: true })).toBe('-status');
  expect(sortFrom({ sort: '-response' })).toEqual({ by: 'response', isReversed: true });
});

test('filters offer what some check has', () => {
  expect(choicesOf(checks)).toEqual({
    deployments: ['billing', 'web-shop'],
    types: ['http', 'tcp'],
    tags: ['team:front', 'team:money', 'tier:db'],
  });
});

test('a filter that finds nothing is told in words', () => {
  expect(narrowings(filterFrom({ q: 'x', status: 'unknown', tag: 'a:b', managedBy: 'file' }))).toEqual([
    '«x»',
    'unknown',
    'tag a:b',
    'from the file',
  ]);
});

test('strips are asked for once, again after five minutes, and at most a hundred at a time', () => {
  const now = 1_000_000_000;
  const readAt = new Map([
    ['a', now - 299_000],
    ['b', now - 301_000],
  ]);
  expect(toRead(['a', 'b', 'c'], (id) => readAt.get(id), now)).toEqual(['b', 'c']);
  const many = Array.from({ length: 150 }, (_, no) => `id-${no}`);
  expect(toRead(many, () => undefined, now)).toEqual(many.slice(0, 100));
});
