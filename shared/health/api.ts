/** What the API function and the command line need of checks, schemas included; never on a runner's path. */
export {
  type CheckSettingName,
  type CheckSettings,
  checkSettingsFrom,
  secretFaults,
  textsIn,
} from './allowed.ts';
export { type CheckView, checkViewSchema } from './answers.ts';
export { checkIdOf } from './check.ts';
export { costedCheck, idleStackUsd, type MonthlyCost, monthlyCostOf } from './cost.ts';
export { putCheck, requireHiddenKept, requireRegistered, withdrawCheck } from './define.ts';
export { type CheckInput, measuresTime, resolveDefinition } from './definition.ts';
export { type CheckWithStanding, listChecks } from './list.ts';
export { maintenanceField } from './maintenance-field.ts';
export { metricsContentType, readMetricFacts, toMetricsText } from './metrics.ts';
export { checkDefaultsSchema, checkDefinitionSchema, checkInDeploymentSchema } from './model.ts';
export { registryWith, requireReferences } from './references.ts';
export { checksIn } from './registry.ts';
export { presentSecrets, requireSecrets } from './sound.ts';
