import type { ApiClient } from '../../../shared/configuration/index.ts';
import type { Service } from './service.ts';

/** What the demo has Homeostat watch and heal, over the HTTP API like everything else. */

const monitoring = '/api/v1/monitoring';
export const deploymentId = 'demo';
export const resourceName = 'web';

const check = {
  deploymentId,
  name: resourceName,
  type: 'http',
  interval: '10s',
  timeout: '2s',
  retries: 0,
  failureThreshold: 3,
};

const policy = {
  name: 'demo',
  selector: { deployments: [deploymentId] },
  health_remediation: {
    unhealthy_service: { action: 'restart', max_attempts: 3, backoff: 'exponential' },
  },
};

/** A deployment of one process, a check of it every ten seconds, and a policy. Gives the id of the check. */
export const defineAll = async (client: ApiClient, { url }: Service): Promise<string> => {
  const resource = { name: resourceName, type: 'process', id: resourceName, checks: [resourceName] };
  await client.request('POST', '/api/monitoring/register', {
    body: { deploymentId, environment: 'demo', resources: [resource] },
  });
  await client.request('POST', `${monitoring}/policies`, { body: policy });
  const made = await client.request<{ readonly id: string }>('POST', `${monitoring}/health-checks`, {
    body: { ...check, target: url },
  });
  return made.id;
};

export type Look = { readonly at: string; readonly status: string; readonly reason: string | null };

/** The last looks, newest first. */
export const looksOf = async (client: ApiClient, checkId: string): Promise<readonly Look[]> => {
  const page = await client.request<{ readonly items: readonly Look[] }>(
    'GET',
    `${monitoring}/health-checks/${checkId}/results`,
    { query: { limit: '20' } },
  );
  return page.items;
};

/** The detail of `check.status_changed`. */
export type Change = { readonly at: string; readonly to: string; readonly reason: string };

export type RemediationSeen = { readonly id: string; readonly status: string; readonly reason: string };

export const remediationOf = async (client: ApiClient): Promise<RemediationSeen | undefined> => {
  const [newest] = await client.list<RemediationSeen>(`${monitoring}/remediations`, { deploymentId });
  return newest;
};

export type IncidentSeen = { readonly id: string; readonly status: string };

export const incidentOf = async (client: ApiClient): Promise<IncidentSeen | undefined> => {
  const [newest] = await client.list<IncidentSeen>(`${monitoring}/incidents`, { deploymentId });
  return newest;
};

export type Happened = {
  readonly id: string;
  readonly at: string;
  readonly kind: string;
  readonly text: string;
};

/** The timeline of an incident: alerts, messages and remedies, oldest first. */
export const timelineOf = (client: ApiClient, incidentId: string): Promise<Happened[]> =>
  client.list<Happened>(`${monitoring}/incidents/${incidentId}/timeline`);

export type Recorded = {
  readonly at: string;
  readonly kind: string;
  readonly by: string;
  readonly text: string;
  /** What one action showed; null of all other entries. */
  readonly after: unknown;
  readonly durationMs: number | null;
};

/** The record of a remediation, oldest first. */
export const recordOf = (client: ApiClient, remediationId: string): Promise<Recorded[]> =>
  client.list<Recorded>(`${monitoring}/remediations/${remediationId}/log`);
