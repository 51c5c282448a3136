import type { Clock } from '../platform/clock.ts';
import { type Pending, settled } from '../platform/outbox/index.ts';
import type { Table } from '../storage/table.ts';
import { decideRelease, endRelease, type Told } from './decide-release.ts';
import type { Release, ReleaseImage } from './release.ts';
import { keepRelease, loadRelease, type WriteReleaseWorld, writeRelease } from './store.ts';

export type ReleaseWorld = WriteReleaseWorld & {
  readonly state: Pick<Table, 'get' | 'query' | 'put' | 'update'>;
  readonly clock: Clock;
  readonly keptDays: number;
};

/** What is known of the deployment at the moment its release begins; asked only when one does. */
export type BeforeRelease = () => Promise<{
  readonly before: readonly ReleaseImage[];
  readonly unhealthyBefore: readonly string[];
}>;

/** A pipeline's word, kept. Told twice it is as if told once. */
export const tellRelease = (
  world: ReleaseWorld,
  told: Told & { readonly deploymentId: string; readonly by: string },
  readBefore: BeforeRelease,
): Promise<{
  readonly outcome: 'began' | 'finished' | 'unchanged';
  readonly release: Release;
  readonly pending?: Pending;
}> => {
  let known: Awaited<ReturnType<BeforeRelease>> | undefined;
  return settled('The release', async () => {
    const stored = await loadRelease(world.state, told.deploymentId);
    const now = world.clock();
    const facts = { deploymentId: told.deploymentId, by: told.by, now, newId: world.newId };
    const nothing = { before: [], unhealthyBefore: [] };
    const tried = decideRelease(stored?.release, told, { ...facts, ...nothing });
    if (tried.outcome === 'unchanged') return tried;
    if (tried.outcome === 'began') known ??= await readBefore();
    const decided = decideRelease(stored?.release, told, { ...facts, ...(known ?? nothing) });
    if (decided.outcome === 'unchanged') return decided;
    const pending = await writeRelease(world, stored, decided.release, now);
    if (!pending) return 'conflict';
    if (decided.superseded) await keepRelease(world.state, decided.superseded, world.keptDays);
    await keepRelease(world.state, decided.release, world.keptDays);
    return { outcome: decided.outcome, release: decided.release, pending };
  });
};

/** The end of a release's watch or rollback; nothing when another release has begun since, or it ended already. */
export const settleRelease = (
  world: ReleaseWorld,
  deploymentId: string,
  ended: {
    readonly releaseId: string;
    readonly state: 'confirmed' | 'failed' | 'rolled_back';
    readonly reason: string;
  },
): Promise<Pending | undefined> =>
  settled<Pending | undefined>('The release', async () => {
    const stored = await loadRelease(world.state, deploymentId);
    const now = world.clock();
    const release = endRelease(stored?.release, { ...ended, now });
    if (!release) return undefined;
    const pending = await writeRelease(world, stored, release, now);
    if (!pending) return 'conflict';
    await keepRelease(world.state, release, world.keptDays);
    return pending;
  });
