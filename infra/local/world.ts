import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { environmentNameOf } from '../../shared/platform/resources.ts';
import { type LocalStack, readAssembly, resolveAssembly } from './assembly.ts';
import { createFleet, type Fleet } from './functions/fleet.ts';
import { type LogFiles, openLogFiles } from './functions/log.ts';
import { type Access, createAccess } from './gateway/access.ts';
import { type Gateway, startGateway } from './gateway/gateway.ts';
import { newAccessKeyId } from './gateway/keys.ts';
import { createStandIn } from './gateway/stand-in.ts';
import type { HostLine, HostOptions } from './host.ts';
import { type ApiServer, listen } from './http/server.ts';
import { lockFolder } from './lock.ts';
import { type Messaging, startMessaging } from './messaging/messaging.ts';
import { openSecrets, type Secrets } from './secrets/secrets.ts';
import { machineConcurrency, readFunctions, readMappings } from './stack/definitions.ts';
import { provisionMessaging, provisionTables, readSecrets } from './stack/provision.ts';
import { readResourcePolicies } from './stack/resource-policies.ts';
import { type Roles, readRoles } from './stack/roles.ts';
import { type Dynamo, openDynamo } from './tables/dynalite.ts';
import type { TableDefinition } from './tables/tables.ts';
import { type Activity, createActivity } from './time/activity.ts';
import { type Agenda, createAgenda } from './time/agenda.ts';
import { drivenClock, type HostClock, realClock } from './time/clock.ts';
import type { Undo } from './undo.ts';

/** The account that everything on one machine belongs to; fauxqs knows no other. */
export const localAccountId = '000000000000';
export const localRegion = 'us-east-1';

/** Everything of a host that is there before anything happens in it. */
export type World = {
  readonly clock: HostClock;
  readonly agenda: Agenda;
  readonly activity: Activity;
  readonly cores: number;
  readonly logFiles: LogFiles;
  readonly log: (line: HostLine) => void;
  readonly onFault: (error: Error) => void;
  readonly api: ApiServer;
  readonly gateway: Gateway;
  readonly ownCredentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly local: LocalStack;
  readonly roles: Roles;
  readonly access: Access;
  readonly messaging: Messaging;
  readonly dynamo: Dynamo;
  readonly tables: readonly TableDefinition[];
  readonly secrets: Secrets;
  readonly fleet: Fleet;
  readonly adminToken: () => string;
  /** A file under the data folder; undefined for a host in memory. */
  readonly inData: (name: string) => string | undefined;
};

/** Opens databases and servers and makes what the template has in them. Each thing opened goes onto `undo`. */
export const openWorld = async (options: HostOptions, undo: Undo): Promise<World> => {
  const { dataDir } = options;
  const log = options.log ?? (() => {});
  const inData = (name: string) => (dataDir === undefined ? undefined : join(dataDir, name));
  if (dataDir !== undefined) undo.add(lockFolder(dataDir));
  const clock = options.clock === 'driven' ? drivenClock(options.startsAt) : realClock();
  const time = { clock, agenda: createAgenda(clock), activity: createActivity() };
  const logFiles = openLogFiles(inData('logs'));
  undo.add(() => logFiles.flush());
  const onFault = (error: Error): void => {
    logFiles.append('host', error.stack ?? error.message);
    log({ level: 'error', source: 'host', text: error.message });
  };

  const api = await listen(options.host ?? '127.0.0.1', options.port ?? 0);
  undo.add(() => api.stop());
  const gateway = await startGateway();
  undo.add(() => gateway.stop());
  const starting = startStores(inData, clock.shared, undo, (error) => {
    onFault(error);
    options.onBroken?.(error);
  });
  await options.prepare?.();
  const local = readLocalStack(options, gateway.endpoint, api.url);
  const stores = await fillStores(local, await starting, inData('tables') ?? 'memory');
  options.onStep?.('tables, queues and secrets opened');

  const roles = readRoles(local);
  for (const arn of roles.unknownBoundaries) {
    log({
      level: 'warn',
      source: 'host',
      text: `the permissions boundary ${arn} is not in the template: what it forbids is not refused on one machine`,
    });
  }
  const access = createAccess({
    accountId: localAccountId,
    outside: createStandIn({ accountId: localAccountId, region: localRegion }, options.awsAccount?.region),
    resourcePoliciesOf: readResourcePolicies(local, roles),
    onRefusal: ({ caller, sentence }) => log({ level: 'error', source: caller, text: sentence ?? '' }),
  });
  const secrets = openSecrets(readSecrets(local), inData('secrets.json'), clock.now);
  const cores = availableParallelism();
  const fleet = createFleet({
    functions: readFunctions(local),
    roles,
    access,
    region: localRegion,
    endpoint: gateway.endpoint,
    driven: clock.shared,
    concurrencyOf: concurrencyIn(local, cores),
    logFiles,
    onNotice: (source, level, text) => log({ level, source, text }),
  });
  undo.add(() => fleet.stop());
  undo.add(() => time.agenda.stop());
  return {
    ...time,
    ...stores,
    cores,
    logFiles,
    log,
    onFault,
    api,
    gateway,
    ownCredentials: { accessKeyId: newAccessKeyId(), secretAccessKey: randomBytes(30).toString('base64') },
    local,
    roles,
    access,
    secrets,
    fleet,
    adminToken: adminTokenOf(fleet, secrets, options.adminToken),
    inData,
  };
};

const readLocalStack = (options: HostOptions, gatewayUrl: string, apiUrl: string): LocalStack => {
  const assembly = readAssembly(options.assemblyDir);
  const template = structuredClone(assembly.template);
  options.patchTemplate?.(template);
  return resolveAssembly(
    { ...assembly, template },
    { accountId: localAccountId, region: localRegion, stackName: assembly.stackName, gatewayUrl, apiUrl },
  );
};

type Stores = { readonly messaging: Messaging; readonly dynamo: Dynamo };

/** Begins while the stack is synthesized: the thread of the queues takes most of a start, and needs no template. */
const startStores = (
  inData: (name: string) => string | undefined,
  driven: SharedArrayBuffer | undefined,
  undo: Undo,
  onBroken: (error: Error) => void,
): Promise<Stores> => {
  const [folder, messages] = [inData('tables'), inData('messaging')];
  for (const path of [folder, messages]) {
    if (path !== undefined) mkdirSync(path, { recursive: true, mode: 0o700 });
  }
  const starting = startMessaging({ dataDir: messages, region: localRegion, driven }, onBroken);
  const dynamo = openDynamo(folder, localAccountId, localRegion);
  undo.add(() => dynamo.close());
  const both = starting.then((messaging) => {
    undo.add(() => messaging.close());
    return { messaging, dynamo };
  });
  // It is awaited later; a failure before that must not end the process as unhandled.
  both.catch(() => {});
  undo.add(() => both.catch(() => {}));
  return both;
};

const fillStores = async (
  local: LocalStack,
  { messaging, dynamo }: Stores,
  folder: string,
): Promise<Pick<World, 'messaging' | 'dynamo' | 'tables'>> => {
  const [tables] = await Promise.all([
    provisionTables(local, dynamo, folder),
    provisionMessaging(local, messaging),
  ]);
  return { messaging, dynamo, tables };
};

/** A function fed by a queue runs as many batches at once as its mapping; the others a few. */
const concurrencyIn = (local: LocalStack, cores: number): ((functionName: string) => number) => {
  const byName = new Map(
    readMappings(local, cores).map(({ functionName, concurrency }) => [functionName, concurrency]),
  );
  return (functionName) => byName.get(functionName) ?? machineConcurrency(cores);
};

const adminTokenOf = (fleet: Fleet, secrets: Secrets, given: string | undefined): (() => string) => {
  const variable = environmentNameOf('adminToken');
  const arn = fleet.functions
    .map(({ environment }) => environment[variable])
    .find((value) => value !== undefined);
  if (arn === undefined) return () => given ?? '';
  if (given !== undefined) secrets.override(arn, given);
  return () => secrets.read(arn);
};
