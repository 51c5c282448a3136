import type { HomeostatEvent } from '../platform/events.ts';
import { unsentOf } from '../platform/outbox/index.ts';
import type { Item, Key, Table } from '../storage/table.ts';
import type { CreateRequest } from './owned.ts';

/** Something that people define by name, over the API or in a file, as it is kept. */
export type NamedRecord<D> = {
  readonly id: string;
  readonly definition: D;
  readonly revision: number;
  readonly managedBy: 'file' | 'api';
  /** Epoch ms. */
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly deletedAt?: number | undefined;
};

/** A record with what its item holds beside it. */
export type StoredNamed<D> = {
  readonly record: NamedRecord<D>;
  readonly request?: CreateRequest | undefined;
  readonly unsent: readonly HomeostatEvent[];
  /** Who wrote it; kept with its version. */
  readonly by?: string | undefined;
};

/** What the verbs of `define-named.ts` need to know of one kind of such things. */
export type NamedKind<D> = {
  /** A noun: `scaling rule`. */
  readonly what: string;
  /** What the audit calls it. */
  readonly auditKind: string;
  /** All of the kind lie in one partition: a team has tens of them. */
  readonly partition: string;
  /** Where a person lists them. */
  readonly path: string;
  readonly idOf: (definition: D) => string;
  readonly nameOf: (definition: D) => string;
  /** Null for what belongs to the whole stack. */
  readonly deploymentIdOf: (definition: D) => string | null;
  /** The definition as people wrote it, without secrets: for the audit. */
  readonly shown: (definition: D) => unknown;
  /**
   * Of a kind whose past versions must stay readable: the partition in which those of `id` are kept, `V#<revision>`. What
   * is removed then never expires, for its revision must not begin anew.
   */
  readonly versionsOf?: ((id: string) => string) | undefined;
};

/** Sorts as the revisions do. */
export const versionKey = (partition: string, revision: number): Key => ({
  pk: partition,
  sk: `V#${String(revision).padStart(9, '0')}`,
});

export const namedKey = (kind: Pick<NamedKind<never>, 'partition'>, id: string): Key => ({
  pk: kind.partition,
  sk: id,
});

export const toNamedRecord = <D>(item: Item): NamedRecord<D> => {
  const { definition, revision, managedBy, createdAt, updatedAt, deletedAt } =
    item as unknown as NamedRecord<D>;
  const record = { id: item.sk, definition, revision, managedBy, createdAt, updatedAt };
  return deletedAt === undefined ? record : { ...record, deletedAt };
};

/** Also what was removed a short while ago, for its revision goes on. */
export const loadStoredNamed = async <D>(
  state: Pick<Table, 'get'>,
  kind: Pick<NamedKind<D>, 'partition'>,
  id: string,
): Promise<StoredNamed<D> | undefined> => {
  const item = await state.get(namedKey(kind, id), { consistent: true });
  if (!item) return undefined;
  const request = item.request as CreateRequest | undefined;
  const by = typeof item.by === 'string' ? item.by : undefined;
  return {
    record: toNamedRecord<D>(item),
    unsent: unsentOf(item),
    ...(request && { request }),
    ...(by !== undefined && { by }),
  };
};

/** The live record; undefined when there is none. */
export const loadNamed = async <D>(
  state: Pick<Table, 'get'>,
  kind: Pick<NamedKind<D>, 'partition'>,
  id: string,
): Promise<NamedRecord<D> | undefined> => {
  const record = (await loadStoredNamed<D>(state, kind, id))?.record;
  return record?.deletedAt === undefined ? record : undefined;
};

/** All live records of the kind, by id; read consistently. */
export const loadAllNamed = async <D>(
  state: Pick<Table, 'query'>,
  kind: NamedKind<D>,
): Promise<readonly NamedRecord<D>[]> => {
  const found: NamedRecord<D>[] = [];
  let after: string | undefined;
  do {
    const page = await state.query({
      pk: kind.partition,
      consistent: true,
      ...(after !== undefined && { after }),
    });
    for (const item of page.items) {
      const record = toNamedRecord<D>(item);
      if (record.deletedAt === undefined) found.push(record);
    }
    after = page.next;
  } while (after !== undefined);
  return found;
};
