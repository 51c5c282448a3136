import { checkSettingsFrom } from '../health/api.ts';
import { publishAfterWrite } from '../platform/api/publish.ts';
import { defineRoute } from '../platform/api/route.ts';
import { applyChanges } from './apply.ts';
import { applyAnswerSchema, applyRequestSchema } from './model.ts';

export const applyRoute = defineRoute({
  id: 'applyChanges',
  function: 'api',
  method: 'POST',
  path: '/api/v1/monitoring/apply',
  scope: 'write',
  summary: 'Apply configuration as code',
  description:
    'Up to a hundred changes, each with its own outcome. All are judged before the first is made: while one is not valid, nothing is written and the others are `held`. They own what they make (`managedBy: file`); what the API owns is refused unless it is the same. Applying the same again changes nothing.',
  body: applyRequestSchema,
  success: { status: 200, schema: applyAnswerSchema },
  async run({ body, caller }, world) {
    const { dryRun, changes } = body;
    const settings = checkSettingsFrom(world.setting, world.insideLambda);
    const { outcomes, pending } = await applyChanges(world, changes, {
      reach: caller.deployments,
      settings,
      dryRun,
    });
    await publishAfterWrite(world, pending);
    return { body: { dryRun, outcomes } };
  },
});

export const convergenceRoutes = [applyRoute];
