import { deploymentKey } from '../../../shared/catalog/deployment.ts';
import type { DeploymentResource } from '../../../shared/catalog/index.ts';
import { findingKey } from '../../../shared/findings/finding-id.ts';
import type { Finding } from '../../../shared/findings/index.ts';
import { checkIdOf, checkKey } from '../../../shared/health/check.ts';
import { type CheckState, emptyHead, toHeadItem } from '../../../shared/health/head.ts';
import { placeOf, putPlace } from '../../../shared/health/place-item.ts';
import type { HomeostatEvent } from '../../../shared/platform/events.ts';
import type { PolicyDefinition } from '../../../shared/policies/index.ts';
import { gate } from '../../../shared/remediation/gate.ts';
import type { Json, Plan, PlannedAction } from '../../../shared/remediation/plan.ts';
import { propose } from '../../../shared/remediation/propose.ts';
import type { Remediation } from '../../../shared/remediation/remediation.ts';
import type { GateAnswer } from '../../../shared/remediation/steps.ts';
import { readRemediation } from '../../../shared/remediation/store.ts';
import type { Item } from '../../../shared/storage/index.ts';
import { checkRecord, stateOf } from '../health/builders.ts';
import { memoryTable } from '../incidents/memory.ts';
import { openMortal } from '../incidents/mortal.ts';
import { healing, noon, planOf, recordOf, restart } from './plans.ts';

export const shard = 'home.public.60.0';
export const idOf = (name: string, deploymentId = 'shop'): string => checkIdOf(deploymentId, name);

/** A plan that restarts the process `name`, because the check of that name is unhealthy. */
export const healPlan = (name = 'web', given: Partial<Omit<Plan, 'hash'>> = {}): Plan =>
  planOf({
    actions: [restart(name)],
    occasion: { ...planOf().occasion, id: `unhealthy-${name}`, checkIds: [idOf(name)] },
    verification: { checkIds: [idOf(name)], afterSeconds: 30, deadlineSeconds: 300 },
    ...given,
  });

/** Tables, checks, policies and processes as the gate finds them; `shop` in `prod` has the checks and processes given. */
export const openGate = async (names: readonly string[] = ['web', 'api', 'jobs', 'mail']) => {
  let now = noon;
  const clock = () => now;
  const mortal = openMortal(clock);
  const state = memoryTable(clock, mortal.interrupted);
  const telemetry = memoryTable(clock, mortal.interrupted);
  const published: HomeostatEvent[] = [];
  const states = new Map<number, CheckState>();
  const nos = new Map<string, number>();
  const images = new Map<string, Json | Error>();
  const writers = new Map<string, string>();
  let ids = 0;
  const world = {
    state,
    telemetry,
    clock,
    newId: () => `id-${ids++}`,
    pause: async () => {},
    place: { accountId: '123456789012', region: 'eu-central-1' },
    bus: {
      publish: async (events: readonly HomeostatEvent[]) => {
        mortal.interrupted('before publish');
        published.push(...events);
        mortal.interrupted('after publish');
        return events.map(({ detail }) => detail.id);
      },
    },
    optedIn: ['process-restart', 'cloudcontrol-patch', 'ecs-rollback'],
    nameWriter: async ({ id }: { readonly id: string }) => writers.get(id),
    readImage: async (_plan: Plan, { resource, before }: PlannedAction): Promise<Json> => {
      mortal.interrupted('before read');
      const image = images.get(resource.id) ?? before;
      if (image instanceof Error) throw image;
      return image;
    },
    onTrouble: () => {},
  };
  const put = (item: Item) => mortal.calmly(() => state.put(item));
  let heads = 0;
  const writeHeads = () =>
    mortal.calmly(() =>
      telemetry.put(
        toHeadItem(
          { ...emptyHead(shard), version: ++heads, slotAt: now, planVersion: 1, checks: new Map(states) },
          `head-${heads}`,
        ),
      ),
    );
  const fixture = {
    world,
    state,
    telemetry,
    published,
    images,
    writers,
    mortal,
    at: () => now,
    jump: (to: number) => {
      now = to;
    },
    addDeployment: (deploymentId: string, resources: readonly DeploymentResource[], environment = 'prod') =>
      put({
        ...deploymentKey(deploymentId),
        v: 1,
        definition: { deploymentId, blueprintId: null, environment, resources } as never,
        revision: 1,
        managedBy: 'api',
        createdAt: 0,
        updatedAt: 0,
      }),
    addCheck: async (name: string, given: Parameters<typeof checkRecord>[0] = {}) => {
      const no = nos.size + 1;
      const record = checkRecord({
        no,
        shard,
        placedAt: noon - 3_600_000,
        ...given,
        definition: { name, ...given.definition },
      });
      nos.set(record.id, no);
      states.set(no, stateOf({ at: now }));
      await put({ ...checkKey(record.id), v: 1, ...(record as object) } as Item);
      const isPausedNow = record.pausedAt !== undefined;
      await mortal.calmly(() =>
        putPlace(
          telemetry,
          record.id,
          placeOf(shard, { no, timeoutSeconds: 5, placedAt: noon - 3_600_000, paused: isPausedNow }),
          1,
        ),
      );
      await writeHeads();
    },
    /** How the check stands from now on. */
    stands: async (
      name: string,
      given: Partial<CheckState> | 'unhealthy' | 'healthy' | 'unknown',
      deploymentId = 'shop',
    ) => {
      const no = nos.get(idOf(name, deploymentId)) ?? 0;
      if (given === 'unknown') states.set(no, stateOf({ at: noon - 3_600_000 }));
      else {
        const changes =
          typeof given === 'string' ? { status: given, failures: given === 'unhealthy' ? 3 : 0 } : given;
        states.set(no, stateOf({ at: now, ...changes }));
      }
      await writeHeads();
    },
    /** All checks are looked at anew, so that none is stale. */
    lookAgain: async () => {
      for (const [no, seen] of states) states.set(no, { ...seen, at: now });
      await writeHeads();
    },
    setPolicy: (definition: Partial<PolicyDefinition> = {}, revision = 1) => {
      const { id, ...record } = recordOf({ ...healing, ...definition }, revision);
      return put({ pk: 'POLICIES', sk: id, v: 1, ...(record as object) } as Item);
    },
    setFinding: (finding: Partial<Finding> & { readonly id: string }) =>
      put({
        ...findingKey(finding.id),
        v: 1,
        kind: 'drift',
        state: 'open',
        severity: 'error',
        deploymentId: 'shop',
        resource: 'web',
        title: 'drift',
        reason: 'it is otherwise',
        tags: {},
        source: 'team',
        details: {},
        occurrence: 1,
        openedAt: noon,
        updatedAt: noon,
        revision: 1,
        ...(finding as object),
      } as Item),
    propose: async (plan: Plan): Promise<void> => {
      await mortal.calmly(() => propose(world, plan));
    },
    change: async (plan: Plan, changes: Partial<Remediation>): Promise<void> => {
      const key = { pk: `REMEDY#${plan.hash}`, sk: 'RUN' };
      const item = state.items.get(`${key.pk}\n${key.sk}`);
      if (!item) throw new Error('the plan is not kept');
      await put({
        ...item,
        run: { ...(item.run as object), ...changes } as never,
        revision: Number(item.revision) + 1,
      });
    },
    gate: (plan: Plan, attempt = 1): Promise<GateAnswer> =>
      gate(world, { planHash: plan.hash, attempt, execution: 'arn:execution' }),
    run: async (plan: Plan): Promise<Remediation> => {
      const found = await readRemediation(state, plan.hash);
      if (!found) throw new Error('the plan is not kept');
      return found;
    },
  };
  const resources = names.map((name) => ({ name, type: 'process' as const, id: name, checks: [name] }));
  await fixture.addDeployment('shop', resources);
  for (const name of names) await fixture.addCheck(name);
  await fixture.setPolicy();
  return fixture;
};
export type GateFixture = Awaited<ReturnType<typeof openGate>>;
