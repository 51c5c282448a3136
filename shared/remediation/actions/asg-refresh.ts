import type { Action } from './action.ts';
import { groupNamed, suspendedFor } from './asg-group.ts';

type Before = {
  readonly desired: number;
  readonly protected: number;
  readonly suspended: readonly string[];
  readonly isBeingDeleted: boolean;
  /** Status of the refresh that is under way; null: none. */
  readonly refresh: string | null;
};
type Params = { readonly minHealthyPercent?: number; readonly cancel?: boolean };

const over: readonly string[] = ['Successful', 'Failed', 'Cancelled', 'RollbackSuccessful', 'RollbackFailed'];
/** What AWS takes when none is said. */
const defaultMinHealthyPercent = 90;

/** Replaces the instances of a group one after another. `cancel` stops one that is under way. */
export const asgRefresh: Action = {
  resourceTypes: ['auto-scaling-group'],
  verbs: ['restart', 'replace'],
  params: (z) =>
    z.strictObject({
      minHealthyPercent: z.int().min(0).max(100).exactOptional(),
      cancel: z.boolean().exactOptional(),
    }),
  read: async (ports, { id }, { cancel }) => {
    const group = await groupNamed(ports, id);
    const [last] = await (await ports.autoscaling()).refreshes(id);
    const { desired, suspended, isBeingDeleted, arn, tags } = group;
    const before: Before = {
      desired,
      protected: group.members.filter((member) => member.isProtected).length,
      suspended,
      isBeingDeleted,
      refresh: last === undefined || over.includes(last.status) ? null : last.status,
    };
    const action = cancel === true ? 'autoscaling:CancelInstanceRefresh' : 'autoscaling:StartInstanceRefresh';
    return { before, permissions: [{ actions: [action], resources: [arn] }], arn, tags };
  },
  propose: (image, { id }, params) => {
    const before = image as Before;
    const { cancel, minHealthyPercent = defaultMinHealthyPercent } = params as Params;
    if (before.isBeingDeleted) return { refused: `the group ${id} is being deleted` };
    if (cancel === true) {
      if (before.refresh === null) return { unchanged: `no refresh of the group ${id} is under way` };
      return {
        expected: { refresh: null },
        summary: `Cancel the instance refresh of the group ${id}; what it replaced stays replaced.`,
        risk: 'low',
      };
    }
    if (before.refresh !== null)
      return { refused: `a refresh of the group ${id} is under way (${before.refresh}): wait for its end` };
    if (before.desired === 0) return { unchanged: `the group ${id} has no instance` };
    const held = suspendedFor(id, before.suspended, ['Launch', 'Terminate', 'ReplaceUnhealthy']);
    if (held !== undefined) return { refused: held };
    if (before.protected >= before.desired)
      return {
        refused: `every instance of the group ${id} is protected from scale-in: none would be replaced`,
      };
    const kept =
      before.protected === 0 ? '' : ` ${before.protected} that are protected from scale-in are left out.`;
    return {
      expected: { refresh: null },
      undo: { kind: 'asg-refresh', params: { cancel: true } },
      summary: `Replace the ${before.desired} instances of the group ${id}, with at least ${minHealthyPercent} percent of them healthy.${kept}`,
      risk: before.desired === 1 ? 'high' : 'medium',
    };
  },
  apply: async (ports, { resource: { id }, params }, keep) => {
    const { cancel, minHealthyPercent = defaultMinHealthyPercent } = params as Params;
    const autoscaling = await ports.autoscaling();
    if (cancel === true) await autoscaling.cancelRefresh(id);
    else keep({ refreshId: await autoscaling.startRefresh(id, minHealthyPercent) });
  },
  verify: async (ports, { resource: { id }, params }, _appliedAt, receipt) => {
    const { refreshId } = (receipt ?? {}) as { readonly refreshId?: string };
    const all = await (await ports.autoscaling()).refreshes(id);
    const found = refreshId === undefined ? all[0] : all.find((one) => one.id === refreshId);
    if (!found)
      return { state: 'pending', reason: `Auto Scaling does not tell of the refresh of ${id}`, after: null };
    const after = { refresh: found.status, percent: found.percent };
    const why = found.reason === undefined ? '' : `: ${found.reason}`;
    const reason = `Auto Scaling says of the refresh of ${id}: ${found.status}, ${found.percent} percent${why}`;
    if (!over.includes(found.status)) return { state: 'pending', reason, after };
    const good = (params as Params).cancel === true ? 'Cancelled' : 'Successful';
    return { state: found.status === good ? 'verified' : 'failed', reason, after };
  },
};
