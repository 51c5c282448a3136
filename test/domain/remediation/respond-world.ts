import type { Finding, Found } from '../../../shared/findings/index.ts';
import { noteFinding } from '../../../shared/findings/index.ts';
import { checkIdOf } from '../../../shared/health/check.ts';
import { emptyHead, toHeadItem } from '../../../shared/health/head.ts';
import { placeKey } from '../../../shared/health/place-item.ts';
import type { CheckStatus, EventDetails } from '../../../shared/platform/events.ts';
import type { PolicyDefinition, Remedy } from '../../../shared/policies/index.ts';
import { policyIdOf } from '../../../shared/policies/registry.ts';
import { makePlan, type PlanWorld } from '../../../shared/remediation/make-plan.ts';
import type { OrchestratorMessage } from '../../../shared/remediation/orchestrator.ts';
import type { Plan } from '../../../shared/remediation/plan.ts';
import { parsePlannerMessage } from '../../../shared/remediation/planner-message.ts';
import type { RespondWorld } from '../../../shared/remediation/respond-world.ts';
import type { Item } from '../../../shared/storage/index.ts';
import { stateOf } from '../health/builders.ts';
import { healing, unhealthyRemedy } from './plans.ts';
import { noon, openSmallWorld } from './small-world.ts';

/** In the words of the small world: a remedy sets a service to two tasks. */
export const remedyOf = (given: Partial<Remedy> = {}): Remedy => ({
  ...unhealthyRemedy,
  params: { desired: 2 },
  ...given,
});
export const policyOf = (given: Partial<PolicyDefinition> = {}): PolicyDefinition => ({
  ...healing,
  healthRemediation: { enabled: true, unhealthyService: remedyOf() },
  ...given,
});
export const idlePolicy = (given: Partial<Remedy> = {}): PolicyDefinition =>
  policyOf({
    name: 'savings',
    healthRemediation: undefined,
    costOptimization: { enabled: true, idleResources: remedyOf({ action: 'scale_down', ...given }) },
  });

/** The small world with a planner that really plans, a Step Functions that starts a name once, and an orchestrator. */
export const openRespondWorld = async () => {
  const small = openSmallWorld();
  const { state, telemetry, world } = small;
  const started: string[] = [];
  const executions = new Set<string>();
  const answers: { readonly token: string; readonly output: unknown }[] = [];
  const told: OrchestratorMessage[] = [];
  const planned: Plan[] = [];
  const planWorld: PlanWorld = {
    state,
    clock: world.clock,
    actions: small.actions,
    optedIn: small.optedIn,
    openPorts: () => ({}) as ReturnType<PlanWorld['openPorts']>,
  };
  const respondWorld: RespondWorld = {
    ...world,
    state,
    telemetry,
    planner: {
      invoke: async (payload) => {
        const message = parsePlannerMessage(JSON.parse(JSON.stringify(payload)));
        if (message.kind !== 'plan') throw new Error('the responder asks for plans only');
        const plan = await makePlan(planWorld, message.request);
        if ('hash' in plan) planned.push(plan);
        return JSON.parse(JSON.stringify(plan));
      },
    },
    workflows: {
      start: async (workflow, name) => {
        const isNew = !executions.has(name);
        executions.add(name);
        if (isNew) started.push(`${workflow} ${name}`);
        return { arn: `arn:execution:${workflow}:${name}`, isNew };
      },
      answer: async (token, output) => {
        const isFirst = answers.every((one) => one.token !== token);
        if (isFirst) answers.push({ token, output });
        return isFirst ? 'answered' : 'gone';
      },
    },
    tellOrchestrator: async (message) => void told.push(message),
  };
  const resources = ['web', 'api'].map((name) => ({
    name,
    type: 'ecs-service' as const,
    id: `main/${name}`,
    checks: [`${name} answers`],
  }));
  await small.register(resources);
  return {
    ...small,
    respondWorld,
    started,
    answers,
    told,
    planned,
    keepPolicy: (definition: PolicyDefinition, revision = 1) => {
      const id = policyIdOf(definition.name);
      const record = { id, definition, revision, managedBy: 'api', createdAt: 0, updatedAt: 0 };
      return state.put({ pk: 'POLICIES', sk: id, v: 1, ...record } as unknown as Item);
    },
    /** How the check `<name> answers` of the deployment `shop` stands, as results of just now say. */
    stands: async (name: string, status: CheckStatus) => {
      const checkId = checkIdOf('shop', `${name} answers`);
      const shard = `${name}.public.60.0`;
      const placed = { shard, no: 1, timeoutSeconds: 5, placedAt: noon - 3_600_000, placementVersion: 1 };
      await telemetry.put({ ...placeKey(checkId), v: 1, ...placed });
      const seen = stateOf({ status, known: status === 'unknown' ? null : status, at: world.clock() });
      const head = { ...emptyHead(shard), version: 1, slotAt: world.clock(), checks: new Map([[1, seen]]) };
      await telemetry.put(toHeadItem(head, 'attempt'));
    },
    found: async (given: Partial<Found> = {}): Promise<Finding> => {
      const { finding } = await noteFinding(world, {
        source: 'scan',
        kind: 'idle',
        deploymentId: 'shop',
        resource: 'web',
        state: 'open',
        severity: 'warning',
        title: 'web is idle',
        reason: 'nobody asked it for a week',
        tags: {},
        details: {},
        at: world.clock(),
        ...given,
      });
      return finding;
    },
  };
};

const place = { accountId: '123456789012', region: 'eu-central-1' };

export const checkChanged = (
  name: string,
  to: CheckStatus,
  at: number,
): { readonly type: 'check.status_changed'; readonly detail: EventDetails['check.status_changed'] } => ({
  type: 'check.status_changed',
  detail: {
    id: `check:${name}@${at}`,
    at: new Date(at).toISOString(),
    ...place,
    checkId: checkIdOf('shop', `${name} answers`),
    deploymentId: 'shop',
    name: `${name} answers`,
    type: 'http',
    target: 'https://shop.example.com/',
    from: to === 'unhealthy' ? 'healthy' : 'unhealthy',
    to,
    reason: 'answered 503',
    responseTimeMs: null,
    tags: {},
  },
});

export const findingChanged = (finding: Finding) => ({
  type: 'finding.changed' as const,
  detail: {
    id: `finding:${finding.id}@${finding.revision}`,
    at: new Date(finding.updatedAt).toISOString(),
    ...place,
    findingId: finding.id,
    kind: finding.kind,
    state: finding.state,
    severity: finding.severity,
    deploymentId: finding.deploymentId,
    resource: finding.resource,
    title: finding.title,
    reason: finding.reason,
    tags: { ...finding.tags },
  },
});

export const remediationChanged = (planHash: string) => ({
  type: 'remediation.changed' as const,
  detail: {
    id: `remediation:${planHash}@1`,
    at: new Date(noon).toISOString(),
    ...place,
    remediationId: planHash,
    planHash,
    deploymentId: 'shop',
    workflow: 'heal' as const,
    status: 'running',
    actions: [],
    resources: [],
    findingId: '',
    checkIds: [],
    attempt: 1,
    by: 'policy:healing',
    reason: '',
  },
});

export const planDecided = (planHash: string) => ({
  type: 'plan.decided' as const,
  detail: {
    id: `plan:${planHash}:decided`,
    at: new Date(noon).toISOString(),
    ...place,
    planHash,
    deploymentId: 'shop',
    decision: 'approved' as const,
    by: 'token:ann',
    reason: '',
  },
});
