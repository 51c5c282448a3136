import { checkKey } from '../../../shared/health/check.ts';
import { emptyHead, toHeadItem } from '../../../shared/health/head.ts';
import type { CheckRecord } from '../../../shared/health/index.ts';
import type { CheckStatus } from '../../../shared/platform/events.ts';
import type { Item } from '../../../shared/storage/index.ts';
import { checkRecord, stateOf } from '../health/builders.ts';
import { noon, type SmallWorld } from './small-world.ts';

const shard = 'home.public.60.0';

/** Checks of the shop as their shard's head tells of them. */
export const openWatch = ({ state, telemetry }: SmallWorld) => {
  const seen = new Map<
    number,
    { readonly status: CheckStatus; readonly at: number; readonly reason: string | null }
  >();
  const define = async (no: number, given: Parameters<typeof checkRecord>[0] = {}): Promise<CheckRecord> => {
    const record = checkRecord({ no, shard, placedAt: noon - 600_000, ...given });
    await state.put({ ...checkKey(record.id), v: 1, ...record } as unknown as Item);
    return record;
  };
  const see = async (no: number, status: CheckStatus, at: number, reason: string | null = null) => {
    seen.set(no, { status, at, reason });
    const checks = new Map([...seen].map(([one, given]) => [one, stateOf({ ...given, known: null })]));
    await telemetry.put(toHeadItem({ ...emptyHead(shard), version: 1, slotAt: at, checks }, 'run'));
  };
  return { define, see };
};
