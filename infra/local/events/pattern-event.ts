/**
 * The event's side of pattern matching: an event as the flat list of leaves EventBridge compares.
 *
 * EventBridge «crushes out» arrays: `{a: [{b: 1}, {b: 2}]}` has two leaves, both named `a.b`. What it keeps is in which
 * element of which array each leaf stands, so that two fields of a pattern are never satisfied by two different elements.
 */

export type JsonScalar = string | number | boolean | null;

/** Array id → element index, for each array of objects (or of arrays) around a leaf. */
type ArrayPosition = ReadonlyMap<number, number>;

export type Leaf = { readonly value: JsonScalar; readonly position: ArrayPosition };

/** Leaves by path (keys joined with a dot, as EventBridge does; empty arrays and objects have no leaf). */
export type Leaves = ReadonlyMap<string, readonly Leaf[]>;

const NOWHERE: ArrayPosition = new Map();

export function leavesOf(event: unknown): Leaves {
  const leaves = new Map<string, Leaf[]>();
  let arrays = 0;

  const walk = (value: unknown, path: string, position: ArrayPosition): void => {
    if (Array.isArray(value)) {
      const id = arrays++;
      value.forEach((element, index) => {
        const nested = typeof element === 'object' && element !== null;
        walk(element, path, nested ? new Map(position).set(id, index) : position);
      });
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, child] of Object.entries(value)) {
        walk(child, path === '' ? key : `${path}.${key}`, position);
      }
    } else if (isScalar(value)) {
      const found = leaves.get(path);
      if (found) found.push({ value, position });
      else leaves.set(path, [{ value, position }]);
    }
  };

  if (typeof event === 'object' && event !== null && !Array.isArray(event)) walk(event, '', NOWHERE);
  return leaves;
}

function isScalar(value: unknown): value is JsonScalar {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}

/** Both positions joined, or undefined when they stand in different elements of one array. */
export function joinPositions(left: ArrayPosition, right: ArrayPosition): ArrayPosition | undefined {
  if (left.size === 0) return right;
  const joined = new Map(left);
  for (const [id, index] of right) {
    if ((joined.get(id) ?? index) !== index) return undefined;
    joined.set(id, index);
  }
  return joined;
}

/** What one field of a pattern asks: some leaf passes `matches`, or (`orAbsent`) the path has no leaf at all. */
export type FieldTest = {
  readonly path: string;
  readonly orAbsent: boolean;
  readonly matches: (value: JsonScalar) => boolean;
};

/** True when every field is satisfied and no two of them by different elements of the same array. */
export function satisfies(leaves: Leaves, fields: readonly FieldTest[], from = 0, at = NOWHERE): boolean {
  const field = fields[from];
  if (field === undefined) return true;
  const candidates = leaves.get(field.path);
  if (candidates === undefined) return field.orAbsent && satisfies(leaves, fields, from + 1, at);
  return candidates.some((leaf) => {
    if (!field.matches(leaf.value)) return false;
    const joined = joinPositions(at, leaf.position);
    return joined !== undefined && satisfies(leaves, fields, from + 1, joined);
  });
}
