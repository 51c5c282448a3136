import type { WrittenRule } from '../alerting/api.ts';
import type { RuleOwner } from '../alerting/index.ts';
import type { DeploymentDefinition } from '../catalog/index.ts';
import { type WrittenMaintenance, type WrittenSettings, writtenSettings } from '../incidents/api.ts';
import { defaultSettings } from '../incidents/index.ts';
import type { WrittenChannel } from '../notifications/api.ts';
import { canonicalJson } from '../platform/api/canonical.ts';
import type { WrittenPolicy } from '../policies/api.ts';
import type { WrittenScaler } from '../scaling/api.ts';
import type { WrittenStatusPage } from '../status-pages/api.ts';
import { type ApiClient, ApiError } from './client.ts';
import {
  type CheckFields,
  channelOf,
  checkOf,
  type Defined,
  deploymentOf,
  type Held,
  maintenanceOf,
  policyOf,
  ruleOf,
  scalerOf,
  settingsOf,
  statusPageOf,
} from './definition.ts';

type Owned<T> = T & { readonly managedBy: RuleOwner };

const api = '/api/v1/monitoring';
export const checksPath = `${api}/health-checks`;

/** Everything that the token reaches, as it is defined now. */
export const readCurrent = async (client: ApiClient): Promise<readonly Held[]> => {
  const listed = async <T>(path: string, definedBy: (view: T) => Defined): Promise<Held[]> =>
    (await client.list<Owned<T>>(`${api}/${path}`)).map((view) => ({
      ...definedBy(view),
      managedBy: view.managedBy,
    }));
  return [
    ...(await listed<DeploymentDefinition>('deployments', deploymentOf)),
    ...(await listed<CheckFields>('health-checks', checkOf)),
    ...(await whereReached(() => listed<WrittenChannel>('channels', channelOf))),
    ...(await whereReached(async () => [await readAlerting(client)])),
    ...(await readMaintenance(client)),
    ...(await listed<WrittenRule>('alerts', ruleOf)),
    ...(await listed<WrittenScaler>('scaling', scalerOf)),
    ...(await listed<WrittenStatusPage>('status-pages', statusPageOf)),
    ...(await whereReached(() => listed<WrittenPolicy>('policies', policyOf))),
  ];
};

/** Channels, settings and policies belong to the whole stack: a token of some deployments does not see them. */
const whereReached = async (read: () => Promise<Held[]>): Promise<Held[]> => {
  try {
    return await read();
  } catch (error) {
    if (error instanceof ApiError && error.code === 'FORBIDDEN') return [];
    throw error;
  }
};

const usual = canonicalJson(writtenSettings(defaultSettings));

/** Settings that say what they say without anybody are nobody's, whoever wrote them last. */
const readAlerting = async (client: ApiClient): Promise<Held> => {
  const view = await client.request<Owned<WrittenSettings>>('GET', `${api}/alerting`);
  const settings = settingsOf(view);
  const isUsual = canonicalJson(settings.definition) === usual;
  return { ...settings, managedBy: isUsual ? 'builtin' : view.managedBy };
};

type MaintenanceView = Owned<Omit<WrittenMaintenance, 'startsAt' | 'endsAt'>> & {
  readonly startsAt: string;
  readonly endsAt: string | null;
  readonly createdAt: string;
};

/** Also what has ended: a file may still name it. */
const readMaintenance = async (client: ApiClient): Promise<Held[]> => {
  const current = await client.list<MaintenanceView>(`${api}/maintenance`);
  const ended = await client.list<MaintenanceView>(`${api}/maintenance`, { state: 'ended' });
  const both = new Map([...current, ...ended].map((view) => [view.name, view]));
  return [...both.values()].map(({ startsAt, endsAt, createdAt, ...view }) => ({
    ...maintenanceOf({
      ...view,
      // It starts when it is made where nobody says when.
      ...(startsAt !== createdAt && { startsAt }),
      ...(endsAt !== null && { endsAt }),
    }),
    managedBy: view.managedBy,
  }));
};
