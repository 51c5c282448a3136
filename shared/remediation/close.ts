import { count } from './counters.ts';
import { decideClose, hasChanged } from './decide-close.ts';
import { escalate, resolveOccasion } from './escalate.ts';
import { freeLeases, noteVerdict } from './lease.ts';
import { releaseLimits } from './limits.ts';
import { keepEntry } from './log.ts';
import { isOver, type LogEntry, type Remediation } from './remediation.ts';
import type { RemedyWorld } from './remedy-world.ts';
import { withSavings } from './savings.ts';
import type { CloseAnswer, CloseInput } from './steps.ts';
import { changeRemediation, readRemediation } from './store.ts';

/**
 * Ends a remediation, if no step did yet, and does what follows from its end: leases, verdict, cooldown, the finding that
 * calls people and the one that it was for, counters, the note at what it undid. All of it may be done again and is done
 * once; a repeat does what the one before left. Throws NOT_FOUND for a plan that was never kept.
 */
export const closeRemediation = async (
  world: RemedyWorld,
  { planHash, failure }: Pick<CloseInput, 'planHash' | 'failure'>,
): Promise<CloseAnswer> => {
  const { remediation } = await changeRemediation(world, planHash, (found, now) => {
    if (isOver(found.status)) return { answer: undefined };
    return { draft: { remediation: decideClose(found, failure, now), entries: [] }, answer: undefined };
  });
  const { status, reason, closedAt } = remediation;
  if (closedAt === undefined) await finish(world, remediation);
  return { status, reason };
};

const finish = async (world: RemedyWorld, remediation: Remediation): Promise<void> => {
  const { plan, status, endedAt } = remediation;
  const now = endedAt ?? world.clock();
  if (hasChanged(remediation)) await noteVerdict(world, { plan, status, now });
  else {
    await freeLeases(world, plan, now);
    await releaseLimits(world, plan, now);
  }
  await escalate(world, remediation);
  await resolveOccasion(world, remediation);
  if (plan.undoOf !== undefined && status === 'succeeded') await noteUndone(world, plan.undoOf, remediation);
  await count(world, remediation);
  // Kept before the item says that nothing is left: nobody would come back for it.
  await keepEntry(world.state, plan.hash, endEntry(remediation));
  await changeRemediation(world, plan.hash, (found, at) =>
    found.closedAt === undefined
      ? { draft: { remediation: { ...found, closedAt: at }, entries: [] }, answer: undefined }
      : { answer: undefined },
  );
};

const endEntry = (ended: Remediation): LogEntry => {
  const { plan, status, reason, attempt, startedAt, endedAt = startedAt, after } = ended;
  return {
    at: endedAt,
    kind: 'ended',
    by: 'homeostat',
    attempt,
    text: status === 'succeeded' ? withSavings(`${status}: ${reason}`, plan) : `${status}: ${reason}`,
    durationMs: Math.max(0, endedAt - startedAt),
    ...(plan.actions.length === 1 && { before: plan.actions[0]?.before }),
    ...(after?.length === 1 && { after: after[0] }),
  };
};

const noteUndone = async (world: RemedyWorld, undone: string, undo: Remediation): Promise<void> => {
  const { hash } = undo.plan;
  const found = await readRemediation(world.state, undone);
  // Its record is kept for a year; what is older was undone all the same.
  if (!found) return;
  await keepEntry(world.state, undone, {
    at: undo.endedAt ?? undo.updatedAt,
    kind: 'ended',
    by: undo.plan.madeBy,
    attempt: found.attempt,
    text: `undone by ${hash}`,
  });
  await changeRemediation(world, undone, (known) =>
    known.undoneBy === undefined
      ? { draft: { remediation: { ...known, undoneBy: hash }, entries: [] }, answer: undefined }
      : { answer: undefined },
  );
};
