import { noteChange } from '../changes/index.ts';
import type { Place } from '../platform/environment.ts';
import type { NewId } from '../platform/ids.ts';
import {
  asValue,
  type Pending,
  settled,
  tombstoneSeconds,
  unsentOf,
  withEvent,
  writeVersion,
} from '../platform/outbox/index.ts';
import type { Item, Table, Value } from '../storage/table.ts';
import { type Decided, type Found, type NoteOutcome, nextFinding, resolved } from './decide-finding.ts';
import type { Finding, FindingKind } from './finding.ts';
import { changedEvent } from './finding-changed.ts';
import { findingBuckets, findingIdOf, findingKey, findingPrefixOf } from './finding-id.ts';

const toFinding = (item: Item): Finding => {
  const {
    pk: _pk,
    sk: _sk,
    v: _v,
    expiresAt: _e,
    outbox: _o,
    due: _d,
    dueAt: _da,
    attempt: _a,
    ...finding
  } = item;
  return finding as unknown as Finding;
};

export type NoteWorld = {
  readonly state: Pick<Table, 'get' | 'put' | 'update'>;
  readonly newId: NewId;
  readonly place: Place;
};

/** What became of it; `pending` is to be published after the write. */
export type Noted = {
  readonly finding: Finding;
  readonly outcome: NoteOutcome;
  readonly pending?: Pending | undefined;
};

/**
 * Keeps what was found, or that it is right again, with its `finding.changed` in one write. The newest `at` wins: what
 * comes late or twice changes nothing and tells nothing. The caller publishes `pending`; the sweeper does what it left.
 */
export const noteFinding = (world: NoteWorld, found: Found): Promise<Noted> =>
  change(world, findingIdOf(found), (previous) => nextFinding(previous, found));

/** That it is right again, of one occurrence: what opened anew since stays open. Undefined where there is none. */
export const resolveFinding = async (
  world: NoteWorld,
  findingId: string,
  right: Pick<Finding, 'occurrence' | 'reason'> & { readonly at: number },
): Promise<Noted | undefined> => {
  const found = await loadFinding(world.state, findingId);
  return found && change(world, findingId, (known = found) => resolved(known, right));
};

const change = (
  world: NoteWorld,
  findingId: string,
  decide: (previous: Finding | undefined) => Decided,
): Promise<Noted> =>
  settled<Noted>('The finding', async () => {
    const key = findingKey(findingId);
    const item = await world.state.get(key, { consistent: true });
    const previous = item && toFinding(item);
    const decided = decide(previous);
    if (!decided.isWritten) return { finding: decided.finding, outcome: decided.outcome };
    const { finding, outcome } = decided;
    const outbox = withEvent(
      key,
      item ? unsentOf(item) : [],
      changedEvent(finding, world.place),
      finding.updatedAt,
    );
    const written = await writeVersion(world.state, {
      key,
      expected: previous?.revision,
      fields: {
        ...(finding as unknown as Readonly<Record<string, Value>>),
        revision: finding.revision,
        resolvedAt: finding.resolvedAt,
        // What is open stays until somebody says that it is right again.
        expiresAt:
          finding.resolvedAt === undefined ? undefined : Math.floor(finding.resolvedAt / 1000) + keptSeconds,
        ...outbox,
        outbox: asValue(outbox.outbox),
      },
      attempt: world.newId(),
      now: finding.updatedAt,
    });
    if (written === 'conflict') return written;
    await noteChange(world.state, 'findings', `${findingId}@${finding.revision}`);
    return { finding, outcome, pending: { key, revision: finding.revision, outbox: outbox.outbox } };
  });

/** As long as what fired; longer than an event may wait in its queues. */
const keptSeconds = Math.max(90 * 86_400, tombstoneSeconds);

export const loadFinding = async (
  state: Pick<Table, 'get'>,
  findingId: string,
): Promise<Finding | undefined> => {
  const item = await state.get(findingKey(findingId), { consistent: true });
  return item && toFinding(item);
};

export type FindingFilter = {
  readonly deploymentId?: string | null | undefined;
  readonly kinds?: readonly FindingKind[] | undefined;
};

/** All that is open, or of it what one deployment (null: no deployment) has; by id. */
export const openFindings = async (
  state: Pick<Table, 'query'>,
  filter: FindingFilter = {},
): Promise<readonly Finding[]> => {
  const found: Finding[] = [];
  for (const partition of partitionsOf(filter.deploymentId)) {
    let after: string | undefined;
    do {
      const page = await state.query({
        ...partition,
        consistent: true,
        ...(after !== undefined && { after }),
      });
      found.push(...page.items.map(toFinding));
      after = page.next;
    } while (after !== undefined);
  }
  return found.filter(
    ({ state: standing, kind, deploymentId }) =>
      standing === 'open' &&
      (filter.deploymentId === undefined || deploymentId === filter.deploymentId) &&
      (filter.kinds === undefined || filter.kinds.includes(kind)),
  );
};

const partitionsOf = (
  deploymentId: string | null | undefined,
): readonly { readonly pk: string; readonly beginsWith?: string }[] => {
  if (deploymentId === undefined)
    return Array.from({ length: findingBuckets }, (_, bucket) => ({ pk: `FINDINGS#${bucket}` }));
  const prefix = findingPrefixOf(deploymentId);
  return [{ pk: findingKey(prefix).pk, beginsWith: prefix }];
};

/** A page of findings, open or not, in the order of their keys; `after` is the last id of the page before. */
export const pageOfFindings = async (
  state: Pick<Table, 'query'>,
  matches: (finding: Finding) => boolean,
  page: {
    readonly deploymentId?: string | undefined;
    readonly limit: number;
    readonly after?: string | undefined;
  },
): Promise<{ readonly findings: readonly Finding[]; readonly next: string | undefined }> => {
  const found: Finding[] = [];
  const partitions = partitionsOf(page.deploymentId);
  const first =
    page.after === undefined ? 0 : partitions.findIndex(({ pk }) => pk === findingKey(page.after ?? '').pk);
  let after = page.after;
  for (const partition of partitions.slice(Math.max(0, first))) {
    do {
      const { items, next } = await state.query({
        ...partition,
        limit: page.limit + 1,
        ...(after !== undefined && { after }),
      });
      for (const finding of items.map(toFinding).filter(matches)) {
        if (found.length === page.limit) return { findings: found, next: found.at(-1)?.id };
        found.push(finding);
      }
      after = next;
    } while (after !== undefined);
  }
  return { findings: found, next: undefined };
};
