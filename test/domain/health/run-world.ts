import type { Head, HealthEvent } from '../../../shared/health/head.ts';
import type { NowMessage, SlotMessage } from '../../../shared/health/message.ts';
import type { Plan } from '../../../shared/health/plan.ts';
import { type RunTools, run, type Unreachable } from '../../../shared/health/run.ts';
import type { Seen } from '../../../shared/health/slot-results.ts';
import { readHead, writePlan } from '../../../shared/health/telemetry.ts';
import { tend } from '../../../shared/health/tend.ts';
import { noon } from './builders.ts';
import { type MemoryTable, memoryTable } from './memory-table.ts';

export const minute = 60_000;
export const slotOf = (number: number): number => noon + number * minute;

/** Who is killed; not a fault of the code that is tried. */
export class Killed extends Error {}

/** A run is killed at its n-th step; each access has two, before and after it took effect. */
export type Kill = { readonly step: number };

export type Scene = {
  readonly plan: Plan;
  /** What is seen in a slot, whoever looks. */
  readonly see: (slot: number) => {
    readonly seen: readonly Seen[];
    readonly unreachable?: ReadonlyMap<number, Unreachable>;
  };
  /** On which ways no canary answers in a slot; without it there are no canaries. */
  readonly failedWays?: (slot: number) => readonly Unreachable[];
  /** What else happens in the table before a slot, done by nobody who can be killed. */
  readonly meanwhile?: (slot: number, telemetry: MemoryTable) => Promise<void>;
};

export type World = {
  /** Beneath what can be killed; a method put in its place is used by the runs too. */
  readonly telemetry: MemoryTable;
  readonly published: HealthEvent[];
  /** Delivers a slot's message, after a first delivery that was killed where `kill` says. */
  deliver(slot: number, kill?: Kill): Promise<void>;
  /** Delivers once, and never again after the kill. True when it was killed. */
  abandon(slot: number, kill: Kill): Promise<boolean>;
  runNow(message: Pick<NowMessage, 'at' | 'runId'> & Partial<NowMessage>, slot: number): Promise<void>;
  /** The watchdog comes so many ms after noon. */
  tend(afterMs: number): Promise<void>;
  head(): Promise<Head>;
};

/** One shard with its table and bus; `turn` decides when each access of a run may happen. */
export const openWorld = async (scene: Scene, turn: () => Promise<void> = async () => {}): Promise<World> => {
  const { plan } = scene;
  const { shard } = plan;
  const quiet = memoryTable();
  const published: HealthEvent[] = [];
  let ids = 0;
  let kill: { left: number } | undefined;
  const step = async () => {
    await turn();
    if (kill && kill.left-- <= 0) throw new Killed();
  };
  const guarded =
    <A extends unknown[], T>(act: (...args: A) => Promise<T>) =>
    async (...args: A): Promise<T> => {
      await step();
      const result = await act(...args);
      await step();
      return result;
    };
  const telemetry = {
    get: guarded<Parameters<MemoryTable['get']>, Awaited<ReturnType<MemoryTable['get']>>>((...given) =>
      quiet.get(...given),
    ),
    batchGet: guarded<Parameters<MemoryTable['batchGet']>, Awaited<ReturnType<MemoryTable['batchGet']>>>(
      (...given) => quiet.batchGet(...given),
    ),
    query: guarded<Parameters<MemoryTable['query']>, Awaited<ReturnType<MemoryTable['query']>>>((...given) =>
      quiet.query(...given),
    ),
    put: guarded<Parameters<MemoryTable['put']>, Awaited<ReturnType<MemoryTable['put']>>>((...given) =>
      quiet.put(...given),
    ),
  };
  await writePlan(quiet, plan, 'plan');
  const settleTools = (now: number) => ({
    telemetry,
    bus: {
      publish: guarded(async (events: readonly unknown[]) => {
        const all = events as readonly HealthEvent[];
        published.push(...all);
        return all.map((event) => event.detail.id);
      }),
    },
    clock: () => now,
    newId: () => `id-${ids++}`,
    place: { accountId: '1', region: 'r' },
    pause: async () => turn(),
  });
  const tools = (slot: number): RunTools => ({
    ...settleTools(slotOf(slot)),
    retentionDays: 3,
    probe: async (entries) => {
      const { seen, unreachable = new Map() } = scene.see(slot);
      const asked = new Set(entries.map((entry) => entry.no));
      return { loopDelayMs: 0, unreachable, seen: seen.filter((one) => asked.has(one.no)) };
    },
    ...(scene.failedWays && {
      failedWays: async () => {
        await step();
        return new Set(scene.failedWays?.(slot));
      },
    }),
  });
  const message = (slot: number): SlotMessage => ({
    kind: 'slot',
    shard,
    slotAt: slotOf(slot),
    planVersion: plan.planVersion,
  });
  const abandon = async (slot: number, killed: Kill): Promise<boolean> => {
    await scene.meanwhile?.(slot, quiet);
    kill = { left: killed.step };
    try {
      await run(message(slot), tools(slot));
      return false;
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
      return true;
    } finally {
      kill = undefined;
    }
  };
  return {
    telemetry: quiet,
    published,
    abandon,
    async deliver(slot, killed) {
      if (killed) await abandon(slot, killed);
      await scene.meanwhile?.(slot, quiet);
      await run(message(slot), tools(slot));
    },
    runNow: (given, slot) => run({ ...message(slot), ...given, kind: 'now' }, tools(slot)),
    tend: (afterMs) => tend(shard, settleTools(noon + afterMs)),
    head: () => readHead(quiet, shard),
  };
};

/** What was told, each id once and in the order of ids' first arrival; a repeat must say the same. */
export const toldBy = (published: readonly HealthEvent[]): HealthEvent[] => {
  const byId = new Map<string, HealthEvent>();
  for (const event of published) {
    const { id } = event.detail;
    const earlier = byId.get(id);
    if (earlier && JSON.stringify(earlier) !== JSON.stringify(event)) {
      throw new Error(`${id} was told twice, and differently`);
    }
    byId.set(id, event);
  }
  return [...byId.values()];
};
