/** What the API function and the command line need of checks, schemas included; never on a runner's path. */
export { checkIdOf } from './check.ts';
export { putCheck, withdrawCheck } from './define.ts';
export { type CheckInput, type CheckSettings, checkSettingsFrom, resolveDefinition } from './definition.ts';
export { type CheckWithStanding, listChecks } from './list.ts';
export { type CheckView, checkDefinitionSchema, checkViewSchema } from './model.ts';
export { checksIn } from './registry.ts';
