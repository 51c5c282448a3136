/** Releases without their schemas: what functions need, free of zod. */
export { decideWatch, type WatchDecision, type Watched, type WatchFacts } from './decide-watch.ts';
export type { Release, ReleaseState } from './release.ts';
export { type ReleaseRespondWorld, respondToRelease, respondToWatchEnded } from './respond.ts';
export { type SeeWorld, seeRelease } from './see-release.ts';
export { loadRelease } from './store.ts';
