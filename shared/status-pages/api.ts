/** What the API function and the command line need of status pages, schemas included; never on a lean function's path. */
export { statusPageKind, statusPagesPath } from './kind.ts';
export { resolveStatusPage, type StatusPageInput, slugField, statusPageDefinitionSchema } from './model.ts';
export type { StatusPageDefinition } from './page.ts';
export { requirePageReach } from './reach.ts';
export { requireReachedPage, requireSoundPage } from './sound.ts';
export { type WrittenStatusPage, writtenStatusPageOf } from './written.ts';
