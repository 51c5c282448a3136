import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfig } from '../../infra/config.ts';
import { type Host, startHost } from '../../infra/local/host.ts';
import { synthesizeIfChanged } from '../../infra/synth.ts';

/** A small company and its stack on this machine: what the console is measured with and drawn from. */
export type Shop = {
  readonly host: Host;
  /** Answers the body of a 2xx; throws what the API refuses. */
  api(method: string, path: string, body?: unknown): Promise<Record<string, unknown>>;
  /** From now on the service answers so; `up` is how they begin. */
  become(service: string, conduct: 'up' | 'slow' | 'down'): void;
  readonly checkIds: ReadonlyMap<string, string>;
  close(): Promise<void>;
};

const deployments = {
  'web-shop': ['home page', 'product pages', 'search', 'basket', 'checkout', 'images'],
  payments: ['card gateway', 'invoices', 'refunds', 'fraud scoring'],
  warehouse: ['stock levels', 'picking', 'labels', 'carriers'],
  platform: ['sign-in', 'mail relay', 'job queue', 'reports', 'feature flags', 'webhooks'],
} as const;

const shownToAll: readonly string[] = [
  'home page',
  'search',
  'checkout',
  'card gateway',
  'sign-in',
  'carriers',
];
const slug = (name: string): string => name.replaceAll(' ', '-');

type Conduct = 'up' | 'slow' | 'down';
const slowMs = 900;

const openServices = async (): Promise<{
  readonly server: Server;
  readonly conducts: Map<string, Conduct>;
}> => {
  const conducts = new Map<string, Conduct>();
  const server = createServer((request, response) => {
    const service = (request.url ?? '').slice(1);
    const conduct = conducts.get(service) ?? 'up';
    const answer = () =>
      response.writeHead(conduct === 'down' ? 503 : 200, { connection: 'close' }).end('ok');
    // Some services take longer than others, so that their charts are not all the same line.
    setTimeout(answer, conduct === 'slow' ? slowMs : (service.length * 7) % 40);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, conducts };
};

const client =
  (host: Host): Shop['api'] =>
  async (method, path, body) => {
    const answer = await fetch(`${host.url}${path.startsWith('/') ? path : `/api/v1/monitoring/${path}`}`, {
      method,
      headers: { authorization: `Bearer ${host.token}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path} answers ${answer.status}: ${text}`);
    return text === '' ? {} : JSON.parse(text);
  };

const define = async (api: Shop['api'], url: string, interval: string): Promise<Map<string, string>> => {
  const ids = new Map<string, string>();
  for (const [deploymentId, services] of Object.entries(deployments)) {
    const resources = services.map((name) => ({
      name: slug(name),
      type: 'process',
      id: slug(name),
      checks: [name],
    }));
    await api('POST', '/api/monitoring/register', { deploymentId, environment: 'production', resources });
    for (const name of services) {
      const { id } = await api('POST', 'health-checks', {
        name,
        type: 'http',
        target: `${url}/${slug(name)}`,
        deploymentId,
        interval,
        failureThreshold: 2,
        retries: 0,
        degradedAbove: '600ms',
        isPublic: shownToAll.includes(name),
        tags: { team: deploymentId === 'platform' ? 'platform' : 'shop' },
      });
      ids.set(name, String(id));
    }
  }
  await api('POST', 'status-pages', {
    slug: 'shop',
    name: 'Meadow & Sons',
    description: 'How our shop and its payments are doing.',
    groups: [
      {
        name: 'Shop',
        checks: ['home page', 'search', 'checkout', 'sign-in'].map((name) => ({
          deploymentId: name === 'sign-in' ? 'platform' : 'web-shop',
          name,
          label: name[0]?.toUpperCase() + name.slice(1),
        })),
      },
      {
        name: 'Orders',
        checks: [
          { deploymentId: 'payments', name: 'card gateway', label: 'Card payments' },
          { deploymentId: 'warehouse', name: 'carriers', label: 'Delivery tracking' },
        ],
      },
    ],
  });
  return ids;
};

/** Its host, in the same folder each time it is started. */
const startAt = async (folder: string, startsAt: number): Promise<Host> => {
  const processes = Object.fromEntries(
    Object.values(deployments)
      .flat()
      .map((name) => [slug(name), { restart: ['/bin/true'] }]),
  );
  const config = parseConfig({
    allowedPrivateRanges: ['127.0.0.0/8'],
    canaries: [],
    actions: { 'process-restart': {} },
    processes,
  });
  const assemblyDir = join(folder, 'assembly');
  await synthesizeIfChanged({ outdir: assemblyDir, config });
  return startHost({ assemblyDir, dataDir: folder, clock: 'driven', startsAt, catchUp: false });
};

/**
 * @param startsAt epoch ms
 * @param definedAt when the checks were made, for a history that is longer than what is lived through here; epoch ms
 * @param interval of each check: a long one makes a long history quick to live through
 */
export const openShop = async ({
  startsAt,
  definedAt = startsAt,
  interval,
}: {
  readonly startsAt: number;
  readonly definedAt?: number;
  readonly interval: string;
}): Promise<Shop> => {
  const folder = mkdtempSync(join(tmpdir(), 'homeostat-bench-'));
  const { server, conducts } = await openServices();
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let host = await startAt(folder, definedAt);
  const checkIds = await define(client(host), url, interval);
  if (definedAt < startsAt) {
    await host.advance('1m');
    await host.stop();
    host = await startAt(folder, startsAt);
  }
  return {
    host,
    api: client(host),
    checkIds,
    become: (service, conduct) => void conducts.set(slug(service), conduct),
    async close() {
      await host.stop();
      server.close();
      server.closeAllConnections();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
