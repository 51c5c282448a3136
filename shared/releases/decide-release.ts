import { DomainError } from '../platform/errors.ts';
import { isOpen, type Release, type ReleaseImage } from './release.ts';

/** What a pipeline tells. */
export type Told = {
  readonly version: string;
  readonly state: 'began' | 'finished';
  /** What is left out of the end is as the beginning said, else as usual. */
  readonly windowSeconds?: number | undefined;
  readonly maxBurnRate?: number | undefined;
  readonly sloTargetPercent?: number | undefined;
};

/** 14.4: an hour of it uses up a fiftieth of a month's error budget (Google SRE Workbook, «Alerting on SLOs»). */
const usual = { windowSeconds: 600, maxBurnRate: 14.4, sloTargetPercent: 99.9 };

export type ReleaseFacts = {
  readonly deploymentId: string;
  readonly before: readonly ReleaseImage[];
  readonly unhealthyBefore: readonly string[];
  readonly by: string;
  readonly now: number;
  readonly newId: () => string;
};

export type DecidedRelease =
  | { readonly outcome: 'unchanged'; readonly release: Release }
  | {
      readonly outcome: 'began' | 'finished';
      readonly release: Release;
      /** The one that was under way and is not any more. */
      readonly superseded?: Release | undefined;
    };

/**
 * What a pipeline's word makes of the present release. The same word twice changes nothing. A release that begins while
 * another is under way or being watched takes its place: what would be rolled back is not what runs any more. Throws
 * CONFLICT when a version finishes that is not the one under way.
 */
export const decideRelease = (
  present: Release | undefined,
  told: Told,
  facts: ReleaseFacts,
): DecidedRelease => {
  const { now } = facts;
  const same = present && present.version === told.version && isOpen(present) ? present : undefined;
  if (same && (told.state === 'began' || same.state === 'finished'))
    return { outcome: 'unchanged', release: same };
  const before = same ?? usual;
  const settings = {
    windowSeconds: told.windowSeconds ?? before.windowSeconds,
    maxBurnRate: told.maxBurnRate ?? before.maxBurnRate,
    sloTargetPercent: told.sloTargetPercent ?? before.sloTargetPercent,
  };
  if (same) {
    const release: Release = {
      ...same,
      ...settings,
      state: 'finished',
      reason: `it finished and is watched for ${settings.windowSeconds} s`,
      finishedAt: now,
      revision: same.revision + 1,
    };
    return { outcome: 'finished', release };
  }
  if (told.state === 'finished' && present && isOpen(present)) {
    throw new DomainError(
      'CONFLICT',
      `The release ${present.version} is under way, not ${told.version}. Tell that ${told.version} began first, or finish ${present.version}.`,
    );
  }
  const fresh: Release = {
    ...settings,
    id: facts.newId(),
    deploymentId: facts.deploymentId,
    version: told.version,
    state: told.state,
    reason:
      told.state === 'began'
        ? 'its pipeline told that it began'
        : `it finished without having begun here, so that nothing is known of what was before; it is watched for ${settings.windowSeconds} s`,
    // Read now, what was before a release that is over would be the release itself.
    before: told.state === 'began' ? facts.before : [],
    unhealthyBefore: told.state === 'began' ? facts.unhealthyBefore : [],
    beganAt: now,
    ...(told.state === 'finished' && { finishedAt: now }),
    by: facts.by,
    revision: (present?.revision ?? 0) + 1,
  };
  const superseded =
    present && isOpen(present)
      ? {
          ...present,
          state: 'superseded' as const,
          reason: `the release ${told.version} began`,
          endedAt: now,
        }
      : undefined;
  return { outcome: told.state, release: fresh, superseded };
};

/** The release after its watch or its rollback ended; undefined when it is not this one's to say any more. */
export const endRelease = (
  present: Release | undefined,
  ended: {
    readonly releaseId: string;
    readonly state: 'confirmed' | 'failed' | 'rolled_back';
    readonly reason: string;
    readonly now: number;
  },
): Release | undefined =>
  present?.id === ended.releaseId && isOpen(present)
    ? {
        ...present,
        state: ended.state,
        reason: ended.reason,
        endedAt: ended.now,
        revision: present.revision + 1,
      }
    : undefined;
