import { isInMaintenance } from '../health/index.ts';
import { writeVersion } from '../platform/outbox/index.ts';
import type { Item, Table, Value } from '../storage/index.ts';
import { type Mute, muteKey } from './mute.ts';

/** What is over stays to be seen so long. */
const keptSeconds = 30 * 86_400;

const fromItem = (item: Item): Mute => item.mute as unknown as Mute;

export const loadMute = async (state: Pick<Table, 'get'>, id: string): Promise<Mute | undefined> => {
  const item = await state.get(muteKey(id), { consistent: true });
  return item && fromItem(item);
};

/** All that were not removed, whether they are still to come, active or over. */
export const listMutes = async (state: Pick<Table, 'query'>): Promise<readonly Mute[]> => {
  const mutes: Mute[] = [];
  for (let after: string | undefined, more = true; more; more = after !== undefined) {
    const page = await state.query({
      pk: muteKey('').pk,
      consistent: true,
      ...(after !== undefined && { after }),
    });
    mutes.push(...page.items.map(fromItem).filter(({ deletedAt }) => deletedAt === undefined));
    after = page.next;
  }
  return mutes;
};

/**
 * Writes a mute as the revision after `expected` (undefined: it is new). Ended early, it has `endsAt` now. `fields` are
 * further attributes, such as an outbox.
 */
export const writeMute = (
  state: Pick<Table, 'get' | 'put' | 'update'>,
  mute: Mute,
  given: {
    readonly expected: number | undefined;
    readonly attempt: string;
    readonly now: number;
    readonly fields?: Readonly<Record<string, Value | undefined>>;
  },
): Promise<'written' | 'conflict'> => {
  const { expected, attempt, now } = given;
  // A definition stays until it is removed, however long ago its last window was: its file would only make it anew.
  const endsAt = mute.deletedAt ?? (mute.kind === 'silence' ? mute.endsAt : undefined);
  const expiresAt = endsAt === undefined ? undefined : Math.floor(endsAt / 1000) + keptSeconds;
  const fields = {
    ...given.fields,
    mute: mute as unknown as Value,
    expiresAt,
    revision: mute.revision,
  };
  return writeVersion(state, { key: muteKey(mute.id), expected, fields, attempt, now });
};

/** Those that mute at `now` (epoch ms): between start and end, and of a maintenance with windows while one is open. */
export const activeMutes = async (state: Pick<Table, 'query'>, now: number): Promise<readonly Mute[]> => {
  const active: Mute[] = [];
  for (const mute of await listMutes(state)) if (await isActiveAt(mute, now)) active.push(mute);
  return active;
};

export const isActiveAt = async (mute: Mute, now: number): Promise<boolean> => {
  if (now < mute.startsAt || now >= (mute.endsAt ?? Number.POSITIVE_INFINITY)) return false;
  return mute.windows === undefined || mute.windows.length === 0 || isInMaintenance(mute.windows, now);
};
