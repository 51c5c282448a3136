import { loadFinding } from '../findings/index.ts';
import { loadPolicies } from '../policies/index.ts';
import type { Table } from '../storage/index.ts';
import type { Actions } from './action-for.ts';
import type { BrakeWorld, Known, NeedFacts, ResourceStanding } from './brake-facts.ts';
import { boundsOf, isBounded } from './decide-limits.ts';
import { pruned } from './heal-item.ts';
import { readHeal } from './lease.ts';
import { maintenanceFacts } from './maintenance-facts.ts';
import { natureOf } from './nature.ts';
import { needFacts } from './need-facts.ts';
import type { Plan, PlannedResource } from './plan.ts';
import { policyStanding } from './policy-facts.ts';
import { isFlapping } from './resource-brakes.ts';
import { resourcesOf } from './resource-key.ts';
import { readStop } from './stop-switch.ts';
import { checksOfDeployment, concernedBy, watchFacts } from './watch-facts.ts';

export type BrakePorts = {
  readonly state: Pick<Table, 'get' | 'query'>;
  readonly telemetry: Pick<Table, 'get' | 'batchGet'>;
  /** Kinds of actions that were opted in at deploy. */
  readonly optedIn: readonly string[];
  /** To see whether the policy of today means the same kind of action; left out: nobody asks. */
  readonly actions?: Actions | undefined;
  /** Who wrote the resource lately, from CloudTrail; undefined when that cannot be told. Left out: nobody is asked. */
  readonly nameWriter?: ((resource: PlannedResource) => Promise<string | undefined>) | undefined;
};

/** What cannot be read is told as such, and holds. */
const known = async <T>(read: () => Promise<T>): Promise<Known<T>> => {
  try {
    return { value: await read() };
  } catch (error) {
    return { unreadable: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
  }
};

/** The value, or the same error once more for whoever depends on it. */
const given = <T>(read: Known<T>): T => {
  if ('unreadable' in read) throw new Error(read.unreadable);
  return read.value;
};

/**
 * Reads everything that the brakes look at, at `now`. What cannot be read is told as such and holds; it never throws.
 * `attempt` is 1 when left out.
 */
export const loadBrakeWorld = async (
  ports: BrakePorts,
  plan: Plan,
  { now, attempt = 1 }: { readonly now: number; readonly attempt?: number },
): Promise<BrakeWorld> => {
  const { state } = ports;
  const [stop, policies, finding, records, resources] = await Promise.all([
    known(() => readStop(state)),
    known(() => (plan.policy ? loadPolicies(state) : Promise.resolve([]))),
    known(async () => (natureOf(plan) === 'finding' ? loadFinding(state, plan.occasion.id) : undefined)),
    known(() => checksOfDeployment(state, plan.deploymentId)),
    known(() => resourceStandings(ports, plan, { now, attempt })),
  ]);
  const concerned = () => given(records).filter(({ id }) => concernedBy(plan).has(id));
  const [watch, maintenance, policy] = await Promise.all([
    known(() => watchFacts(ports, plan, given(records), now)),
    known(() => maintenanceFacts(state, plan, concerned(), now)),
    known(() =>
      policyStanding(state, {
        plan,
        policies: given(policies),
        finding: given(finding),
        concerned: concerned(),
        actions: ports.actions,
        now,
      }),
    ),
  ]);
  const need = await known(async (): Promise<NeedFacts> => {
    const isCounted = plan.policy !== null && isBounded(boundsOf(plan, given(policy)?.decision));
    if (!isCounted) return { inNeed: [], changed: [], total: 0 };
    return needFacts(ports, { plan, policies: given(policies), now });
  });
  return {
    now,
    plan,
    attempt,
    optedIn: ports.optedIn,
    stop,
    finding,
    policy,
    watch,
    maintenance,
    need,
    resources,
  };
};

const resourceStandings = (
  { state, nameWriter }: BrakePorts,
  plan: Plan,
  { now, attempt }: { readonly now: number; readonly attempt: number },
): Promise<readonly ResourceStanding[]> =>
  Promise.all(
    resourcesOf(plan).map(async (resource) => {
      const heal = pruned(await readHeal(state, resource), now);
      const standing = { resource, heal };
      if (!nameWriter || !isFlapping({ plan, attempt, now, name: resource.name, heal })) return standing;
      // Not knowing who it was holds nothing more back than it is.
      return { ...standing, writer: await nameWriter(resource).catch(() => undefined) };
    }),
  );
