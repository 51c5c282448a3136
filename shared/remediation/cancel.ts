import { type Reach, reaches } from '../platform/api/caller.ts';
import { DomainError } from '../platform/errors.ts';
import { decidedEvent, decisionAudit } from './approve.ts';
import { hasChanged } from './decide-close.ts';
import { isOver, type Remediation } from './remediation.ts';
import type { RemedyWorld } from './remedy-world.ts';
import { changeRemediation, noRemediation } from './store.ts';

/**
 * Ends a remediation before it changes anything, or anything more: its workflow finds it so at its next step. Cancelling it again changes
 * nothing. Throws CONFLICT when a change was begun (it can be undone once it is over) or it is over.
 */
export const cancel = async (
  world: RemedyWorld,
  planHash: string,
  given: { readonly by: string; readonly comment?: string | undefined; readonly reach?: Reach | undefined },
): Promise<Remediation> => {
  const { by, comment, reach } = given;
  const { remediation } = await changeRemediation(world, planHash, (found, now) => {
    if (reach !== undefined && !reaches(reach, found.plan.deploymentId)) throw noRemediation();
    if (found.status === 'cancelled') return { answer: undefined };
    requireUnbegun(found);
    // Between two attempts: what the first one changed stays changed, and can be undone.
    const after = hasChanged(found) ? ' after an attempt that changed something' : '';
    const reason = `cancelled by ${by}${after}${comment === undefined ? '' : `: ${comment}`}`;
    const cancelled: Remediation = { ...found, status: 'cancelled', reason, endedAt: now };
    return {
      draft: {
        remediation: cancelled,
        entries: [{ at: now, kind: 'cancelled', by, attempt: found.attempt, text: comment ?? reason }],
        events: [
          decidedEvent(world, cancelled, by, now),
          decisionAudit(world, found, cancelled, { by, action: 'cancelled' }, now),
        ],
      },
      answer: undefined,
    };
  });
  return remediation;
};

const requireUnbegun = ({ status, reason, actions }: Remediation): void => {
  if (isOver(status))
    throw new DomainError(
      'CONFLICT',
      `It is over already: ${status} (${reason}). Undo it where it changed something.`,
    );
  if (actions.every(({ state }) => state === 'pending' || state === 'failed')) return;
  throw new DomainError(
    'CONFLICT',
    'A change was begun and cannot be called back. Wait for its end, then undo it; the stop switch holds further ones.',
  );
};
