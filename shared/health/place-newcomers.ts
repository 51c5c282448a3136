import type { Placement } from './check.ts';
import { chooseShards, groupOf, insertInto, type Newcomer, presentIn, type Room } from './place.ts';
import { type Known, noteIntent } from './placement-note.ts';
import type { Plan } from './plan.ts';
import { changePlan } from './plan-store.ts';
import type { ProjectTools } from './project.ts';
import { groupPrefixOf } from './shard.ts';
import { shardsOf } from './shard-list.ts';

/** A check without a living entry: where a place is being made for it, what it left, what it brings. */
export type Homeless = Newcomer & {
  readonly known: Known;
  readonly left: readonly Placement[];
};

export type Housed = { readonly known: Known; readonly shard: string; readonly left: readonly Placement[] };

type Housing = { readonly housed: readonly Housed[]; readonly again: readonly string[] };

/** The list of shards lags, and other projectors fill shards too: what finds its shard full chooses once more. */
const maximumRounds = 5;

/** Makes places: chooses a shard, notes it in the registry, then inserts. What could not be placed must come again. */
export const placeNewcomers = async (
  homeless: readonly Homeless[],
  plans: Map<string, Plan>,
  tools: ProjectTools,
): Promise<Housing> => {
  const housed: Housed[] = [];
  const again: string[] = [];
  const full = new Map<string, Room>();
  let waiting = homeless;
  for (let round = 0; waiting.length > 0 && round < maximumRounds; round++) {
    const meant = await withIntents(waiting, full, tools);
    const meantIds = new Set(meant.map((one) => one.record.id));
    again.push(...waiting.map((one) => one.record.id).filter((id) => !meantIds.has(id)));
    const next: Homeless[] = [];
    for (const [shard, newcomers] of Map.groupBy(meant, (one) => one.known.placing ?? '')) {
      const { plan } = await changePlan(shard, tools, (before) =>
        insertInto(before, newcomers, tools.clock()),
      );
      plans.set(shard, plan);
      for (const one of newcomers) {
        if (presentIn(plan.entries, one.record.id)) housed.push({ known: one.known, shard, left: one.left });
        else {
          full.set(shard, { shard, entries: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY });
          next.push({ ...one, known: { ...one.known, placing: undefined } });
        }
      }
    }
    waiting = next;
  }
  return { housed, again: [...again, ...waiting.map((one) => one.record.id)] };
};

/** The newcomers with the shard each was promised; without those that changed meanwhile. */
const withIntents = async (
  waiting: readonly Homeless[],
  full: ReadonlyMap<string, Room>,
  tools: ProjectTools,
): Promise<Homeless[]> => {
  const meant = waiting.filter((one) => one.known.placing !== undefined);
  const open = waiting.filter((one) => one.known.placing === undefined);
  for (const newcomers of Map.groupBy(open, (one) => groupPrefixOf(groupOf(one.record))).values()) {
    const [first] = newcomers;
    if (!first) continue;
    const group = groupOf(first.record);
    const listed = (await shardsOf(tools.telemetry, group)).filter(({ shard }) => !full.has(shard));
    const chosen = chooseShards(group, [...listed, ...full.values()], newcomers);
    const noted = await Promise.all(
      newcomers.map(async (one) => {
        const known = await noteIntent(tools.state, one.known, chosen.get(one.record.id) ?? '');
        return known && { ...one, known };
      }),
    );
    meant.push(...noted.filter((one) => one !== undefined));
  }
  return meant;
};
