import type { DeploymentResource } from '../../../shared/catalog/index.ts';
import type { ActionKind } from '../../../shared/platform/action-kinds.ts';
import type { CallMade } from '../../../shared/platform/aws/actions/calls.ts';
import type { Action, ActionVerdict } from '../../../shared/remediation/actions/action.ts';
import { openActionPorts } from '../../../shared/remediation/actions/open-ports.ts';
import { actionRegistry } from '../../../shared/remediation/actions/registry.ts';
import { sessionPolicyOf } from '../../../shared/remediation/actions/session-policy.ts';
import type { Json, PlannedAction } from '../../../shared/remediation/plan.ts';

type Params = Readonly<Record<string, Json>>;
type Wanted = readonly [kind: ActionKind, resource: Pick<DeploymentResource, 'type' | 'id'>, params?: Params];

const registry: Readonly<Partial<Record<ActionKind, Action>>> = actionRegistry;
const actionOf = (kind: ActionKind): Action => {
  const action = registry[kind];
  if (!action) throw new Error(`there is no action ${kind}`);
  return action;
};

/** Plans, applies and verifies as the steps of a workflow do, each with ports of its own. */
export const performer = (credentials: { accessKeyId: string; secretAccessKey: string }) => {
  const calls: CallMade[] = [];
  let made = 0;
  const ports = (idempotencyToken?: string) =>
    openActionPorts({
      clock: Date.now,
      signal: AbortSignal.timeout(20_000),
      onCall: (call) => calls.push(call),
      credentials,
      region: 'us-east-1',
      idempotencyToken,
    });

  const plan = async (
    ...[kind, { type, id }, params = {}]: Wanted
  ): Promise<PlannedAction | { readonly refused: string } | { readonly unchanged: string }> => {
    const resource = { name: id, type, id };
    const { before, permissions } = await actionOf(kind).read(ports(), resource, params);
    const proposed = actionOf(kind).propose(before, resource, params);
    return 'expected' in proposed ? { kind, resource, params, before, permissions, ...proposed } : proposed;
  };
  const planned = async (...wanted: Wanted): Promise<PlannedAction> => {
    const answer = await plan(...wanted);
    if ('kind' in answer) {
      const session = sessionPolicyOf(answer);
      if ('refused' in session) throw new Error(session.refused);
      return answer;
    }
    throw new Error(`there is no plan: ${JSON.stringify(answer)}`);
  };
  const apply = async (action: PlannedAction, token?: string) => {
    let receipt: Json | undefined;
    made += 1;
    const fresh = `${made}`.padStart(64, '0');
    await actionOf(action.kind).apply(ports(token ?? fresh), action, (kept) => {
      receipt = kept;
    });
    return receipt;
  };
  const verify = (action: PlannedAction, receipt?: Json): Promise<ActionVerdict> =>
    actionOf(action.kind).verify(ports(), action, Date.now(), receipt);
  const perform = async (...wanted: Wanted) => {
    const action = await planned(...wanted);
    const receipt = await apply(action);
    return { action, receipt, verdict: await verify(action, receipt) };
  };
  const undo = async ({ undo: back, resource }: PlannedAction) => {
    if (!back) throw new Error('it cannot be taken back');
    return perform(back.kind, resource, back.params);
  };
  return { calls, plan, planned, apply, verify, perform, undo };
};
