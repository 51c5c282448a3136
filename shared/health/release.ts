import type { Place } from '../platform/environment.ts';
import { isLive } from './fold.ts';
import type { CheckState, Head, HealthEvent, Held } from './head.ts';
import { release } from './held.ts';
import { readMembers } from './members.ts';
import type { Plan, PlanEntry } from './plan.ts';
import type { Member } from './probing/ports.ts';
import type { SettleTools } from './settle.ts';
import { statusChanged } from './told.ts';

export type Holding = { readonly entry: PlanEntry; readonly state: CheckState & { readonly held: Held } };

/** The live checks with trouble that is not told yet. */
export const holding = (head: Head, plan: Plan): readonly Holding[] =>
  plan.entries.flatMap((entry) => {
    const state = head.checks.get(entry.no);
    return state && hasHeld(state) && isLive(entry) ? [{ entry, state }] : [];
  });

const hasHeld = (state: CheckState): state is CheckState & { readonly held: Held } => state.held !== null;

/** The head with all the trouble in its outbox that is to be told by now; the same head when nothing changed. */
export const releaseHeld = async (
  head: Head,
  plan: Plan,
  { telemetry, clock, place }: Pick<SettleTools, 'telemetry' | 'clock' | 'place'>,
): Promise<Head> => {
  const now = clock();
  const all = holding(head, plan);
  const parents = await readParents(
    telemetry,
    all.flatMap(({ entry }) => entry.parentId ?? []),
    now,
  );
  const inMaintenance = new Set<number>();
  for (const { entry } of all) {
    if (!entry.maintenance?.length) continue;
    const { isInMaintenance } = await import('./maintenance-at.ts');
    if (await isInMaintenance(entry.maintenance, now)) inMaintenance.add(entry.no);
  }
  return released(head, all, { now, parents, inMaintenance, place });
};

/** Parents, and whom these wait for in turn. */
const readParents = async (
  telemetry: SettleTools['telemetry'],
  parentIds: readonly string[],
  now: number,
): Promise<Map<string, Member>> => {
  const found = new Map<string, Member>();
  let wanted = new Set(parentIds);
  while (wanted.size > 0) {
    const read = await readMembers(telemetry, [...wanted], now);
    for (const [id, member] of read) found.set(id, member);
    const next = [...read.values()].flatMap(({ heldBy }) => heldBy ?? []);
    wanted = new Set(next.filter((id) => !found.has(id)));
  }
  return found;
};

/** Two requests at once can close a circle of parents that neither could see. In it each would wait for the others for ever. */
const waitsForItself = (
  { id, parentId }: Pick<PlanEntry, 'id' | 'parentId'>,
  parents: ReadonlyMap<string, Member>,
): boolean => {
  const passed = new Set<string>();
  for (let next = parentId; next !== undefined && !passed.has(next); next = parents.get(next)?.heldBy) {
    if (next === id) return true;
    passed.add(next);
  }
  return false;
};

type World = {
  readonly now: number;
  readonly parents: ReadonlyMap<string, Member>;
  readonly inMaintenance: ReadonlySet<number>;
  readonly place: Place;
};

const released = (
  head: Head,
  all: readonly Holding[],
  { now, parents, inMaintenance, place }: World,
): Head => {
  const checks = new Map(head.checks);
  const outbox: HealthEvent[] = [...head.outbox];
  let isChanged = false;
  for (const { entry, state } of all) {
    const isHolding = entry.parentId !== undefined && !waitsForItself(entry, parents);
    const parent = isHolding ? parents.get(entry.parentId) : undefined;
    const isInMaintenance = inMaintenance.has(entry.no);
    const { held, tell } = release(entry, state, { now, isInMaintenance, parent });
    if (held === state.held) continue;
    isChanged = true;
    checks.set(entry.no, { ...state, held });
    if (!tell) continue;
    const { status: to, responseTimeMs } = state;
    const reason = state.reason ?? `it is ${to}`;
    outbox.push(statusChanged(entry, { ...tell, to, reason, responseTimeMs }, place));
  }
  return isChanged ? { ...head, checks, outbox } : head;
};
