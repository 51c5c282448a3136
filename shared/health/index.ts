/** Health without its schemas: what the functions beside the API need, free of zod. */
export { type Badge, drawBadge } from './badge.ts';
export { blindSince } from './blind-note.ts';
export {
  type ChangedStandings,
  type KnownStandings,
  readChangedStandings,
} from './changed-standings.ts';
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
export { subjectOf } from './check-book.ts';
export { type DayBar, readDayBars } from './day-bars.ts';
export { type Dispatched, dispatch } from './dispatch.ts';
export { type LookTools, lookNow } from './look-now.ts';
export { isLookedAt } from './looked-at.ts';
export type { MaintenanceWindow } from './maintenance.ts';
export { isInMaintenance } from './maintenance-at.ts';
export { readMembers } from './members.ts';
export { parseRunMessage, type RunMessage } from './message.ts';
export { type Overview, readOverview } from './overview.ts';
export { pack, unpack } from './packing.ts';
export {
  mostProbeConcurrency,
  readProbeConcurrency,
  setProbeConcurrency,
  usualProbeConcurrency,
} from './probe-concurrency.ts';
export { type Attempt, withDeadline } from './probing/attempt.ts';
export { bodyText } from './probing/body-text.ts';
export { askDocker, type DockerWay, dockerSocket } from './probing/docker.ts';
export { exchange } from './probing/exchange.ts';
export { judgeAddresses, type NetworkPolicy, parseRanges, refusalOf } from './probing/guard.ts';
export { openPorts, type PortSources } from './probing/open-ports.ts';
export { CannotTell, TargetFailed } from './probing/outcome.ts';
export { directResolve, type Resolve, resolveOnce, systemResolve } from './probing/resolve.ts';
export { secretNamesIn, withSecrets } from './probing/secret-references.ts';
export { hiddenValues } from './probing/secret-values.ts';
export { type ProjectTools, project } from './project.ts';
export { checksIn, loadCheck } from './registry.ts';
export { readResults } from './results.ts';
export { type RunTools, run } from './run.ts';
export { hidden, hideSecrets } from './secrets.ts';
export { type HealthSight, openHealthSight, openSeries, openSight, type SightTools } from './series.ts';
export { readStandings, readToldStandings, readToldStatuses } from './standings.ts';
export { shownOf, type WrittenCheck, type WrittenWindow, writtenOf, writtenWindow } from './written.ts';
