import { checkSettingsFrom } from '../health/api.ts';
import { wakeOpenIncidents } from '../incidents/index.ts';
import { channelSettingsFrom } from '../notifications/api.ts';
import { publishAfterWrite } from '../platform/api/publish.ts';
import { type ApiWorld, defineRoute } from '../platform/api/route.ts';
import { applyChanges } from './apply.ts';
import { applyAnswerSchema, applyRequestSchema, type Outcome } from './model.ts';

export const applyRoute = defineRoute({
  id: 'applyChanges',
  function: 'api',
  method: 'POST',
  path: '/api/v1/monitoring/apply',
  scope: 'write',
  summary: 'Apply configuration as code',
  description:
    'Up to a hundred changes of deployments, checks, rules, channels, maintenance, alerting settings, scaling rules, status pages and policies, each with its own outcome. All are judged before the first is made: while one is not valid, nothing is written and the others are `held`. They own what they make (`managedBy: file`); what the API owns is refused unless it is the same. Applying the same again changes nothing.',
  body: applyRequestSchema,
  success: { status: 200, schema: applyAnswerSchema },
  async run({ body, caller }, world) {
    const { dryRun, changes } = body;
    const { outcomes, pending } = await applyChanges(world, changes, {
      reach: caller.deployments,
      by: caller.principal,
      settings: checkSettingsFrom(world.setting, world.insideLambda),
      channelSettings: channelSettingsFrom(world.setting, world.insideLambda),
      dryRun,
    });
    await publishAfterWrite(world, pending);
    if (!dryRun && outcomes.some(isMutedOtherwise)) await wakeIncidents(world);
    return { body: { dryRun, outcomes } };
  },
});

const isMutedOtherwise = ({ kind, outcome }: Outcome): boolean =>
  kind === 'maintenance' && ['created', 'updated', 'removed'].includes(outcome);

/** What a maintenance held back, and does not any more, is told now; their own timers do within a minute what this cannot. */
const wakeIncidents = async (world: ApiWorld): Promise<void> => {
  try {
    await wakeOpenIncidents(world);
  } catch (error) {
    world.log.warn('muted incidents were not woken now; they are within a minute', { error: error as Error });
  }
};

export const convergenceRoutes = [applyRoute];
