export { type Actions, kindIn } from './action-for.ts';
export { type Application, type ApplyWorld, applyPlan } from './apply.ts';
export { approve, type Decision, reject } from './approve.ts';
export { type Asked, type AskWorld, ask, askingOf, tellDecided } from './ask.ts';
export { backoffSeconds } from './backoff.ts';
export type { BrakeWorld, StopSwitch } from './brake-facts.ts';
export { type BrakePorts, loadBrakeWorld } from './brake-world.ts';
export { decideBrakes } from './brakes.ts';
export { cancel } from './cancel.ts';
export { closeRemediation } from './close.ts';
export { durationBounds, type RemediationCounters, remediationCounters } from './counters.ts';
export { approvalsMissing, type Decider, isExpired, whyNotCounted } from './decide-approval.ts';
export { resolveEscalation } from './escalate.ts';
export { type GateWorld, gate } from './gate.ts';
export { freeLeases, holdsLeases, noteVerdict } from './lease.ts';
export { releaseLimits } from './limits.ts';
export {
  isListCursor,
  listRemediations,
  type RemediationFilter,
  type RemediationList,
  type RemediationSummary,
  summaryOf,
} from './list.ts';
export { isLogCursor, keepEntry, type LogPage, readLog } from './log.ts';
export { lookAt } from './look-at.ts';
export { makePlan, mostActions, type PlanWorld } from './make-plan.ts';
export { remediationMetricsText } from './metrics.ts';
export { writerNamed } from './name-writer.ts';
export {
  messageOf,
  type OrchestratorMessage,
  type OrchestratorTools,
  openOrchestrator,
  orchestratorKeyName,
  type TellOrchestrator,
} from './orchestrator.ts';
export { parseApprovalInput, parseCloseInput, parseStepInput, parseVerifyInput } from './parse-step.ts';
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
export { hashOfPlan, isPlanHash, isSound } from './plan-hash.ts';
export {
  defaultApproval,
  defaultRemedy,
  isRefused,
  type Params,
  type PlanRefused,
  type PlanRequest,
  type WantedResource,
} from './plan-request.ts';
export {
  type ImageRequest,
  invokePlanner,
  invokeReader,
  type PlannerMessage,
  parsePlannerMessage,
} from './planner-message.ts';
export { propose } from './propose.ts';
export { readImage } from './read-image.ts';
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
export type { RemedyWorld } from './remedy-world.ts';
export { respond } from './respond.ts';
export { type Response, respondToFinding } from './respond-finding.ts';
export type { RespondWorld } from './respond-world.ts';
export { startWorkflow } from './start-workflow.ts';
export { readStop, setStop } from './stop-switch.ts';
export { changeRemediation, loadRemediation, noRemediation, readRemediation } from './store.ts';
export { noteRemediation, timelineOf } from './timeline.ts';
export { planUndo, type UndoWish } from './undo.ts';
export { type VerifyWorld, verifyPlan } from './verify.ts';
export { type ReleaseSeen, type WatchWorld, watchRelease } from './watch-release.ts';
