/** Rules and alerts without their schemas: what the functions beside the API and other capabilities need, free of zod. */
export {
  type Alert,
  type AlertState,
  alertIdOf,
  alertKey,
  alertPartition,
  eventIdOf,
  eventKey,
  instantIn,
  sortable,
  timerBucketOf,
  timerBuckets,
} from './alert.ts';
export type { StoredAlert } from './alerts-store.ts';
export { type AlertEvent, eventOf, fromEventItem, keepEvent } from './events-store.ts';
export { deploymentTag, externalSignalsOf } from './external.ts';
export type { Incidents, MemberAlert } from './incidents-port.ts';
export type { RaiseTools } from './raise.ts';
export { resolveAlert } from './resolve-alert.ts';
export {
  type EscalationStep,
  type Grouping,
  groupings,
  type NoDataPolicy,
  noDataPolicies,
  type RuleDefinition,
  type RuleOwner,
  type RuleRecord,
  type RuleType,
  ruleIdOf,
  ruleKey,
  rulePrefixOf,
  ruleTypes,
} from './rule.ts';
export type { RulePlan } from './rule-plan.ts';
export type { Point, Selector, Series, SeriesName, SeriesQuery, SeriesReader } from './series.ts';
export type {
  AlertWake,
  AwsEvent,
  IncidentWake,
  OwnEvent,
  RuleTick,
  SendWake,
  Signal,
} from './signal.ts';
export { parseSignal } from './signals.ts';
export type { Subject } from './subject.ts';
export { type ReceivedSignal, type SignalTools, takeSignals } from './take-signals.ts';
export type { Reading, StatusSeen } from './types/type.ts';
export { aggregated } from './types/window.ts';
