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
