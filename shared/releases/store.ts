import { toIso } from '../platform/clock.ts';
import type { Place } from '../platform/environment.ts';
import type { HomeostatEvent } from '../platform/events.ts';
import { asValue, type Pending, unsentOf, withEvent, writeVersion } from '../platform/outbox/index.ts';
import type { Item, Key, Page, Table, Value } from '../storage/table.ts';
import type { Release } from './release.ts';

const presentKey = (deploymentId: string): Key => ({ pk: `RELEASE#${deploymentId}`, sk: 'NOW' });
const pastPartition = (deploymentId: string): string => `RELEASES#${deploymentId}`;
const pastKey = ({ deploymentId, beganAt, id }: Release): Key => ({
  pk: pastPartition(deploymentId),
  sk: `${toIso(beganAt)}#${id}`,
});

export type StoredRelease = { readonly release: Release; readonly unsent: readonly HomeostatEvent[] };

export const loadRelease = async (
  state: Pick<Table, 'get'>,
  deploymentId: string,
): Promise<StoredRelease | undefined> => {
  const item = await state.get(presentKey(deploymentId), { consistent: true });
  return item && { release: item.release as unknown as Release, unsent: unsentOf(item) };
};

const eventOf = (release: Release, at: number, { accountId, region }: Place): HomeostatEvent => ({
  type: 'release.changed',
  detail: {
    id: `release:${release.deploymentId}@${release.revision}`,
    at: toIso(at),
    accountId,
    region,
    releaseId: release.id,
    deploymentId: release.deploymentId,
    version: release.version,
    state: release.state,
    reason: release.reason,
  },
});

export type WriteReleaseWorld = {
  readonly state: Pick<Table, 'get' | 'put' | 'update'>;
  readonly newId: () => string;
  readonly place: Place;
};

/** Writes the present release as the version after `previous`; undefined when somebody else wrote meanwhile. */
export const writeRelease = async (
  { state, newId, place }: WriteReleaseWorld,
  previous: StoredRelease | undefined,
  release: Release,
  now: number,
): Promise<Pending | undefined> => {
  const key = presentKey(release.deploymentId);
  const outbox = withEvent(key, previous?.unsent ?? [], eventOf(release, now, place), now);
  const written = await writeVersion(state, {
    key,
    expected: previous?.release.revision,
    fields: {
      release: release as unknown as Value,
      revision: release.revision,
      ...outbox,
      outbox: asValue(outbox.outbox),
    },
    attempt: newId(),
    now,
  });
  return written === 'written' ? { key, revision: release.revision, outbox: outbox.outbox } : undefined;
};

/** The copy for listings; the same release written again is the same item. */
export const keepRelease = (state: Pick<Table, 'put'>, release: Release, keptDays: number): Promise<void> => {
  const { before: _large, ...kept } = release;
  const expiresAt = Math.floor(release.beganAt / 1000) + keptDays * 86_400;
  return state.put({ ...pastKey(release), v: 1, release: kept as unknown as Value, expiresAt });
};

/** The newest first; without what they were before. */
export const listReleases = async (
  state: Pick<Table, 'query'>,
  deploymentId: string,
  page: { readonly limit: number; readonly after?: string | undefined },
): Promise<{ readonly releases: readonly Omit<Release, 'before'>[]; readonly next: string | undefined }> => {
  const found: Page = await state.query({
    pk: pastPartition(deploymentId),
    descending: true,
    limit: page.limit,
    ...(page.after !== undefined && { after: page.after }),
  });
  return { releases: found.items.map((item: Item) => item.release as unknown as Release), next: found.next };
};
