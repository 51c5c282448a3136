export type {
  AskedAction,
  Json,
  Occasion,
  Plan,
  PlannedAction,
  PlannedResource,
  Undo,
  Workflow,
} from './plan.ts';
export { askedActions, workflows } from './plan.ts';
export type {
  ActionProgress,
  ApprovalGiven,
  BrakeName,
  CallMade,
  Hold,
  LogEntry,
  Remediation,
  RemediationStatus,
} from './remediation.ts';
export { brakeNames, isOver, remediationStatuses } from './remediation.ts';
