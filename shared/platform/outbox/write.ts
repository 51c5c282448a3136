import { ConditionFailed } from '../../storage/condition.ts';
import type { Key, Table, Value } from '../../storage/table.ts';

/**
 * One version of a registry item. `expected` is the revision it was decided on, or undefined when nothing was
 * there. Fields that are undefined are removed; attributes not named stay, for others own them (`placements`).
 */
export type Version = {
  readonly key: Key;
  readonly expected: number | undefined;
  readonly fields: Readonly<Record<string, Value | undefined>> & { readonly revision: number };
  /** New for each decision: how a write recognises itself. */
  readonly attempt: string;
  readonly now: number;
};

/**
 * Writes a version once. A conditional write whose acknowledgement was lost fails against itself when the SDK
 * sends it again: finding our own attempt there means that it was written.
 */
export const writeVersion = async (
  state: Pick<Table, 'get' | 'put' | 'update'>,
  version: Version,
): Promise<'written' | 'conflict'> => {
  const { key, expected, attempt } = version;
  const fields = { ...version.fields, attempt };
  try {
    if (expected === undefined) {
      await state.put({ ...key, v: 1, ...fields }, { vacantAt: Math.floor(version.now / 1000) });
    } else {
      await state.update(key, changeTo(fields), { equals: { revision: expected } });
    }
    return 'written';
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    const found = await state.get(key, { consistent: true });
    return found?.attempt === attempt ? 'written' : 'conflict';
  }
};

const changeTo = (fields: Readonly<Record<string, Value | undefined>>) => {
  const set: Record<string, Value> = {};
  const remove: string[] = [];
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) remove.push(name);
    else set[name] = value;
  }
  return { set, remove };
};
