import { changeKinds } from '../convergence/index.ts';
import { hidden, hideSecrets } from '../health/index.ts';
import { canonicalJson } from '../platform/api/canonical.ts';
import type { Defined, Held } from './definition.ts';

/** One field: `undefined` where it is not there. Secrets are hidden on both sides: this is printed. */
export type FieldChange = { readonly path: string; readonly from: unknown; readonly to: unknown };

export type Difference = {
  readonly created: readonly Defined[];
  readonly updated: readonly (Defined & { readonly fields: readonly FieldChange[] })[];
  readonly unchanged: readonly Defined[];
  /** What a file brought and no file names any more; removed only when pruning. */
  readonly removed: readonly Defined[];
  /** Wanted otherwise than it is, but made over the API: only the API changes it. */
  readonly conflicts: readonly (Defined & { readonly fields: readonly FieldChange[] })[];
};

/**
 * What must change for the API to hold what is desired. Equal content is unchanged, whoever owns it. Where the API
 * hides a secret, it is asked to take the desired one: whether that changes anything, only it can tell.
 */
export const differenceBetween = (desired: readonly Defined[], current: readonly Held[]): Difference => {
  const keyOf = ({ kind, name }: Defined) => `${kind} ${name}`;
  const held = new Map(current.map((object) => [keyOf(object), object]));
  const wanted = new Set(desired.map(keyOf));
  const result = {
    created: [] as Defined[],
    updated: [] as (Defined & { fields: FieldChange[] })[],
    unchanged: [] as Defined[],
    conflicts: [] as (Defined & { fields: FieldChange[] })[],
  };
  for (const object of desired) {
    const there = held.get(keyOf(object));
    if (!there) {
      result.created.push(object);
      continue;
    }
    const fields = fieldChanges(comparable(there, object), object.definition);
    if (fields.length === 0) result.unchanged.push(object);
    else {
      const isUntold = fields.every(({ from }) => from === hidden);
      result[there.managedBy !== 'api' || isUntold ? 'updated' : 'conflicts'].push({ ...object, fields });
    }
  }
  const removed = current.filter((object) => object.managedBy === 'file' && !wanted.has(keyOf(object)));
  return { ...result, removed: [...removed].sort(lastFirst) };
};

/** What others need goes after them: a deployment after its checks. */
const lastFirst = (left: Defined, right: Defined): number =>
  changeKinds.indexOf(right.kind) - changeKinds.indexOf(left.kind);

/** What is there, as far as it can differ from what is wanted: the start of a maintenance stays where none is given. */
const comparable = (there: Defined, wanted: Defined): Defined['definition'] => {
  if (there.kind !== 'maintenance' || wanted.kind !== 'maintenance') return there.definition;
  if (wanted.definition.startsAt !== undefined) return there.definition;
  const { startsAt: _stays, ...rest } = there.definition;
  return rest;
};

export const isEmpty = (difference: Difference, prune: boolean): boolean =>
  difference.created.length === 0 &&
  difference.updated.length === 0 &&
  difference.conflicts.length === 0 &&
  (!prune || difference.removed.length === 0);

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Maps are compared field by field, everything else whole. */
const fieldChanges = (from: unknown, to: unknown, path: readonly string[] = []): FieldChange[] => {
  if (isMap(from) && isMap(to)) {
    const names = [...new Set([...Object.keys(from), ...Object.keys(to)])].sort();
    return names.flatMap((name) => fieldChanges(from[name], to[name], [...path, name]));
  }
  if (canonicalJson(from) === canonicalJson(to)) return [];
  const [top, name = ''] = [path[0], path.at(-1)];
  const shown = (value: unknown) => (top === 'config' ? hideSecrets({ [name]: value })[name] : value);
  return [{ path: path.join('.'), from: shown(from), to: shown(to) }];
};
