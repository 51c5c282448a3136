import type { ActionKind } from '../platform/action-kinds.ts';
import type { Actions } from './action-for.ts';
import type { ActionPorts, OnCall } from './actions/ports.ts';
import { applyAction, type Outcome } from './apply-action.ts';
import { decideApply, withProgress } from './decide-apply.ts';
import { holdsLeases } from './lease.ts';
import type { PlannedAction } from './plan.ts';
import type { Hold, LogEntry, Remediation } from './remediation.ts';
import type { RemedyWorld } from './remedy-world.ts';
import type { ApplyAnswer, StepInput } from './steps.ts';
import { readStop } from './stop-switch.ts';
import { changeRemediation, noRemediation, readRemediation } from './store.ts';

/** Which repetition of which action it is. */
export type Application = {
  readonly planHash: string;
  readonly attempt: number;
  /** Index in the plan. */
  readonly no: number;
};

export type ApplyWorld = RemedyWorld & {
  readonly actions: Actions;
  readonly optedIn: readonly ActionKind[];
  /** Takes the role of the action, narrowed to the plan. Throws before anything was changed. */
  readonly openPorts: (
    planned: PlannedAction,
    application: Application,
    onCall: OnCall,
  ) => Promise<ActionPorts>;
  /** Epoch ms: nothing is begun later, so that what is under way ends before the function does. */
  readonly endsAt: number;
};

/**
 * Applies one attempt of one plan: its actions one after another, until one does not succeed. Each is noted as begun
 * before it is, by compare-and-set, so that of any number of invocations one begins it, once; whoever finds it begun
 * leaves it to a person. What was refused for sure may be tried as the next attempt.
 */
export const applyPlan = async (
  world: ApplyWorld,
  { planHash, attempt }: StepInput,
): Promise<ApplyAnswer> => {
  const found = await readRemediation(world.state, planHash);
  if (!found) throw noRemediation();
  const { afterSeconds } = found.plan.verification;
  const close = (reason: string): ApplyAnswer => ({ next: 'close', verifyAfterSeconds: 0, reason });
  let remediation = found;
  for (;;) {
    const decision = decideApply(remediation, attempt);
    if (decision.kind === 'close') return close(decision.reason);
    if (decision.kind === 'verify') {
      const isApplied = remediation.actions.every(({ state }) => state === 'applied');
      return { next: 'verify', verifyAfterSeconds: isApplied ? afterSeconds : 0, reason: decision.reason };
    }
    const { no } = decision;
    const hold = await holdOf(world, remediation, no);
    if (hold) return close((await heldBack(world, remediation, hold)).reason);
    if (world.clock() >= world.endsAt)
      return {
        next: 'verify',
        verifyAfterSeconds: 0,
        reason: 'there was no time left to begin the next action',
      };
    const next = await applyNext(world, remediation, { planHash, attempt, no });
    if (next === 'begun elsewhere') return close('another invocation began it');
    remediation = next;
  }
};

/** What may have come up since the gate: read now, consistently. */
const holdOf = async (
  { state, optedIn, clock }: ApplyWorld,
  { plan, attempt }: Remediation,
  no: number,
): Promise<Hold | undefined> => {
  const kind = plan.actions[no]?.kind;
  if (kind === undefined || !optedIn.includes(kind))
    return { brake: 'not_opted_in', reason: `the action ${kind} is not opted in` };
  const stop = await readStop(state);
  if (stop.isOn) {
    const why = stop.reason ? `: ${stop.reason}` : '';
    return { brake: 'stop_switch', reason: `${stop.by ?? 'somebody'} stopped all remediation${why}` };
  }
  if (await holdsLeases(state, { plan, attempt, now: clock() })) return undefined;
  return { brake: 'lease_held', reason: 'it does not hold the lease of its resources any more' };
};

const heldBack = async (world: ApplyWorld, { plan }: Remediation, hold: Hold): Promise<Remediation> => {
  const { remediation } = await changeRemediation(world, plan.hash, (found, now) => {
    // Somebody else's doing goes on: only who begins may say how it ended.
    if (decideApply(found, found.attempt).kind !== 'apply') return { answer: undefined };
    const done = found.actions.filter(({ state }) => state === 'applied').length;
    const partly = done > 0 ? `; ${done} of ${found.actions.length} actions were applied before` : '';
    const reason = `${hold.reason}${partly}`;
    const entry: LogEntry = { at: now, kind: 'held', by: 'homeostat', attempt: found.attempt, text: reason };
    const held: Remediation = { ...found, status: 'held', reason, holds: [hold], endedAt: now };
    return { draft: { remediation: held, entries: [entry] }, answer: undefined };
  });
  return remediation;
};

const applyNext = async (
  world: ApplyWorld,
  { plan }: Remediation,
  application: Application,
): Promise<Remediation | 'begun elsewhere'> => {
  const { no, attempt } = application;
  const planned = plan.actions[no];
  if (!planned) throw new Error(`the plan has no action ${no}`);
  const by = world.newId();
  const begun = await changeRemediation(world, plan.hash, (found, now) => {
    const decision = decideApply(found, attempt);
    if (decision.kind !== 'apply' || decision.no !== no) return { answer: false };
    const { appliedAt } = found.actions[no] ?? {};
    const progress = { state: 'applying', attempt, by, startedAt: now, appliedAt } as const;
    const entry: LogEntry = {
      at: now,
      kind: 'started',
      by: plan.madeBy,
      attempt,
      text: planned.summary,
      before: planned.before,
    };
    return { draft: { remediation: withProgress(found, no, progress), entries: [entry] }, answer: true };
  });
  if (!begun.answer) return 'begun elsewhere';
  const outcome = await applyAction(world, planned, application);
  return ended(world, application, by, planned, outcome);
};

/** Notes how it ended, unless somebody meanwhile took it for unknown: then it stays so, and the record says what came. */
const ended = async (
  world: ApplyWorld,
  { planHash, no, attempt }: Application,
  by: string,
  planned: PlannedAction,
  outcome: Outcome,
): Promise<Remediation> => {
  const { remediation } = await changeRemediation(world, planHash, (found, now) => {
    const own = found.actions[no];
    const isOurs = own?.state === 'applying' && own.by === by;
    const entry: LogEntry = {
      at: now,
      kind: outcome.state === 'applied' ? 'applied' : 'not_applied',
      by: 'homeostat',
      attempt,
      text: outcome.state === 'applied' ? planned.summary : `${planned.summary}: ${outcome.reason}`,
      durationMs: outcome.durationMs,
    };
    if (!isOurs) return { draft: { remediation: found, entries: [entry] }, answer: undefined };
    const { state, reason, receipt } = outcome;
    const appliedAt = state === 'applied' ? now : own.appliedAt;
    const progress = { ...own, state, endedAt: now, reason, receipt, appliedAt };
    const next = withProgress(found, no, progress);
    return {
      draft: { remediation: state === 'applied' ? { ...next, appliedAt: now } : next, entries: [entry] },
      answer: undefined,
    };
  });
  return remediation;
};
