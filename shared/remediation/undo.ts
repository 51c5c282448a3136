import { type Reach, reaches } from '../platform/api/caller.ts';
import type { FunctionClient } from '../platform/aws/function.aws.ts';
import { toIso } from '../platform/clock.ts';
import { DomainError } from '../platform/errors.ts';
import type { Table } from '../storage/table.ts';
import type { Plan, Workflow } from './plan.ts';
import { defaultApproval, defaultRemedy, type PlanRefused, type PlanRequest } from './plan-request.ts';
import { invokePlanner } from './planner-message.ts';
import { isOver, type Remediation } from './remediation.ts';
import { noRemediation, readRemediation } from './store.ts';

export type UndoWish = {
  readonly by: string;
  /** The same gives the same plan while the world stays as it is: an Idempotency-Key, or an instant. */
  readonly occurrence: string;
  readonly reach?: Reach | undefined;
};

/**
 * Plans how a remediation is taken back: its undo actions, newest first, over what is there now. It is a plan like any
 * other, and always one for people. Throws NOT_FOUND, and CONFLICT where there is nothing to undo.
 */
export const planUndo = async (
  world: { readonly state: Pick<Table, 'get'>; readonly planner: Pick<FunctionClient, 'invoke'> },
  planHash: string,
  wish: UndoWish,
): Promise<Plan | PlanRefused> => {
  const found = await readRemediation(world.state, planHash);
  if (!found || (wish.reach !== undefined && !reaches(wish.reach, found.plan.deploymentId)))
    throw noRemediation();
  return invokePlanner(world.planner, undoRequest(found, wish));
};

/** Machines that begin at the gate, without settling or watching first. */
const plain: readonly Workflow[] = ['cost', 'scale'];

/** Pure. Throws CONFLICT with a sentence. */
export const undoRequest = (found: Remediation, { by, occurrence }: UndoWish): PlanRequest => {
  const { plan, status, actions, undoneBy } = found;
  if (!isOver(status))
    throw new DomainError('CONFLICT', `It is not over yet (${status}). Cancel it, or wait for its end.`);
  if (undoneBy !== undefined) throw new DomainError('CONFLICT', `It was undone already, by ${undoneBy}.`);
  const touched = plan.actions.filter((_, at) => {
    const own = actions[at];
    return own?.appliedAt !== undefined || own?.state === 'unknown';
  });
  if (touched.length === 0)
    throw new DomainError('CONFLICT', 'It changed nothing: there is nothing to undo.');
  const resources = touched
    .toReversed()
    .flatMap(({ resource, undo }) => (undo ? [{ resource, kind: undo.kind, params: undo.params }] : []));
  if (resources.length === 0)
    throw new DomainError(
      'CONFLICT',
      `What it did cannot be undone: ${touched.map(({ summary }) => summary).join('; ')}`,
    );
  return {
    occasion: {
      kind: 'undo',
      id: plan.hash,
      occurrence,
      title: `Undo of ${plan.occasion.title} (${toIso(found.startedAt)})`,
      severity: plan.occasion.severity,
      checkIds: [],
    },
    deploymentId: plan.deploymentId,
    workflow: plain.includes(plan.workflow) ? plan.workflow : 'drift',
    resources,
    policy: null,
    brakes: plan.brakes,
    remedy: {
      ...defaultRemedy,
      approval: { ...plan.approval, ...defaultsOf(plan), mode: 'manual' },
      waitSeconds: plan.verification.afterSeconds,
    },
    undoOf: plan.hash,
    madeBy: by,
  };
};

/** Of a plan that ran by itself nobody said how long people are waited for. */
const defaultsOf = ({ approval }: Plan) =>
  approval.mode === 'auto'
    ? {
        expiresSeconds: Math.max(approval.expiresSeconds, defaultApproval.expiresSeconds),
        people: Math.max(1, approval.people),
      }
    : {};
