/** Incidents without their schemas: what functions and other capabilities need, free of zod. */
export { advanceIncident } from './advance-incident.ts';
export {
  acknowledge,
  type Command,
  comment,
  escalate,
  resolveByHand,
  unacknowledge,
} from './commands.ts';
export { announceDigest } from './digest.ts';
export { type IncidentFigures, incidentFigures } from './figures.ts';
export { groupKeyOf } from './group.ts';
export { incidentsFiringFor } from './in-trouble.ts';
export {
  type AffectedCheck,
  type Incident,
  type IncidentMember,
  type IncidentStatus,
  incidentIdOf,
} from './incident.ts';
export { type Joining, type JoinTools, joinIncident, putMember } from './join.ts';
export { type IncidentFilter, type IncidentList, isWithinReach, listIncidents } from './list.ts';
export { faultOf, matches, parseMatcher, writtenMatcher } from './matchers.ts';
export { parseIncidentMessage } from './message.ts';
export { type Mute, muteKey } from './mute.ts';
export { activeMutes, isActiveAt, listMutes, loadMute, writeMute } from './mutes-store.ts';
export { isMuted, labelsOf } from './muting.ts';
export { type NoiseReport, noiseReport, type RuleNoise } from './noise.ts';
export { groupOfParent } from './parent.ts';
export { incidentsPort, type PortTools } from './port.ts';
export { keepRemediation, type RemediationNote } from './remediation-entries.ts';
export {
  type AlertingSettings,
  defaultSettings,
  type Matcher,
  type Route,
  settingsKey,
} from './settings.ts';
export { loadSettings, readSettings, type StoredSettings, writeSettings } from './settings-store.ts';
export { isIncidentId, readIncident, readMembersOf } from './store.ts';
export { channelsFor } from './targets-for.ts';
export { type EntryKind, readTimeline, type TimelineEntry, type TimelinePage } from './timeline.ts';
export { wakeDue, wakeOpenIncidents } from './wake-due.ts';
export type { CommandWorld, IncidentWorld, Telling } from './world.ts';
