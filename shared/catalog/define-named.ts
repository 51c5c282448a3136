import { recorded } from '../audit/index.ts';
import { requireRevision } from '../platform/api/expects.ts';
import type { Clock } from '../platform/clock.ts';
import type { Place } from '../platform/environment.ts';
import { DomainError } from '../platform/errors.ts';
import type { NewId } from '../platform/ids.ts';
import {
  asValue,
  type Pending,
  settled,
  tombstoneSeconds,
  withEvent,
  writeVersion,
} from '../platform/outbox/index.ts';
import { ConditionFailed } from '../storage/condition.ts';
import type { Table, Value } from '../storage/table.ts';
import {
  loadStoredNamed,
  type NamedKind,
  type NamedRecord,
  namedKey,
  type StoredNamed,
  versionKey,
} from './named.ts';
import { type CreateRequest, decideCreate, decidePut, decideRemoval, isThere } from './owned.ts';

export type DefineNamedWorld = {
  readonly state: Pick<Table, 'get' | 'put' | 'update'>;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly place: Place;
};

/** What became of a definition; `pending` is to be published after the write. */
export type DefinedNamed<D, O extends string> = {
  readonly outcome: O;
  readonly record: NamedRecord<D>;
  readonly pending?: Pending;
};

type Asked = { readonly by: string };
type ChangeOptions<D> = Asked & {
  readonly expects?: readonly number[] | 'any' | undefined;
  /** Throws when the caller may not touch it, alike for what is not there. */
  readonly permit?: (record: NamedRecord<D>) => void;
  /** Decide and write nothing. */
  readonly dryRun?: boolean;
};
type ConvergeOptions = Asked & { readonly owner: 'file' | 'api'; readonly dryRun?: boolean };

const notThere = ({ what, path }: Pick<NamedKind<never>, 'what' | 'path'>): DomainError =>
  new DomainError(
    'NOT_FOUND',
    `There is no such ${what}, or the token does not reach it. List what it reaches at GET ${path}.`,
  );

/** The live record within what `permit` allows. Throws NOT_FOUND. */
export const requireNamed = async <D>(
  state: Pick<Table, 'get'>,
  kind: NamedKind<D>,
  id: string,
  permit?: (record: NamedRecord<D>) => void,
): Promise<StoredNamed<D>> => {
  const stored = await loadStoredNamed<D>(state, kind, id);
  if (!stored || stored.record.deletedAt !== undefined) throw notThere(kind);
  permit?.(stored.record);
  return stored;
};

const nextOf = <D>(
  kind: NamedKind<D>,
  known: StoredNamed<D> | undefined,
  definition: D,
  { managedBy, now }: { readonly managedBy: 'file' | 'api'; readonly now: number },
): NamedRecord<D> => ({
  id: kind.idOf(definition),
  definition,
  revision: (known?.record.revision ?? 0) + 1,
  managedBy,
  createdAt: isThere(known) ? known.record.createdAt : now,
  updatedAt: now,
});

const removedOf = <D>(record: NamedRecord<D>, now: number): NamedRecord<D> => ({
  ...record,
  revision: record.revision + 1,
  updatedAt: now,
  deletedAt: now,
});

/** Makes a new one, owned by the API. Throws CONFLICT when its name is taken. */
export const createNamed = <D>(
  world: DefineNamedWorld,
  kind: NamedKind<D>,
  definition: D,
  options: Asked & { readonly request?: CreateRequest | undefined; readonly dryRun?: boolean },
): Promise<DefinedNamed<D, 'created' | 'replayed'>> =>
  settled<DefinedNamed<D, 'created' | 'replayed'>>(`The ${kind.what}`, async () => {
    const stored = await loadStoredNamed<D>(world.state, kind, kind.idOf(definition));
    const taken = `There is a ${kind.what} of this name already`;
    const outcome = decideCreate(stored, options.request, { what: kind.what, taken });
    if (outcome === 'replayed' && stored) return { outcome, record: stored.record };
    const record = nextOf(kind, stored, definition, { managedBy: 'api', now: world.clock() });
    if (options.dryRun) return { outcome: 'created', record };
    return write(world, kind, stored, { record, outcome: 'created' as const, ...options });
  });

/** Replaces one of the API by its id; `define` keeps what identifies it. */
export const replaceNamed = <D>(
  world: DefineNamedWorld,
  kind: NamedKind<D>,
  id: string,
  define: (current: NamedRecord<D>) => D,
  { expects, permit, by, dryRun }: ChangeOptions<D>,
): Promise<DefinedNamed<D, 'updated' | 'unchanged'>> =>
  settled<DefinedNamed<D, 'updated' | 'unchanged'>>(`The ${kind.what}`, async () => {
    const stored = await requireNamed(world.state, kind, id, permit);
    requireRevision(stored.record, expects);
    const definition = define(stored.record);
    if (decidePut(stored, definition, { owner: 'api', what: kind.what }) === 'unchanged')
      return { outcome: 'unchanged', record: stored.record };
    const record = nextOf(kind, stored, definition, { managedBy: 'api', now: world.clock() });
    if (dryRun) return { outcome: 'updated', record };
    return write(world, kind, stored, { record, outcome: 'updated' as const, by });
  });

/** Removes one of the API by its id. */
export const removeNamed = <D>(
  world: DefineNamedWorld,
  kind: NamedKind<D>,
  id: string,
  { expects, permit, by, dryRun }: ChangeOptions<D>,
): Promise<DefinedNamed<D, 'removed'>> =>
  settled<DefinedNamed<D, 'removed'>>(`The ${kind.what}`, async () => {
    const stored = await requireNamed(world.state, kind, id, permit);
    requireRevision(stored.record, expects);
    decideRemoval(stored, { owner: 'api', what: kind.what });
    const record = removedOf(stored.record, world.clock());
    if (dryRun) return { outcome: 'removed', record };
    return write(world, kind, stored, { record, outcome: 'removed' as const, by });
  });

/** Brings one to what its owner wants, whether it is there or not. Throws CONFLICT when another owner has it otherwise. */
export const putNamed = <D>(
  world: DefineNamedWorld,
  kind: NamedKind<D>,
  definition: D,
  { by, owner, dryRun }: ConvergeOptions,
): Promise<DefinedNamed<D, 'created' | 'updated' | 'unchanged'>> =>
  settled<DefinedNamed<D, 'created' | 'updated' | 'unchanged'>>(`The ${kind.what}`, async () => {
    const stored = await loadStoredNamed<D>(world.state, kind, kind.idOf(definition));
    const outcome = decidePut(stored, definition, { owner, what: kind.what });
    if (outcome === 'unchanged' && stored) return { outcome, record: stored.record };
    const record = nextOf(kind, stored, definition, { managedBy: owner, now: world.clock() });
    return dryRun ? { outcome, record } : write(world, kind, stored, { record, outcome, by });
  });

/** Takes away one that its owner no longer wants; one that is not there is as wanted. */
export const withdrawNamed = <D>(
  world: DefineNamedWorld,
  kind: NamedKind<D>,
  id: string,
  { by, owner, dryRun }: ConvergeOptions,
): Promise<{
  readonly outcome: 'removed' | 'unchanged';
  readonly record?: NamedRecord<D>;
  readonly pending?: Pending;
}> =>
  settled<{ outcome: 'removed' | 'unchanged'; record?: NamedRecord<D>; pending?: Pending }>(
    `The ${kind.what}`,
    async () => {
      const stored = await loadStoredNamed<D>(world.state, kind, id);
      const outcome = decideRemoval(stored, { owner, what: kind.what });
      if (outcome === 'unchanged' || !stored) return { outcome: 'unchanged' };
      const record = removedOf(stored.record, world.clock());
      return dryRun ? { outcome, record } : write(world, kind, stored, { record, outcome, by });
    },
  );

/** Writes the next version with who wrote it; `conflict` when somebody else wrote meanwhile. */
const write = async <D, O extends 'created' | 'updated' | 'unchanged' | 'removed'>(
  world: DefineNamedWorld,
  kind: NamedKind<D>,
  previous: StoredNamed<D> | undefined,
  {
    record,
    outcome,
    by,
    request,
  }: {
    readonly record: NamedRecord<D>;
    readonly outcome: O;
    readonly by: string;
    readonly request?: CreateRequest | undefined;
  },
): Promise<DefinedNamed<D, O> | 'conflict'> => {
  const key = namedKey(kind, record.id);
  const side = (one: NamedRecord<D> | undefined) =>
    one === undefined || one.deletedAt !== undefined ? null : kind.shown(one.definition);
  const audit = recorded(
    {
      by,
      action: outcome,
      kind: kind.auditKind,
      subjectId: record.id,
      name: kind.nameOf(record.definition),
      deploymentId: kind.deploymentIdOf(record.definition),
      before: side(previous?.record),
      after: side(record),
    },
    {
      id: `audit:${kind.auditKind}:${record.id}@${record.revision}`,
      at: record.updatedAt,
      place: world.place,
    },
  );
  const outbox = withEvent(key, previous?.unsent ?? [], audit, record.updatedAt);
  const { deletedAt } = record;
  const keepsVersions = kind.versionsOf !== undefined;
  if (previous) await keepVersion(world.state, kind, previous);
  const written = await writeVersion(world.state, {
    key,
    expected: previous?.record.revision,
    fields: {
      definition: record.definition as unknown as Value,
      revision: record.revision,
      managedBy: record.managedBy,
      by: keepsVersions ? by : undefined,
      createdAt: record.createdAt,
      updatedAt: record.updatedAt,
      request: request ?? (outcome === 'created' ? undefined : previous?.request),
      deletedAt,
      expiresAt:
        deletedAt === undefined || keepsVersions
          ? undefined
          : Math.floor(deletedAt / 1000) + tombstoneSeconds,
      ...outbox,
      outbox: asValue(outbox.outbox),
    },
    attempt: world.newId(),
    now: record.updatedAt,
  });
  return written === 'written'
    ? { outcome, record, pending: { key, revision: record.revision, outbox: outbox.outbox } }
    : 'conflict';
};

/** What stands is kept before it is overwritten: a crash between the two leaves one version twice, never none. */
const keepVersion = async <D>(
  state: Pick<Table, 'put'>,
  kind: NamedKind<D>,
  { record, by }: StoredNamed<D>,
): Promise<void> => {
  if (!kind.versionsOf) return;
  const { definition, deletedAt, ...facts } = record;
  const item = {
    ...versionKey(kind.versionsOf(record.id), record.revision),
    v: 1,
    ...facts,
    definition: definition as unknown as Value,
    ...(by !== undefined && { by }),
    ...(deletedAt !== undefined && { deletedAt }),
  };
  try {
    await state.put(item, { absent: true });
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
  }
};
