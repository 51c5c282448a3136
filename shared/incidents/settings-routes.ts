import { requireWholeReach } from '../platform/api/caller.ts';
import { canonicalJson } from '../platform/api/canonical.ts';
import { publishAfterWrite } from '../platform/api/publish.ts';
import { defineRoute } from '../platform/api/route.ts';
import { toIso } from '../platform/clock.ts';
import { replaceSettings, resolveSettings } from './define-settings.ts';
import { defaultSettings } from './settings.ts';
import { alertingSchema, alertingViewSchema } from './settings-model.ts';
import { loadSettings, type StoredSettings } from './settings-store.ts';
import { writtenSettings } from './written-settings.ts';

const alertingPath = '/api/v1/monitoring/alerting';
const belonging = 'The alerting settings belong';

const usual = canonicalJson(defaultSettings);

/** Settings that say what they say without anybody are nobody's, whoever wrote them last: a file gave them up. */
const ownerOf = ({ settings, managedBy }: StoredSettings): StoredSettings['managedBy'] =>
  managedBy === 'file' && canonicalJson(settings) === usual ? 'builtin' : managedBy;

const viewOf = (stored: StoredSettings) => {
  const { settings, revision, updatedAt } = stored;
  return {
    body: {
      ...writtenSettings(settings),
      managedBy: ownerOf(stored),
      revision,
      updatedAt: revision === 0 ? null : toIso(updatedAt),
    },
    revision,
  };
};

export const readAlertingRoute = defineRoute({
  id: 'readAlerting',
  function: 'api',
  method: 'GET',
  path: alertingPath,
  scope: 'read',
  summary: 'Read the alerting settings',
  description:
    'Default channels, routes, times, escalation and digest. They belong to the whole stack: the token must reach all deployments.',
  success: { status: 200, schema: alertingViewSchema },
  etag: true,
  async run({ caller }, world) {
    requireWholeReach(caller.deployments, belonging);
    return viewOf(await loadSettings(world.state));
  },
});

export const replaceAlertingRoute = defineRoute({
  id: 'replaceAlerting',
  function: 'api',
  method: 'PUT',
  path: alertingPath,
  scope: 'write',
  summary: 'Replace the alerting settings',
  description:
    'The whole settings anew: what is left out gets its default. Channels that are named must be there. Open incidents go by them from their next decision on.',
  body: alertingSchema,
  success: { status: 200, schema: alertingViewSchema },
  etag: true,
  errors: ['CONFLICT'],
  async run({ body, caller, expects }, world) {
    requireWholeReach(caller.deployments, belonging);
    const settings = await resolveSettings(body);
    const replaced = await replaceSettings(world, settings, { by: caller.principal, expects });
    await publishAfterWrite(world, [replaced.pending]);
    return viewOf(replaced.stored);
  },
});

export const settingsRoutes = [readAlertingRoute, replaceAlertingRoute];
