import { recorded } from '../audit/index.ts';
import { writtenWindow } from '../health/index.ts';
import { toIso } from '../platform/clock.ts';
import type { Place } from '../platform/environment.ts';
import type { AuditAction, HomeostatEvent } from '../platform/events.ts';
import type { NewId } from '../platform/ids.ts';
import { asValue, type Pending, unsentOf, withEvent } from '../platform/outbox/index.ts';
import type { Table } from '../storage/index.ts';
import { writtenMatcher } from './matchers.ts';
import { type Mute, muteKey } from './mute.ts';
import { deploymentOf } from './mute-input.ts';
import { writeMute } from './mutes-store.ts';

/** A mute as it lies there, also what was removed a short while ago, for its revision goes on. */
export type StoredMute = {
  readonly mute: Mute;
  readonly unsent: readonly HomeostatEvent[];
  readonly requestHash: string | undefined;
};

export const loadStoredMute = async (
  state: Pick<Table, 'get'>,
  id: string,
): Promise<StoredMute | undefined> => {
  const item = await state.get(muteKey(id), { consistent: true });
  return (
    item && {
      mute: item.mute as unknown as Mute,
      unsent: unsentOf(item),
      requestHash: item.requestHash as string | undefined,
    }
  );
};

export type MuteWorld = {
  readonly state: Pick<Table, 'get' | 'query' | 'put' | 'update'>;
  readonly newId: NewId;
  readonly place: Place;
};

/** Writes the next version with who wrote it; undefined when somebody else wrote meanwhile. */
export const writeAudited = async (
  world: MuteWorld,
  previous: StoredMute | undefined,
  mute: Mute,
  written: { readonly by: string; readonly action: AuditAction; readonly requestHash?: string | undefined },
): Promise<Pending | undefined> => {
  const key = muteKey(mute.id);
  const audit = audited(previous?.mute, mute, { ...written, place: world.place });
  const outbox = withEvent(key, previous?.unsent ?? [], audit, mute.updatedAt);
  const result = await writeMute(world.state, mute, {
    expected: previous?.mute.revision,
    attempt: world.newId(),
    now: mute.updatedAt,
    fields: {
      ...outbox,
      outbox: asValue(outbox.outbox),
      requestHash: written.requestHash ?? previous?.requestHash,
    },
  });
  return result === 'written' ? { key, revision: mute.revision, outbox: outbox.outbox } : undefined;
};

const audited = (
  previous: Mute | undefined,
  mute: Mute,
  written: { readonly by: string; readonly action: AuditAction; readonly place: Place },
): HomeostatEvent =>
  recorded(
    {
      by: written.by,
      action: written.action,
      kind: mute.kind,
      subjectId: mute.id,
      name: mute.name ?? mute.reason,
      deploymentId: deploymentOf(mute),
      before: sideOf(previous),
      after: sideOf(mute),
    },
    { id: `audit:${mute.kind}:${mute.id}@${mute.revision}`, at: mute.updatedAt, place: written.place },
  );

const sideOf = (mute: Mute | undefined) =>
  mute === undefined || mute.deletedAt !== undefined ? null : writtenMute(mute);

/** A mute as people write it: what answers show and what the audit keeps. */
export const writtenMute = (mute: Mute) => ({
  ...(mute.name !== undefined && { name: mute.name }),
  matchers: mute.matchers.map(writtenMatcher),
  ...(mute.windows && { windows: mute.windows.map(writtenWindow) }),
  author: mute.author,
  reason: mute.reason,
  startsAt: toIso(mute.startsAt),
  endsAt: mute.endsAt === undefined ? null : toIso(mute.endsAt),
});
