import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { RawTemplate } from '../../infra/local/assembly.ts';
import { monitoring } from './alerting.ts';
import { makeCheck } from './checks.ts';
import { openStack, type Stack, type StackOptions } from './stack.ts';

/** What stories of healing need: services that a restart really changes, policies, plans and their record. */

export type Service = {
  readonly name: string;
  readonly url: string;
  /** From now on it answers 503, until it is restarted. */
  fall(): void;
  /** From now on no restart helps. */
  breakForGood(): void;
  /** Somebody repaired it by hand. */
  repair(): void;
  /** How often its restart command ran. */
  restarts(): number;
};

/** Services on loopback that are up while no file says that they are down. Their restart commands take that file away. */
export const openServices = async (names: readonly string[]) => {
  const folder = mkdtempSync(join(tmpdir(), 'homeostat-services-'));
  const path = (name: string, what: string) => join(folder, `${name}.${what}`);
  const server = createServer((request, response) => {
    const name = (request.url ?? '').slice(1);
    const isUp = names.includes(name) && !existsSync(path(name, 'down'));
    response.writeHead(isUp ? 200 : 503, { connection: 'close' }).end();
  });
  const listen = (at: number) =>
    new Promise<void>((resolve) => server.listen(at, '127.0.0.1', () => resolve()));
  const stopListening = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const serviceOf = (name: string): Service => ({
    name,
    url: `http://127.0.0.1:${port}/${name}`,
    fall: () => writeFileSync(path(name, 'down'), ''),
    breakForGood: () => {
      writeFileSync(path(name, 'broken'), '');
      writeFileSync(path(name, 'down'), '');
    },
    repair: () => {
      for (const what of ['broken', 'down']) rmSync(path(name, what), { force: true });
    },
    restarts: () =>
      existsSync(path(name, 'log')) ? readFileSync(path(name, 'log'), 'utf8').split('\n').length - 1 : 0,
  });
  const script = join(folder, 'restart');
  writeFileSync(
    script,
    'cd "$(dirname "$0")"; echo restarted >> "$1.log"; test -e "$1.broken" || rm -f "$1.down"\n',
  );
  return {
    /** The setting `processes`. */
    processes: Object.fromEntries(names.map((name) => [name, { restart: ['/bin/sh', script, name] }])),
    of: (name: string): Service => serviceOf(name),
    all: names.map(serviceOf),
    /** Nobody reaches any of them, well or not; until they are shown again. */
    hide: stopListening,
    show: () => listen(port),
    close: async (): Promise<void> => {
      await stopListening();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
export type Services = Awaited<ReturnType<typeof openServices>>;

type Processes = Readonly<Record<string, { readonly restart: readonly string[]; readonly pidFile?: string }>>;

/** What may be restarted, in every function that is told of it: kept out of the configuration, whose stack is kept. */
const withProcesses =
  (processes: Processes) =>
  (template: RawTemplate): void => {
    let told = 0;
    for (const { Type, Properties } of Object.values(template.Resources)) {
      if (Type !== 'AWS::Lambda::Function') continue;
      const { Variables } = (Properties?.Environment ?? {}) as { Variables?: Record<string, unknown> };
      if (Variables?.HOMEOSTAT_PROCESSES === undefined) continue;
      Variables.HOMEOSTAT_PROCESSES = JSON.stringify(processes);
      told++;
    }
    if (told === 0) throw new Error('no function of the template is told of processes');
  };

/** The stack with the actions of one machine opted in. */
export const openHealing = (processes: Processes, options: StackOptions = {}): Promise<Stack> =>
  openStack({
    ...options,
    config: { actions: { 'process-restart': {} }, ...options.config },
    patchTemplate(template) {
      withProcesses(processes)(template);
      options.patchTemplate?.(template);
    },
  });

type Body = Readonly<Record<string, unknown>>;

/** Registers a deployment whose resources are these processes, each told of by the check of the same name. */
export const registerWith = async (
  stack: Stack,
  deploymentId: string,
  names: readonly string[],
  more: Body = {},
): Promise<void> => {
  const resources = names.map((name) => ({ name, type: 'process', id: name, checks: [name] }));
  const body = { deploymentId, environment: 'test', resources, ...more };
  const answer = await stack.api('POST', '/api/monitoring/register', { body });
  expect(answer.status, answer.text).toBe(201);
};

/** A check of every ten seconds that is unhealthy after three failures. */
export const makeServiceCheck = (
  stack: Stack,
  service: Service,
  deploymentId: string,
  more: Body = {},
): Promise<string> =>
  makeCheck(stack, {
    name: service.name,
    target: service.url,
    deploymentId,
    interval: '10s',
    failureThreshold: 3,
    retries: 0,
    ...more,
  });

/** `unhealthy_service {action: restart, max_attempts: 3, backoff: exponential}`, as in the documentation. */
export const makePolicy = async (
  stack: Stack,
  { unhealthy = {}, ...more }: Body & { readonly unhealthy?: Body } = {},
): Promise<string> => {
  const answer = await stack.api('POST', `${monitoring}/policies`, {
    body: {
      name: 'healing',
      health_remediation: {
        unhealthy_service: { action: 'restart', max_attempts: 3, backoff: 'exponential', ...unhealthy },
      },
      ...more,
    },
  });
  expect(answer.status, answer.text).toBe(201);
  return String(answer.body.id);
};

export type RemediationView = {
  readonly id: string;
  readonly status: string;
  readonly reason: string;
  readonly attempt: number;
  readonly madeBy: string;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly resources: readonly string[];
  readonly rejectedBy: string | null;
  readonly approvals: readonly { readonly by: string }[];
  readonly holds: readonly { readonly brake: string; readonly reason: string }[];
};

/** Oldest first. */
export const remediationsOf = async (
  stack: Stack,
  deploymentId: string,
): Promise<readonly RemediationView[]> => {
  const path = `${monitoring}/remediations?limit=200&deploymentId=${deploymentId}`;
  const answer = await stack.api('GET', path);
  expect(answer.status, answer.text).toBe(200);
  const ids = (answer.body.items as RemediationView[]).map(({ id }) => id).reverse();
  return Promise.all(ids.map((id) => readRemediation(stack, id)));
};

export const readRemediation = async (stack: Stack, id: string): Promise<RemediationView> => {
  const answer = await stack.api('GET', `${monitoring}/remediations/${id}`);
  expect(answer.status, answer.text).toBe(200);
  return answer.body as unknown as RemediationView;
};

/** The one that there is. */
export const onlyRemediation = async (stack: Stack, deploymentId: string): Promise<RemediationView> => {
  const [only, ...others] = await remediationsOf(stack, deploymentId);
  expect(others).toEqual([]);
  if (!only) throw new Error(`there is no remediation of ${deploymentId}`);
  return only;
};

export type LogView = {
  readonly at: string;
  readonly kind: string;
  readonly by: string;
  readonly attempt: number;
  readonly text: string;
  readonly call: { readonly service: string; readonly operation: string; readonly outcome: string } | null;
  readonly before: unknown;
  readonly after: unknown;
  readonly durationMs: number | null;
};

export const recordOf = async (stack: Stack, id: string): Promise<readonly LogView[]> => {
  const answer = await stack.api('GET', `${monitoring}/remediations/${id}/log?limit=200`);
  expect(answer.status, answer.text).toBe(200);
  return answer.body.items as LogView[];
};

/** The kinds of its entries, in order. */
export const kindsOf = (record: readonly LogView[]): readonly string[] => record.map(({ kind }) => kind);
