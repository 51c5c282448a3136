import { ConditionFailed } from '../storage/condition.ts';
import type { Item, Table } from '../storage/table.ts';
import { type CheckDefinition, checkKey } from './check.ts';
import { toCheckRecord } from './registry.ts';

/** What `check.paced` said of a check; `at` (epoch ms) is the result that made it so. */
export type Paced = { readonly checkId: string; readonly pace: 'slow' | 'usual'; readonly at: number };

/**
 * What hung. A check keeps its pace while this stays the same: with another target or timeout it is a check of which
 * nothing is known yet, and runs with the others again.
 */
const manner = ({ type, target, timeoutSeconds }: CheckDefinition): string =>
  `${type} ${target} ${timeoutSeconds}s`;

/**
 * The pace that the projector noted on a registry item, in attributes of its own: whoever writes a definition
 * neither reads nor overwrites them.
 */
export const paceIn = (item: Item): 'slow' | undefined =>
  item.slowAs === manner(toCheckRecord(item).definition) ? 'slow' : undefined;

/** A definition that is written while we note is read again; more often only where something is wrong. */
const maximumRounds = 5;

/** Notes the pace, unless something newer is noted, or the check was defined anew since. Repeats change nothing. */
export const notePace = async (
  state: Pick<Table, 'batchGet' | 'update'>,
  { checkId, pace, at }: Paced,
): Promise<void> => {
  for (let round = 0; round < maximumRounds; round++) {
    const [item] = await state.batchGet([checkKey(checkId)], { consistent: true });
    if (!item || Number(item.pacedAt ?? 0) >= at) return;
    const { definition, deletedAt, revision, updatedAt } = toCheckRecord(item);
    // Counting began anew with the definition: what hung before it is told again if it still does.
    if (deletedAt !== undefined || at < updatedAt) return;
    const set = { pacedAt: at, ...(pace === 'slow' && { slowAs: manner(definition) }) };
    const remove = pace === 'usual' ? ['slowAs'] : [];
    try {
      await state.update(
        checkKey(checkId),
        { set, remove },
        { equals: { revision }, below: { pacedAt: at } },
      );
      return;
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
    }
  }
  throw new Error(`check ${checkId} changed under ${maximumRounds} tries to note its pace`);
};
