export { decideRelease, type HeldFile, type ReleaseChange } from './decide-release.ts';
export { emptyFiles, putRelease } from './put-release.ts';
export { type ReleaseFile, readRelease } from './release.ts';
