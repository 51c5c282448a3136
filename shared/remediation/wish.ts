import { tokenNameOf } from '../access/index.ts';
import { readDeployment } from '../catalog/index.ts';
import { openFindings } from '../findings/index.ts';
import type { ActionKind } from '../platform/action-kinds.ts';
import { type Caller, noDeployment, requireReach } from '../platform/api/caller.ts';
import type { ApiWorld } from '../platform/api/route.ts';
import { DomainError } from '../platform/errors.ts';
import { loadPolicies } from '../policies/index.ts';
import { type Answered, keepAnswered, loadAnswered } from './answered.ts';
import { wishToRequest } from './ask-for.ts';
import type { Decider } from './decide-approval.ts';
import type { AskedAction, Plan } from './plan.ts';
import { isRefused, type Params, type PlanRefused, type PlanRequest } from './plan-request.ts';
import { invokePlanner } from './planner-message.ts';
import { propose } from './propose.ts';
import type { Remediation } from './remediation.ts';
import type { RemedyWorld } from './remedy-world.ts';
import { startWorkflow } from './start-workflow.ts';

export type WishWorld = RemedyWorld & Pick<ApiWorld, 'state' | 'planner' | 'workflows'>;

export type AskedFor = {
  readonly deploymentId: string;
  readonly action: AskedAction;
  readonly approve: boolean;
  readonly dryRun: boolean;
  readonly resource?: string | undefined;
  readonly kind?: ActionKind | undefined;
  readonly params?: Params | undefined;
};

/** `remediation` is undefined of a dry run. */
export type WishAnswer = { readonly plan: Plan; readonly remediation?: Remediation | undefined };

type Request = { readonly id: string; readonly requestHash: string } | undefined;

/**
 * Plans what a person asks for and keeps it, approved at once where that is asked and one person's word is enough. The same
 * request again (its Idempotency-Key) gives the same plan, whatever the world shows by then. Throws NOT_FOUND, FORBIDDEN
 * and CONFLICT where the policy wants other people or nothing can be planned, VALIDATION_ERROR where the wish is unclear.
 */
export const carryOutWish = async (
  world: WishWorld,
  asked: AskedFor,
  { caller, request }: { readonly caller: Caller; readonly request: Request },
): Promise<WishAnswer> => {
  requireReach(caller.deployments, asked.deploymentId);
  const id = request?.id ?? world.newId();
  const plan = await planOnce(world, asked, { by: caller.principal, id, request });
  if (asked.dryRun) return { plan };
  if (!asked.approve) return { plan, remediation: await startWorkflow(world, await propose(world, plan)) };
  const decider = await deciderOf(world.state, caller);
  requireEnough(plan);
  return { plan, remediation: await startWorkflow(world, await propose(world, plan, decider)) };
};

/** Whose word it is, and what policies may call them. */
export const deciderOf = async (state: ApiWorld['state'], { principal }: Caller): Promise<Decider> => {
  const name = await tokenNameOf(state, principal);
  return { by: principal, names: name === undefined ? [] : [name] };
};

/** Approving at once is for what one person may decide. */
const requireEnough = ({ approval, policy }: Plan): void => {
  if (approval.people <= 1) return;
  throw new DomainError(
    'CONFLICT',
    `The policy ${policy?.name ?? ''} wants ${approval.people} people to approve it, and you are one: ask without "approve"; the plan then waits for them.`,
  );
};

type Asking = { readonly by: string; readonly id: string; readonly request: Request };

const planOnce = async (world: WishWorld, asked: AskedFor, { by, id, request }: Asking): Promise<Plan> => {
  const key = `wish:${id}`;
  const stored = request && (await loadAnswered(world.state, key));
  if (stored && stored.answered.requestHash !== request.requestHash) {
    throw new DomainError('VALIDATION_ERROR', 'This Idempotency-Key was used for another request.', [
      {
        path: 'Idempotency-Key',
        message: 'Use a new key for a new request; the same key only repeats the same one.',
      },
    ]);
  }
  if (stored && 'plan' in stored.answered.answer) return stored.answered.answer.plan;
  const plan = planIn(await invokePlanner(world.planner, await requestOf(world, asked, { by, id })));
  if (asked.dryRun || !request) return plan;
  const now = world.clock();
  const answered: Answered = {
    occurrence: now,
    updatedAt: now,
    round: 0,
    answer: { plan },
    requestHash: request.requestHash,
  };
  const written = await keepAnswered(world, key, undefined, answered);
  // The same request twice at once: what was kept first counts.
  return written === 'written' ? plan : planOnce(world, asked, { by, id, request });
};

const requestOf = async (
  world: WishWorld,
  { deploymentId, action, resource, kind, params }: AskedFor,
  { by, id }: Pick<Asking, 'by' | 'id'>,
): Promise<PlanRequest> => {
  const record = await readDeployment(world.state, deploymentId);
  if (!record) throw noDeployment();
  const [policies, found] = await Promise.all([
    loadPolicies(world.state),
    openFindings(world.state, { deploymentId }),
  ]);
  return wishToRequest(
    { id, action, resource, kind, params, by },
    { deployment: record.definition, policies, openFindings: found, now: world.clock() },
  );
};

/** The plan, or why there is none, as a refusal. */
export const planIn = (answer: Plan | PlanRefused): Plan => {
  if (!isRefused(answer)) return answer;
  const { refused, fields = [] } = answer;
  // Reasons of services end as they please.
  const detail = /[.!?]$/.test(refused) ? refused : `${refused}.`;
  if (fields.length > 0) throw new DomainError('VALIDATION_ERROR', detail, fields);
  throw new DomainError('CONFLICT', detail);
};
