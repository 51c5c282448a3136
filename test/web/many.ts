import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BrowserContext, Route } from 'playwright-core';
import type { Operations, Schemas } from '../../web/client/operations.ts';

/** The console before so many checks and incidents as no test would make one by one: its files, and answers made up here. */
export type Many = { readonly checks: number; readonly incidents: number };

export const manyUrl = 'http://console.test';

const at = (minutesAgo: number): string =>
  new Date(Date.parse('2026-11-22T12:00:00Z') - minutesAgo * 60_000).toISOString();

const checkOf = (no: number): Schemas['Check'] => ({
  id: no.toString(16).padStart(24, '0'),
  deploymentId: `deployment-${no % 40}`,
  name: `check ${no}`,
  type: no % 3 === 0 ? 'tcp' : 'http',
  target: `https://service-${no}.example.com/health`,
  interval: 60,
  timeout: 5,
  retries: 0,
  failureThreshold: 3,
  successThreshold: 1,
  network: 'public',
  tags: { team: `team-${no % 7}` },
  config: {},
  isActive: true,
  isPaused: false,
  managedBy: 'api',
  revision: 1,
  createdAt: at(10_000),
  updatedAt: at(10_000),
  status: no % 50 === 7 ? 'unhealthy' : no % 50 === 9 ? 'degraded' : 'healthy',
  lastChecked: at(0),
  responseTime: 20 + (no % 300),
  reason: no % 50 === 7 ? 'expected status 200-299, got 503' : null,
  statusSince: at(no % 500),
});

const incidentOf = (no: number): Schemas['Incident'] => ({
  id: `0mws${no.toString(36).padStart(5, '0')}-${no.toString(16).padStart(12, '0')}`,
  deploymentId: `deployment-${no % 40}`,
  title: `Service Down: check ${no}`,
  severity: no % 4 === 0 ? 'critical' : 'warning',
  status: no % 5 === 0 ? 'acknowledged' : 'open',
  openedAt: at(no),
  acknowledgedAt: no % 5 === 0 ? at(no) : null,
  acknowledgedBy: no % 5 === 0 ? 'admin' : null,
  resolvedAt: null,
  resolvedBy: null,
  duration: null,
  firing: 1,
  resolved: 0,
  reopenings: 0,
  escalationStep: 0,
  isFlapping: false,
});

const stripOf = (id: string): Operations['readCheckStrips']['answer']['items'][number] => ({
  id,
  statuses: Array.from({ length: 24 }, (_, hour) => (hour % 9 === 8 ? 'degraded' : 'healthy')),
  uptimePercents: Array.from({ length: 24 }, () => 100),
});

const pageOf = <T>(count: number, make: (no: number) => T, query: URLSearchParams) => {
  const from = Number(query.get('cursor') ?? 0);
  const until = Math.min(count, from + Number(query.get('limit') ?? 100));
  const items = Array.from({ length: until - from }, (_, index) => make(from + index));
  return { items, next: until < count ? String(until) : null };
};

const answerTo = ({ pathname, searchParams }: URL, { checks, incidents }: Many): unknown => {
  switch (pathname.slice('/api/v1/monitoring/'.length)) {
    case 'tokens/self':
      return {
        principal: 'admin',
        name: null,
        scopes: ['read', 'operate'],
        deployments: '*',
        expiresAt: null,
      };
    case 'changes':
      return { cursor: 'c', topics: [], statuses: [], pollAfterSeconds: 4 };
    case 'health-checks':
      return pageOf(checks, checkOf, searchParams);
    case 'incidents':
      return pageOf(incidents, incidentOf, searchParams);
    case 'health-checks/strips': {
      const ids = searchParams.get('ids')?.split(',') ?? [];
      return { from: at(1440), to: at(0), bucketSeconds: 3600, items: ids.map(stripOf) };
    }
    case 'remediation/stop':
      return { isOn: false, by: null, at: null, reason: null };
    default:
      return { items: [], next: null };
  }
};

const types: Readonly<Record<string, string>> = {
  html: 'text/html',
  js: 'text/javascript',
  css: 'text/css',
  svg: 'image/svg+xml',
};

/** Answers everything that the context asks of `manyUrl`; whoever comes is signed in. */
export const serveMany = async (context: BrowserContext, dir: string, many: Many): Promise<void> => {
  await context.addInitScript(() => sessionStorage.setItem('homeostat.token', 'any'));
  await context.route(`${manyUrl}/**`, async (route: Route) => {
    const url = new URL(route.request().url());
    if (url.pathname.startsWith('/api/')) return route.fulfill({ json: answerTo(url, many) });
    const path = url.pathname === '/' ? 'index.html' : url.pathname.slice(1);
    const contentType = types[path.split('.').at(-1) ?? ''] ?? 'application/octet-stream';
    return route.fulfill({ contentType, body: await readFile(join(dir, path)) });
  });
};
