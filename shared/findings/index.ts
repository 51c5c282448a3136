export type { Finding, FindingDetails, FindingKind, PatchOperation } from './finding.ts';
export { findingKinds } from './finding.ts';
