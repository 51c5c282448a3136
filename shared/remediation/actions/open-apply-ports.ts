import { ActionRefused } from '../../platform/aws/actions/calls.ts';
import type { ActionRoles } from '../../platform/aws/roles.aws.ts';
import { sha256 } from '../../platform/ids.ts';
import type { PlannedAction } from '../plan.ts';
import { openActionPorts, type PortsWorld } from './open-ports.ts';
import type { ActionPorts, OnCall } from './ports.ts';
import { callsAws, sessionPolicyOf } from './session-policy.ts';

/** Which repetition of which action it is. */
type Application = { readonly planHash: string; readonly attempt: number; readonly no: number };

/** The same for every repetition of one attempt of one action; 64 hexadecimal digits, as long as EC2 takes. */
export const idempotencyTokenOf = ({ planHash, attempt, no }: Application): string =>
  sha256(`${planHash}#${no}#${attempt}`);

export type ApplyPortsWorld = Omit<PortsWorld, 'credentials' | 'onCall' | 'idempotencyToken'> & {
  /** Left out: no action of AWS was opted in. */
  readonly roles?: Pick<ActionRoles, 'assume'> | undefined;
};

/**
 * What one action is applied with: the role of its kind, narrowed to what was planned. Throws `ActionRefused` while
 * nothing was changed.
 */
export const openApplyPorts = async (
  { roles, ...world }: ApplyPortsWorld,
  planned: PlannedAction,
  application: Application,
  onCall: OnCall,
): Promise<ActionPorts> => {
  const idempotencyToken = idempotencyTokenOf(application);
  if (!callsAws(planned.kind)) return openActionPorts({ ...world, onCall, idempotencyToken });
  const session = sessionPolicyOf(planned);
  if ('refused' in session) throw new ActionRefused(session.refused);
  if (!roles) throw new ActionRefused(`${planned.kind} has no role: no action of AWS was opted in at deploy`);
  const { policy } = session;
  const sessionName = application.planHash.slice(0, 12);
  const credentials = await roles.assume(planned.kind, { policy, sessionName }).catch((cause: unknown) => {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new ActionRefused(`the role of ${planned.kind} could not be taken: ${said}`, { cause });
  });
  return openActionPorts({ ...world, onCall, idempotencyToken, credentials });
};
