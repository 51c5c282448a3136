/** Health without its schemas: what the functions beside the API need, free of zod. */
export {
  type CheckDefinition,
  type CheckRecord,
  type CheckReference,
  type CheckResult,
  type CheckStanding,
  checkIdOf,
  isPaused,
  membersOf,
  type Network,
  type Owner,
  type Placement,
} from './check.ts';
export { type Dispatched, dispatch } from './dispatch.ts';
export { parseRunMessage, type RunMessage } from './message.ts';
export { type Overview, readOverview } from './overview.ts';
export { type NetworkPolicy, parseRanges, refusalOf } from './probing/guard.ts';
export { type ProjectTools, project } from './project.ts';
export { checksIn } from './registry.ts';
export { readResults } from './results.ts';
export { type RunTools, run } from './run.ts';
export { hidden, hideSecrets } from './secrets.ts';
export { readToldStatuses } from './standings.ts';
export { shownOf, type WrittenCheck, writtenOf } from './written.ts';
