import { type CheckDefinition, type CheckRecord, checkIdOf } from '../../../shared/health/check.ts';
import { type CheckState, type HealthEvent, neverSeen } from '../../../shared/health/head.ts';
import type { Plan, PlanEntry } from '../../../shared/health/plan.ts';
import type { Results, Seen } from '../../../shared/health/slot-results.ts';

/** An hour of a day in January 2027: 1_800_000_000_000 is a whole minute, and a round number to read. */
export const noon = 1_800_000_000_000;

export const definition = (given: Partial<CheckDefinition> = {}): CheckDefinition => ({
  deploymentId: 'shop',
  name: 'check-1',
  type: 'http',
  target: 'https://shop.example.com/health',
  intervalSeconds: 60,
  timeoutSeconds: 5,
  retries: 1,
  failureThreshold: 3,
  successThreshold: 2,
  network: 'public',
  tags: {},
  config: {},
  isActive: true,
  ...given,
});

/** A registry record that the projector has not seen, or that lies in `shard` under `no`. */
export const checkRecord = (
  given: { no?: number; shard?: string; placedAt?: number; definition?: Partial<CheckDefinition> } & Partial<
    Pick<CheckRecord, 'revision' | 'deletedAt' | 'pausedAt' | 'placements'>
  > = {},
): CheckRecord => {
  const { no = 1, shard, placedAt = noon, revision = 1 } = given;
  const defined = definition({ name: `check-${no}`, ...given.definition });
  return {
    id: checkIdOf(defined.deploymentId, defined.name),
    accountId: '123456789012',
    region: 'eu-central-1',
    location: 'home',
    definition: defined,
    revision,
    managedBy: 'api',
    createdAt: noon,
    updatedAt: noon,
    placements: given.placements ?? (shard === undefined ? [] : [{ shard, no, revision, placedAt }]),
    ...(given.deletedAt !== undefined && { deletedAt: given.deletedAt }),
    ...(given.pausedAt !== undefined && { pausedAt: given.pausedAt }),
  };
};

export const entry = (no: number, given: Partial<PlanEntry> = {}): PlanEntry => {
  const {
    intervalSeconds: _interval,
    network: _network,
    isActive: _active,
    ...defined
  } = definition({
    name: `check-${no}`,
    target: `https://service-${no}.shop.example.com/health`,
  });
  return { no, id: checkIdOf('shop', `check-${no}`), revision: 1, ...defined, placedAt: noon, ...given };
};

/** A plan with these numbers, each as `given` changes it. */
export const planOf = (
  shard: string,
  nos: readonly number[],
  given: Readonly<Record<number, Partial<PlanEntry>>> = {},
): Plan => ({
  shard,
  planVersion: 1,
  nextNo: Math.max(0, ...nos) + 1,
  entries: nos.map((no) => entry(no, given[no])),
});

/** A number that looks like chance and is the same every time: what compresses well must not flatter our sizes. */
export const noise = (seed: number, below: number): number => {
  let mixed = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return ((mixed ^ (mixed >>> 16)) >>> 0) % below;
};

const phasesOf = (no: number) => {
  const [dns, connect, tls, firstByte] = [
    noise(no, 9),
    8 + noise(no + 1000, 40),
    20 + noise(no + 2000, 60),
    5 + noise(no + 3000, 200),
  ];
  return { dns, connect, tls, firstByte, total: dns + connect + tls + firstByte + noise(no + 4000, 5) };
};

export const seen = (no: number, given: Partial<Seen> = {}): Seen => ({
  no,
  rev: 1,
  status: 'healthy',
  reason: null,
  phases: phasesOf(no),
  attempts: 1,
  statusCode: 200,
  ...given,
});

export const slotResults = (shard: string, at: number, nos: readonly number[]): Results => ({
  shard,
  at,
  planVersion: 1,
  attempt: '7d1f9a52-2f8a-4f0e-9c5e-0d3b6a1c7e42',
  loopDelayMs: 12,
  seen: nos.map((no) => seen(no)),
});

export const stateOf = (given: Partial<CheckState> = {}): CheckState => ({
  ...neverSeen,
  at: noon,
  rev: 1,
  status: 'healthy',
  known: 'healthy',
  failures: 0,
  successes: 2,
  since: noon - 60_000,
  responseTimeMs: 42,
  reason: null,
  ...given,
});

/** The changes of statuses among what is told. */
export const statusChanges = (events: readonly HealthEvent[]) =>
  events.flatMap((event) => (event.type === 'check.status_changed' ? [event.detail] : []));
