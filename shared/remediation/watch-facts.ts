import { blindSince, type CheckRecord, checkIdOf, checksIn, isPaused, readMembers } from '../health/index.ts';
import type { Table } from '../storage/index.ts';
import type { CheckFacts, WatchFacts } from './brake-facts.ts';
import { natureOf } from './nature.ts';
import type { Plan } from './plan.ts';

type Ports = {
  readonly state: Pick<Table, 'query'>;
  readonly telemetry: Pick<Table, 'get' | 'batchGet'>;
};

type Member = { readonly status: CheckFacts['status']; readonly failures: number };

/** Its last look failed, whether or not it counts as unhealthy already. What is unknown says nothing. */
export const isFailing = (member: Member | undefined): boolean =>
  member !== undefined &&
  (member.status === 'unhealthy' || (member.status !== 'unknown' && member.failures > 0));

/** Ids of the checks for whose sake, and by which, the plan is judged. */
export const concernedBy = ({ occasion, verification }: Plan): ReadonlySet<string> =>
  new Set([...occasion.checkIds, ...verification.checkIds]);

export const checksOfDeployment = async (
  state: Pick<Table, 'query'>,
  deploymentId: string,
): Promise<readonly CheckRecord[]> => {
  const found: CheckRecord[] = [];
  for await (const page of checksIn(state, [deploymentId], { consistent: true })) found.push(...page);
  return found;
};

/** How the checks of the plan's deployment stand at `now`. */
export const watchFacts = async (
  { telemetry }: Ports,
  plan: Plan,
  records: readonly CheckRecord[],
  now: number,
): Promise<WatchFacts> => {
  const running = records.filter((record) => !isPaused(record));
  const parents = records.flatMap((record) => parentOf(record)?.checkId ?? []);
  const ids = [...new Set([...running.map(({ id }) => id), ...parents])];
  const members = await readMembers(telemetry, ids, now);
  const concerned = concernedBy(plan);
  const byId = new Map(records.map((record) => [record.id, record] as const));
  return {
    checks: [...concerned].map((checkId) => factsOf(checkId, byId.get(checkId), members)),
    total: running.length,
    failing: running.filter(({ id }) => isFailing(members.get(id))).map(({ definition }) => definition.name),
    blind: await blindNetworks(
      telemetry,
      // A scaling rule names no check: it goes by the series of them all.
      records.filter(({ id }) => concerned.has(id) || natureOf(plan) === 'scaling'),
      now,
    ),
  };
};

const parentOf = ({ definition: { parent } }: CheckRecord) =>
  parent && { checkId: checkIdOf(parent.deploymentId, parent.name), name: parent.name };

const factsOf = (
  checkId: string,
  record: CheckRecord | undefined,
  members: ReadonlyMap<string, Member>,
): CheckFacts => {
  // A check that was removed meanwhile tells nothing any more.
  if (!record) return { checkId, name: `the check ${checkId}`, status: 'unknown', isPaused: false };
  const parent = parentOf(record);
  return {
    checkId,
    name: record.definition.name,
    status: isPaused(record) ? 'unknown' : (members.get(checkId)?.status ?? 'unknown'),
    isPaused: isPaused(record),
    ...(parent && isFailing(members.get(parent.checkId)) && { parentDown: parent }),
  };
};

const blindNetworks = async (
  telemetry: Pick<Table, 'get'>,
  records: readonly CheckRecord[],
  now: number,
): Promise<WatchFacts['blind']> => {
  const shards = new Map(
    records.flatMap(({ placements: [place], definition: { network } }) =>
      place ? [[network, place.shard] as const] : [],
    ),
  );
  const blind: { network: string; since: number }[] = [];
  for (const [network, shard] of shards) {
    const since = await blindSince(telemetry, shard, now);
    if (since !== undefined) blind.push({ network, since });
  }
  return blind;
};
