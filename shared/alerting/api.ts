/** What the API function and the command line need of rules and alerts, schemas included; never on a lean function's path. */
export { subjectViewSchema, viewOfSubject } from './answers.ts';
export { asBuiltin } from './decide-rule.ts';
export {
  type DefinedRule,
  type DefineRuleWorld,
  putRule,
  requireRuleReach,
  withdrawRule,
} from './define.ts';
export { requireEvent } from './list-events.ts';
export { listRules } from './list-rules.ts';
export { escalationField, ruleDefinitionSchema, ruleInDeploymentSchema, ruleViewSchema } from './model.ts';
export { builtinOf, rulesFor } from './registry.ts';
export { type RuleInput, resolveRule } from './resolve.ts';
export { alertsPath, eventsPath, withEventId } from './route-parts.ts';
export { channelNamesIn, channelsThere, type RuleSurroundings, requireSoundRule } from './sound-rule.ts';
export { memberNames } from './types/composite.ts';
export { viewRule, type WrittenRule, writtenRuleOf } from './written.ts';
