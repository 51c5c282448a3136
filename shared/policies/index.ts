/** Policies without their schemas: what functions and other capabilities need, free of zod. */
export {
  type Considered,
  considerPolicies,
  decidePolicy,
  type PolicyFacts,
  type Remediable,
} from './decide-policy.ts';
export { type Overlap, overlapsOf, overlapsWith, sentenceOf } from './overlaps.ts';
export type {
  Approval,
  Brakes,
  Limits,
  PolicyDecision,
  PolicyDefinition,
  PolicyException,
  PolicyRecord,
  PolicySection,
  PolicySelector,
  PolicyWindow,
  Remedy,
  RemedyAction,
} from './policy.ts';
export { defaultBrakes, remedyActions } from './policy.ts';
export { loadPolicies, loadPolicy, policyIdOf } from './registry.ts';
export { type RemediableKind, type SectionSays, saysOf, sectionOf } from './sections.ts';
export { exceptionFor, notSelected, tagsOf } from './select.ts';
export { type WindowHold, windowHold } from './windows.ts';
