/** Findings without their schemas: what functions and other capabilities need, free of zod. */
export { type Cause, causeOf, causes } from './cause-of.ts';
export type { Found, NoteOutcome } from './decide-finding.ts';
export type { Finding, FindingDetails, FindingKind, PatchOperation } from './finding.ts';
export { findingKinds } from './finding.ts';
export { findingIdOf } from './finding-id.ts';
export { findingOfCheck } from './of-check.ts';
export { endsArn, resourceNamed, resourceOf, resourceOfCheck, resourcesOf } from './resource-of.ts';
export {
  loadFinding,
  type Noted,
  type NoteWorld,
  noteFinding,
  openFindings,
  resolveFinding,
} from './store.ts';
