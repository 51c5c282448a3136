import type { DeploymentResource } from '../../../shared/catalog/index.ts';
import { registerDeployment } from '../../../shared/catalog/index.ts';
import type { ActionKind } from '../../../shared/platform/action-kinds.ts';
import type { HomeostatEvent } from '../../../shared/platform/events.ts';
import type { Approval } from '../../../shared/policies/index.ts';
import type { Actions } from '../../../shared/remediation/action-for.ts';
import { type Action, ActionRefused } from '../../../shared/remediation/actions/action.ts';
import type { ActionPorts } from '../../../shared/remediation/actions/ports.ts';
import type { Application, ApplyWorld } from '../../../shared/remediation/apply.ts';
import { takeLeases } from '../../../shared/remediation/lease.ts';
import type { Plan, PlannedAction } from '../../../shared/remediation/plan.ts';
import { withHash } from '../../../shared/remediation/plan-hash.ts';
import type { CallMade, Remediation } from '../../../shared/remediation/remediation.ts';
import { readRemediation } from '../../../shared/remediation/store.ts';
import { memoryTable } from '../incidents/memory.ts';

export const noon = Date.UTC(2026, 10, 2, 12);
export const second = 1000;

export const auto: Approval = { mode: 'auto', people: 1, by: [], anotherPerson: false, expiresSeconds: 3600 };
export const manual: Approval = { ...auto, mode: 'manual' };

/** A plan that sets how many tasks services run: web from 1 to 2, api from 1 to 2 … */
export const planOf = (given: Partial<Plan> & { readonly services?: readonly string[] } = {}): Plan => {
  const { services = ['web'], ...fields } = given;
  return withHash({
    workflow: 'heal',
    deploymentId: 'shop',
    environment: 'production',
    occasion: {
      kind: 'asked',
      id: 'wish-1',
      occurrence: '1',
      title: 'web is unhealthy',
      severity: 'error',
      checkIds: [],
    },
    policy: null,
    actions: services.map(plannedOf),
    approval: auto,
    limits: {},
    brakes: { attemptsPerHour: 50, cooldownSeconds: 0, flapsPerDay: 50 },
    attempts: { max: 1, backoff: 'exponential' },
    verification: { checkIds: [], afterSeconds: 30, deadlineSeconds: 300 },
    madeAt: noon,
    madeBy: 'token:ann',
    ...fields,
  });
};

export const plannedOf = (name: string): PlannedAction => ({
  kind: 'ecs-scale',
  resource: { name, type: 'ecs-service', id: `main/${name}` },
  params: { desired: 2 },
  summary: `Set ${name} from 1 to 2 tasks.`,
  before: { desired: 1 },
  expected: { desired: 2 },
  undo: { kind: 'ecs-scale', params: { desired: 1 } },
  risk: 'low',
  permissions: [
    {
      actions: ['ecs:UpdateService'],
      resources: [`arn:aws:ecs:eu-central-1:123456789012:service/main/${name}`],
    },
  ],
});

/** How a service answers the next changes: as asked, refusing, or hanging up when it may have done it. */
export type Mood = 'obeys' | 'refuses' | 'hangs up' | 'does nothing';

/** A small AWS whose services are only counts, and one kind of action that changes them. */
export const openSmallWorld = () => {
  let now = noon;
  let ids = 0;
  const clock = () => now;
  const newId = () => `id-${(++ids).toString(16).padStart(8, '0')}`;
  const state = memoryTable(clock);
  const telemetry = memoryTable(clock);
  const published: HomeostatEvent[] = [];
  const troubles: string[] = [];
  const sizes = new Map<string, number>([
    ['main/web', 1],
    ['main/api', 1],
    ['main/jobs', 1],
  ]);
  const moods = new Map<string, Mood[]>();
  /** `<attempt> <id>` of each time that a change was asked for, whatever came of it. */
  const asked: string[] = [];

  const scale: Action = {
    resourceTypes: ['ecs-service'],
    verbs: ['scale_up', 'scale_down', 'restart'],
    params: (z) => z.strictObject({ desired: z.int().min(0), padding: z.string().exactOptional() }),
    read: async (_ports, { id }) => {
      const desired = sizes.get(id);
      if (desired === undefined) throw new ActionRefused(`there is no service ${id}`);
      const arn = `arn:aws:ecs:eu-central-1:123456789012:service/${id}`;
      return { before: { desired }, permissions: [{ actions: ['ecs:UpdateService'], resources: [arn] }] };
    },
    propose: (image, { id }, params) => {
      const { desired } = image as { desired: number };
      if (params.desired === desired) return { unchanged: `it has ${desired} already` };
      if (params.desired === 99) return { refused: '99 is more than it may have' };
      return {
        expected: { desired: params.desired ?? 0 },
        undo: { kind: 'ecs-scale', params: { desired } },
        summary: `Set ${id} from ${desired} to ${params.desired} tasks.`,
        risk: 'low',
      };
    },
    apply: async (ports, { resource, expected }, keep) => {
      const { begin, made } = ports as unknown as SmallPorts;
      begin(resource.id);
      const mood = moods.get(resource.id)?.shift() ?? 'obeys';
      if (mood === 'refuses') {
        made('refused');
        throw new ActionRefused('AccessDenied: not allowed');
      }
      if (mood !== 'does nothing') sizes.set(resource.id, (expected as { desired: number }).desired);
      if (mood === 'hangs up') {
        made('unknown');
        throw new Error('socket hang up');
      }
      made('ok');
      keep(`receipt-${resource.id}`);
    },
    verify: async (_ports, { resource, expected }, _appliedAt, receipt) => {
      const desired = sizes.get(resource.id) ?? 0;
      const after = { desired };
      if (receipt !== `receipt-${resource.id}`)
        return { state: 'failed', reason: `nothing tells of the change of ${resource.name}`, after };
      const isThere = desired === (expected as { desired: number }).desired;
      return {
        state: isThere ? 'verified' : 'failed',
        reason: `${resource.name} has ${desired} tasks`,
        after,
      };
    },
  };
  type SmallPorts = {
    readonly begin: (id: string) => void;
    readonly made: (outcome: CallMade['outcome']) => void;
  };

  const openPorts = async (
    _planned: PlannedAction,
    { attempt }: Pick<Application, 'attempt'>,
    onCall: (call: CallMade) => void,
  ): Promise<ActionPorts> => {
    const ports: SmallPorts = {
      begin: (id) => asked.push(`${attempt} ${id}`),
      made: (outcome) =>
        onCall({
          service: 'ecs',
          operation: 'UpdateService',
          at: now,
          durationMs: 7,
          outcome,
          detail: 'request-1',
        }),
    };
    return ports as unknown as ActionPorts;
  };

  const actions: Actions = { 'ecs-scale': scale };
  const world: ApplyWorld = {
    state,
    bus: {
      publish: async (events) => {
        published.push(...events);
        return events.map(({ detail }) => detail.id);
      },
    },
    clock,
    newId,
    place: { accountId: '123456789012', region: 'eu-central-1' },
    onTrouble: (what, error) => troubles.push(`${what}: ${error.message}`),
    actions,
    optedIn: ['ecs-scale'],
    openPorts,
    endsAt: Number.POSITIVE_INFINITY,
  };
  return {
    world,
    state,
    telemetry,
    actions,
    scale,
    sizes,
    moods,
    asked,
    published,
    troubles,
    optedIn: ['ecs-scale'] as readonly ActionKind[],
    pass: (ms: number) => {
      now += ms;
    },
    /** What the gate does before an attempt: its leases are taken, it runs. */
    open: async (plan: Plan, attempt = 1): Promise<void> => {
      const ports = { state, newId, pause: async () => undefined };
      const holds = await takeLeases(ports, { plan, attempt, now });
      if (holds.length > 0) throw new Error(`the gate does not open: ${holds[0]?.reason}`);
    },
    read: async (planHash: string): Promise<Remediation> => {
      const found = await readRemediation(state, planHash);
      if (!found) throw new Error(`there is no remediation ${planHash}`);
      return found;
    },
    register: (resources: readonly DeploymentResource[]) =>
      registerDeployment(world, {
        definition: {
          deploymentId: 'shop',
          blueprintId: null,
          environment: 'production',
          monitoringConfig: {
            driftDetection: true,
            healthChecks: true,
            costMonitoring: true,
            complianceMonitoring: true,
          },
          resources,
        },
        owner: 'api',
        by: 'admin',
      }),
  };
};
export type SmallWorld = ReturnType<typeof openSmallWorld>;
