import type {
  CloudFormationPort,
  CloudFormationStack,
} from '../../platform/aws/actions/cloudformation.aws.ts';
import type { Json } from '../plan.ts';
import { type Action, ActionRefused } from './action.ts';
import type { ActionPorts } from './ports.ts';

export type StackImage = {
  /** Its ARN: a stack that was deleted and made again is another one. */
  readonly stackId: string;
  readonly status: string;
  readonly hasServiceRole: boolean;
};

const stackOf = async (ports: ActionPorts, nameOrArn: string): Promise<CloudFormationStack> => {
  const found = await (await ports.cloudformation()).stack(nameOrArn);
  if (!found) throw new ActionRefused(`there is no stack ${nameOrArn}`);
  return found;
};

type StackAction = Pick<Action, 'verbs' | 'params'> & {
  readonly iamAction: string;
  /** In which states it can be asked for. */
  readonly from: readonly string[];
  /** What is right in some other states. */
  readonly otherwise: Readonly<Record<string, string>>;
  /** Where it ends well, by where it begins. */
  readonly to: Readonly<Record<string, string>>;
  /** CloudFormation uses the caller's own permissions on what is in a stack without a role. */
  readonly needsServiceRole: boolean;
  summary(name: string, params: Readonly<Record<string, Json>>): string;
  run(
    cloudformation: CloudFormationPort,
    stackId: string,
    token: string,
    params: Readonly<Record<string, Json>>,
  ): Promise<void>;
};

/** Ends of an operation that did not come out as wanted. */
const isBadEnd = (status: string): boolean => /_FAILED$/.test(status);
const isUnderWay = (status: string): boolean => /_IN_PROGRESS$/.test(status);
/** DescribeStacks may for so long still tell the state before the call. */
const laggingMs = 20_000;

/** Three ways to bring a stack back to its last good state differ in when they may be used and in one call. */
export const stackAction = (kind: StackAction): Action => ({
  resourceTypes: ['cloudformation-stack'],
  verbs: kind.verbs,
  params: kind.params,
  async read(ports, { id }) {
    const { id: stackId, status, roleArn, tags } = await stackOf(ports, id);
    const before: StackImage = { stackId, status, hasServiceRole: roleArn !== undefined };
    return { before, permissions: [{ actions: [kind.iamAction], resources: [stackId] }], arn: stackId, tags };
  },
  propose(image, { id }, params) {
    const { status, hasServiceRole } = image as StackImage;
    if (!kind.from.includes(status)) {
      const instead = Object.hasOwn(kind.otherwise, status) ? kind.otherwise[status] : undefined;
      if (instead === undefined && Object.values(kind.to).includes(status)) {
        return { unchanged: `the stack ${id} is ${status}` };
      }
      return {
        refused: `the stack ${id} is ${status}, and this is for ${kind.from.join(', ')}${instead === undefined ? '' : `: ${instead}`}`,
      };
    }
    if (kind.needsServiceRole && !hasServiceRole) {
      return {
        refused: `the stack ${id} has no role of its own, so CloudFormation would need Homeostat's permissions on all that is in it, and there are none: give the stack a service role`,
      };
    }
    return {
      expected: { ...(image as StackImage), status: kind.to[status] ?? 'UPDATE_ROLLBACK_COMPLETE' },
      summary: `${kind.summary(id, params)} To take it back, update the stack again.`,
      risk: 'medium',
    };
  },
  async apply(ports, { before, params }) {
    const token = ports.idempotencyToken;
    if (token === undefined) throw new ActionRefused('without an idempotency token nothing is applied');
    await kind.run(await ports.cloudformation(), (before as StackImage).stackId, token, params);
  },
  async verify(ports, { before, expected }, appliedAt) {
    const { stackId, status: earlier } = before as StackImage;
    const { status, statusReason } = await stackOf(ports, stackId);
    const wanted = (expected as { readonly status: string }).status;
    const reason = `CloudFormation says the stack is ${status}${statusReason === '' ? '' : ` (${statusReason})`}`;
    const after = { status };
    if (status === wanted) return { state: 'verified', reason, after };
    const isLagging = status === earlier && ports.clock() < appliedAt + laggingMs;
    if (isUnderWay(status) || isLagging) return { state: 'pending', reason, after };
    return { state: 'failed', reason: isBadEnd(status) ? reason : `${reason}, not ${wanted}`, after };
  },
});
