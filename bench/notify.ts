/** From a check that turned to the receiver who hears of it: `node bench/notify.ts --help`. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { parseConfig } from '../infra/config.ts';
import { type Host, startHost } from '../infra/local/host.ts';
import { synthesize } from '../infra/synth.ts';
import { printTable } from './table.ts';

const groupWaitMs = 5_000;
const budgetMs = 5_000;

const help = `node bench/notify.ts [--incidents 100]

Hosts the whole stack on this machine with the real clock, and has a check of each of so many deployments fail: first one
check each half second, then, when all are well again, all of them at once. Prints the time from the moment the bus takes
check.status_changed until a webhook has the request, without the ${groupWaitMs / 1000} s that an incident waits for more alerts.
Exits with 1 when the slowest of those that fail one by one is not told within ${budgetMs / 1000} s beyond that wait.`;

const { values } = parseArgs({
  options: { help: { type: 'boolean', default: false }, incidents: { type: 'string', default: '100' } },
});
if (values.help) {
  console.log(help);
  process.exit();
}
const deployments = Array.from({ length: Number(values.incidents) }, (_, no) => `deployment-${no}`);

/** Which deployments fail now, when the bus heard of it, and when the receiver did: ms of this process. */
const failing = new Set<string>();
const detectedAt = new Map<string, number>();
const toldAt = new Map<string, number>();

/** Answers checks at the path of their deployment, and takes notifications at /hook. */
const server = createServer(async (request, response) => {
  if (request.url !== '/hook') {
    const isFailing = failing.has(request.url?.slice(1) ?? '');
    response.writeHead(isFailing ? 503 : 200, { connection: 'close' }).end();
    return;
  }
  const at = performance.now();
  let body = '';
  for await (const chunk of request) body += String(chunk);
  const { deploymentId, status } = JSON.parse(body) as { deploymentId: string; status: string };
  if (status === 'firing' && !toldAt.has(deploymentId)) toldAt.set(deploymentId, at);
  response.writeHead(200, { connection: 'close' }).end();
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

const folder = mkdtempSync(join(tmpdir(), 'homeostat-bench-'));
const config = parseConfig({ allowedPrivateRanges: ['127.0.0.0/8'], canaries: [] });
await synthesize({ outdir: folder, config });
const host: Host = await startHost({
  assemblyDir: folder,
  catchUp: false,
  onEvent({ 'detail-type': type, detail }) {
    const { deploymentId, to } = detail as { deploymentId: string; to: string };
    if (type !== 'check.status_changed' || to !== 'unhealthy') return;
    if (!detectedAt.has(deploymentId)) detectedAt.set(deploymentId, performance.now());
  },
});

const ask = async (method: string, path: string, body?: unknown): Promise<Record<string, unknown>> => {
  const answer = await fetch(`${host.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${host.token}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text}`);
  return text === '' ? {} : JSON.parse(text);
};

const until = async (what: string, isSo: () => boolean | Promise<boolean>): Promise<void> => {
  const began = performance.now();
  while (!(await isSo())) {
    if (performance.now() - began > 180_000) throw new Error(`three minutes passed, and not yet: ${what}`);
    await sleep(100);
  }
};

const checksPath = '/api/v1/monitoring/health-checks';
const counted = async (status: string): Promise<number> => {
  const { items } = await ask('GET', `${checksPath}?status=${status}&limit=200`);
  return (items as unknown[]).length;
};
const incidentsOpen = async (): Promise<number> => {
  const { items } = await ask('GET', '/api/v1/monitoring/incidents?status=active&limit=200');
  return (items as unknown[]).length;
};

const define = async (): Promise<ReadonlyMap<string, string>> => {
  const hook = { name: 'hook', type: 'webhook', config: { url: `${url}/hook`, format: 'homeostat' } };
  await ask('POST', '/api/v1/monitoring/channels', hook);
  await ask('PUT', '/api/v1/monitoring/alerting', { defaultChannels: ['hook'] });
  const ids = new Map<string, string>();
  for (const deploymentId of deployments) {
    await ask('POST', '/api/monitoring/register', {
      ...{ deploymentId, blueprintId: 'bench', environment: 'bench' },
    });
    const check = { name: 'page', type: 'http', target: `${url}/${deploymentId}`, interval: '10s' };
    const thresholds = { retries: 0, failureThreshold: 1, successThreshold: 1 };
    const made = await ask('POST', checksPath, { deploymentId, ...check, ...thresholds });
    ids.set(deploymentId, String(made.id));
  }
  await until('every check is healthy', async () => (await counted('healthy')) === deployments.length);
  return ids;
};

/** Of a sorted list, the smallest that so many percent do not exceed. */
const percentile = (sorted: readonly number[], percent: number): number =>
  sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)] ?? Number.NaN;

const measured = (how: string) => {
  const waits = deployments
    .map((one) => (toldAt.get(one) ?? Number.NaN) - (detectedAt.get(one) ?? Number.NaN) - groupWaitMs)
    .sort((left, right) => left - right);
  const [p50, p99, most] = [percentile(waits, 50), percentile(waits, 99), percentile(waits, 100)];
  return { how, incidents: waits.length, p50, p99, most };
};

const allTold = () => until('every incident is told', () => toldAt.size === deployments.length);

try {
  const ids = await define();
  for (const deploymentId of deployments) {
    failing.add(deploymentId);
    // As soon as it fails, not at its next slot: else those of ten seconds would come together.
    await ask('POST', `${checksPath}/${ids.get(deploymentId)}/run`);
    await sleep(500);
  }
  await allTold();
  const one = measured('one each half second');

  failing.clear();
  await until('every incident is over', async () => (await incidentsOpen()) === 0);
  for (const times of [detectedAt, toldAt]) times.clear();
  for (const deploymentId of deployments) failing.add(deploymentId);
  await allTold();
  const rows = [one, measured('all at once')];

  printTable(
    rows.map(({ how, incidents, ...times }) => ({
      'checks fail': how,
      incidents,
      ...Object.fromEntries(Object.entries(times).map(([name, ms]) => [`${name} ms`, Math.round(ms)])),
    })),
  );
  if (one.most > budgetMs) {
    console.error(`over budget: ${Math.round(one.most)} ms of ${budgetMs}`);
    process.exitCode = 1;
  }
} finally {
  await host.stop();
  server.close();
  server.closeAllConnections();
  rmSync(folder, { recursive: true, force: true });
}
