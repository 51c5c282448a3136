import { expect } from 'vitest';
import type { Page } from '../../web/pages/page.ts';
import { incidentsOf, monitoring } from '../stories/alerting.ts';
import { makeServiceCheck, onlyRemediation, type Services } from '../stories/healing.ts';
import type { Stack } from '../stories/stack.ts';

/** One of everything that the console has a page for, so that each page has something to show. */
export type Everything = {
  /** Of the page whose home this is, the id that its other routes take. */
  readonly ids: Readonly<Record<string, string>>;
  readonly privateCheckName: string;
};

type Body = Readonly<Record<string, unknown>>;

const make = async (stack: Stack, path: string, body: Body): Promise<Body> => {
  const answer = await stack.api('POST', path.startsWith('/') ? path : `${monitoring}/${path}`, { body });
  expect(answer.status, `${path}: ${answer.text}`).toBeLessThan(300);
  return answer.body;
};

/**
 * A deployment whose service is down: its check is red, an incident is open, a plan waits for approval. `named` makes the
 * name of each thing that a person may name freely.
 */
export const makeEverything = async (
  stack: Stack,
  services: Services,
  named: (what: string) => string,
): Promise<Everything> => {
  const [service] = services.all;
  if (!service) throw new Error('a service is needed');
  const deploymentId = 'web-shop';
  const checkName = named('checkout');
  await make(stack, '/api/monitoring/register', {
    deploymentId,
    environment: 'production',
    resources: [{ name: service.name, type: 'process', id: service.name, checks: [checkName] }],
  });
  const { id: channelId } = await make(stack, 'channels', {
    name: named('team chat'),
    type: 'webhook',
    config: { url: `${service.url}/hook`, format: 'homeostat' },
  });
  await stack.api('PUT', `${monitoring}/alerting`, { body: { defaultChannels: [named('team chat')] } });
  const { id: policyId } = await make(stack, 'policies', {
    name: named('careful healing'),
    health_remediation: {
      unhealthy_service: { action: 'restart', max_attempts: 3, backoff: 'exponential', approval: 'manual' },
    },
  });
  const checkId = await makeServiceCheck(stack, service, deploymentId, {
    name: checkName,
    failureThreshold: 1,
    isPublic: true,
    tags: { team: named('shop') },
  });
  await makeServiceCheck(stack, service, deploymentId, { name: named('back office'), failureThreshold: 1 });
  const { id: ruleId } = await make(stack, 'alerts', {
    deploymentId,
    name: named('slow checkout'),
    type: 'performance',
    condition: { checks: [checkName], above: '800ms', window: '5m' },
    severity: 'warning',
  });
  await stack.advance('70s');
  service.fall();
  await stack.advance('2m');
  const [incident] = await incidentsOf(stack, deploymentId);
  expect(incident, 'an incident').toBeDefined();
  const incidentPath = `${monitoring}/incidents/${incident?.id}`;
  await make(stack, `${incidentPath}/comment`, { text: named('a look at the log says more') });
  await make(stack, `${incidentPath}/comment`, { text: named('cards are declined'), isPublic: true });
  await make(stack, 'silences', {
    matchers: [`deployment=${deploymentId}`, 'severity=info'],
    reason: named('known since yesterday'),
    duration: '4h',
  });
  const { id: maintenanceId } = await make(stack, 'maintenance', {
    name: named('backup'),
    matchers: [`deployment=${deploymentId}`, 'check=database'],
    windows: [{ cron: '30 2 * * *', duration: '45m' }],
    reason: named('slow meanwhile'),
  });
  const { slug } = await make(stack, 'status-pages', {
    slug: 'shop',
    name: named('Shop status'),
    description: named('what customers see'),
    groups: [{ name: named('Shop'), checks: [{ deploymentId, name: checkName, label: named('Checkout') }] }],
  });
  await make(stack, 'tokens', { name: named('ada'), scopes: ['read'], deployments: '*' });
  await stack.advance('30s');
  const { id: remediationId } = await onlyRemediation(stack, deploymentId);
  return {
    privateCheckName: named('back office'),
    ids: {
      '/checks': checkId,
      '/incidents': String(incident?.id),
      '/deployments': deploymentId,
      '/rules': String(ruleId),
      '/channels': String(channelId),
      '/maintenance': String(maintenanceId),
      '/remediations': remediationId,
      '/policies': String(policyId),
      '/status-pages': String(slug),
    },
  };
};

/** Each route of each page as an address; one that takes an id has that of something that is there. */
export const addressesOf = (pages: readonly Page[], { ids }: Everything): readonly string[] =>
  pages.flatMap(({ home, routes }) =>
    routes.map(({ path }) =>
      path.replace(/:[a-zA-Z]+/, () => {
        const id = ids[home];
        if (id === undefined) throw new Error(`nothing was made that ${path} could show`);
        return encodeURIComponent(id);
      }),
    ),
  );
