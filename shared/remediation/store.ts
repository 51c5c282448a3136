import { noteChange } from '../changes/index.ts';
import { toIso } from '../platform/clock.ts';
import { DomainError } from '../platform/errors.ts';
import type { HomeostatEvent } from '../platform/events.ts';
import { asValue, type Pending, publishPending, withEvent, writeVersion } from '../platform/outbox/index.ts';
import type { Table } from '../storage/table.ts';
import { listRemediation } from './list.ts';
import { keepEntries } from './log.ts';
import { isPlanHash } from './plan-hash.ts';
import { fromItem, planValue, runKey, type StoredRemediation, toFields } from './record.ts';
import type { LogEntry, Remediation } from './remediation.ts';
import type { RemedyWorld } from './remedy-world.ts';

export const loadRemediation = async (
  state: Pick<Table, 'get'>,
  planHash: string,
): Promise<StoredRemediation | undefined> => {
  if (!isPlanHash(planHash)) return undefined;
  const item = await state.get(runKey(planHash), { consistent: true });
  return item && fromItem(item);
};

export const readRemediation = async (
  state: Pick<Table, 'get'>,
  planHash: string,
): Promise<Remediation | undefined> => (await loadRemediation(state, planHash))?.remediation;

export const noRemediation = (): DomainError =>
  new DomainError(
    'NOT_FOUND',
    'There is no such remediation, or the token does not reach it. List them at GET /api/v1/monitoring/remediations.',
  );

/** What a step decided to write; its revision, outbox and `updatedAt` are given to it when it is written. */
export type Draft = {
  readonly remediation: Remediation;
  readonly entries: readonly LogEntry[];
  /** Besides `remediation.changed`, which goes with each change of status or attempt. */
  readonly events?: readonly HomeostatEvent[] | undefined;
};

/** Writers that meet here are the steps of one execution and a person or two. */
const maximumRounds = 12;

/**
 * load → decide → one write, again while somebody else's write came between. `decide` gives what to write, or nothing,
 * and what the caller is told; it may throw. Throws NOT_FOUND where there is no such remediation.
 */
export const changeRemediation = async <T>(
  world: RemedyWorld,
  planHash: string,
  decide: (
    remediation: Remediation,
    now: number,
  ) =>
    | { readonly draft?: Draft | undefined; readonly answer: T }
    | Promise<{ readonly draft?: Draft | undefined; readonly answer: T }>,
): Promise<{ readonly remediation: Remediation; readonly answer: T }> => {
  for (let round = 0; round < maximumRounds; round++) {
    const stored = await loadRemediation(world.state, planHash);
    if (!stored) throw noRemediation();
    const now = world.clock();
    const { draft, answer } = await decide(stored.remediation, now);
    if (!draft) return { remediation: stored.remediation, answer };
    const remediation = await writeRemediation(world, stored, draft, now);
    if (remediation) return { remediation, answer };
  }
  throw new DomainError('CONFLICT', 'The remediation is being changed by many at once. Try again.');
};

/** Writes the version after `stored`, or the first, and does what follows; undefined when somebody else wrote meanwhile. */
export const writeRemediation = async (
  world: RemedyWorld,
  stored: StoredRemediation | undefined,
  { remediation: wanted, entries, events = [] }: Draft,
  now: number,
): Promise<Remediation | undefined> => {
  const { hash } = wanted.plan;
  const previous = stored?.remediation;
  // What the step before could not keep any more is kept before its only copy goes.
  if (stored && stored.unlogged.length > 0) await keepEntries(world.state, hash, stored.unlogged);
  const remediation: Remediation = {
    ...wanted,
    revision: (previous?.revision ?? 0) + 1,
    updatedAt: now,
    outbox: previous?.outbox ?? [],
  };
  const told = [...(isTold(previous, remediation) ? [changedEvent(remediation, now, world)] : []), ...events];
  const key = runKey(hash);
  const outbox = told.length > 0 ? withEvent(key, remediation.outbox, told, now) : undefined;
  const written = await writeVersion(world.state, {
    key,
    expected: previous?.revision,
    fields: {
      ...(previous === undefined && { plan: planValue(remediation.plan) }),
      ...toFields(remediation, entries),
      ...(outbox && { ...outbox, outbox: asValue(outbox.outbox) }),
    },
    attempt: world.newId(),
    now,
  });
  if (written === 'conflict') return undefined;
  await noteChange(world.state, 'remediations', `${hash}@${remediation.revision}`);
  const unsent = outbox?.outbox ?? remediation.outbox;
  await follow(world, remediation, entries, { key, revision: remediation.revision, outbox: unsent });
  return { ...remediation, outbox: unsent };
};

const isTold = (previous: Remediation | undefined, next: Remediation): boolean =>
  previous?.status !== next.status ||
  previous.attempt !== next.attempt ||
  previous.undoneBy !== next.undoneBy;

/** None of it is lost when it fails: entries and events lie in the item, and each write renews the summary. */
const follow = async (
  world: RemedyWorld,
  remediation: Remediation,
  entries: readonly LogEntry[],
  pending: Pending,
): Promise<void> => {
  const trying = async (what: string, work: () => Promise<unknown>) => {
    try {
      await work();
    } catch (error) {
      world.onTrouble(what, error as Error);
    }
  };
  await trying('the record of a remediation was not kept now; its next step keeps it', () =>
    keepEntries(world.state, remediation.plan.hash, entries),
  );
  await trying('the summary of a remediation was not written now; its next step writes it', () =>
    listRemediation(world.state, remediation),
  );
  await trying('events of a remediation were not published now; the sweeper sends them', () =>
    publishPending(world, pending.outbox.length > 0 ? [pending] : []),
  );
};

const changedEvent = (
  { plan, status, reason, attempt, revision }: Remediation,
  now: number,
  { place }: Pick<RemedyWorld, 'place'>,
): HomeostatEvent => ({
  type: 'remediation.changed',
  detail: {
    id: `remediation:${plan.hash}@${revision}`,
    at: toIso(now),
    accountId: place.accountId,
    region: place.region,
    remediationId: plan.hash,
    planHash: plan.hash,
    deploymentId: plan.deploymentId,
    workflow: plan.workflow,
    status,
    actions: [...new Set(plan.actions.map(({ kind }) => kind))],
    resources: plan.actions.map(({ resource }) => resource.name),
    findingId: plan.occasion.id,
    checkIds: [...plan.verification.checkIds],
    attempt,
    by: plan.madeBy,
    reason,
  },
});
