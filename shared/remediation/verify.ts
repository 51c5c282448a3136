import { type CheckRecord, isPaused, loadCheck, readStandings } from '../health/index.ts';
import { inParallel } from '../platform/in-parallel.ts';
import type { Table } from '../storage/table.ts';
import type { Actions } from './action-for.ts';
import type { ActionVerdict } from './actions/action.ts';
import type { ActionPorts } from './actions/ports.ts';
import { backoffSeconds } from './backoff.ts';
import {
  type CheckSeen,
  decideVerification,
  nextActions,
  type Seen,
  type Verification,
  whyNotWell,
} from './decide-verification.ts';
import { keepEntries } from './log.ts';
import type { Json } from './plan.ts';
import { isOver, type LogEntry, type Remediation } from './remediation.ts';
import type { RemedyWorld } from './remedy-world.ts';
import type { StepInput, VerifyAnswer } from './steps.ts';
import { changeRemediation, noRemediation, readRemediation } from './store.ts';

export type VerifyWorld = RemedyWorld & {
  readonly state: Pick<Table, 'get' | 'query' | 'put' | 'update'>;
  readonly telemetry: Pick<Table, 'batchGet'>;
  readonly actions: Actions;
  /** With read-only permissions; new ones for each action. */
  readonly openPorts: () => ActionPorts;
  /** Has checks looked at now. */
  readonly look: (checks: readonly CheckRecord[], occasion: string) => Promise<void>;
};

/**
 * Sees whether the attempt helped, and writes what follows: it succeeded, it is tried again, or it failed. A repeat sees
 * the same or more, and an attempt that is over already is answered as it was.
 */
export const verifyPlan = async (
  world: VerifyWorld,
  { planHash, attempt }: StepInput,
): Promise<VerifyAnswer> => {
  const remediation = await readRemediation(world.state, planHash);
  if (!remediation) throw noRemediation();
  const decided = answeredBefore(remediation, attempt);
  if (decided) return decided;
  const isApplied = remediation.actions.every(({ state }) => state === 'applied');
  const looked = isApplied ? await lookAt(world, remediation) : undefined;
  const verification = decideVerification(remediation, looked?.seen, world.clock());
  if (verification.kind === 'again') {
    await lookOnceMore(world, remediation, looked);
    return {
      next: 'again',
      waitSeconds: verification.waitSeconds,
      nextAttempt: attempt,
      reason: verification.reason,
    };
  }
  if (looked) await keepSeen(world, remediation, looked.seen, verification);
  return write(world, remediation, looked?.seen, verification);
};

const closing = (attempt: number, reason: string): VerifyAnswer => ({
  next: 'close',
  waitSeconds: 0,
  nextAttempt: attempt,
  reason,
});

const retrying = ({ plan, attempt }: Remediation, reason: string): VerifyAnswer => ({
  next: 'retry',
  waitSeconds: backoffSeconds(plan.attempts.backoff, attempt - 1),
  nextAttempt: attempt,
  reason,
});

/** What needs no look: it is over, unknown, or the next attempt was decided on by this step before it was killed. */
const answeredBefore = (remediation: Remediation, attempt: number): VerifyAnswer | undefined => {
  const { status, reason, actions } = remediation;
  if (isOver(status)) return closing(attempt, `it is over: ${status} (${reason})`);
  if (remediation.attempt > attempt) return retrying(remediation, reason);
  if (status !== 'running' || remediation.attempt < attempt)
    return closing(
      attempt,
      `attempt ${attempt} is not under way: it is ${status} with attempt ${remediation.attempt}`,
    );
  const isUnknown = actions.some(({ state }) => state === 'applying' || state === 'unknown');
  return isUnknown ? closing(attempt, 'whether an action was done is not known') : undefined;
};

type Looked = { readonly seen: Seen; readonly waiting: readonly CheckRecord[] };

const lookAt = async (world: VerifyWorld, remediation: Remediation): Promise<Looked> => {
  const [verdicts, { checks, waiting }] = await Promise.all([
    verdictsOf(world, remediation),
    checksOf(world, remediation),
  ]);
  return { seen: { verdicts, checks }, waiting };
};

const readAtOnce = 5;

const verdictsOf = async (world: VerifyWorld, remediation: Remediation): Promise<ActionVerdict[]> => {
  const { plan, actions, appliedAt = 0 } = remediation;
  const verdicts: ActionVerdict[] = [];
  await inParallel([...plan.actions.entries()], readAtOnce, async ([at, planned]) => {
    const own = actions[at];
    const action = world.actions[planned.kind];
    if (!action) {
      verdicts[at] = { state: 'failed', reason: `there is no action ${planned.kind}`, after: null };
      return;
    }
    try {
      verdicts[at] = await action.verify(
        world.openPorts(),
        planned,
        own?.appliedAt ?? appliedAt,
        own?.receipt,
      );
    } catch (error) {
      // What cannot be read now may be readable later; until the deadline that is no verdict.
      const said = error instanceof Error ? error.message : String(error);
      verdicts[at] = { state: 'pending', reason: `${planned.resource.name}: ${said}`, after: null };
    }
  });
  return verdicts;
};

const checksOf = async (
  world: VerifyWorld,
  { plan, appliedAt = 0 }: Remediation,
): Promise<{ readonly checks: readonly CheckSeen[]; readonly waiting: readonly CheckRecord[] }> => {
  const records = new Map<string, CheckRecord>();
  await inParallel(plan.verification.checkIds, readAtOnce, async (id) => {
    const stored = await loadCheck(world.state, id);
    if (stored && stored.record.deletedAt === undefined) records.set(id, stored.record);
  });
  const found = [...records.values()];
  const standings = await readStandings(world.telemetry, found, world.clock(), { consistent: true });
  const checks = plan.verification.checkIds.map((id): CheckSeen => {
    const record = records.get(id);
    const standing = standings.get(id);
    if (!record || !standing || isPaused(record)) {
      const name = record?.definition.name ?? id;
      return { name, isSilent: true, status: 'unknown', lastCheckedAt: null, reason: null };
    }
    const { status, lastCheckedAt, reason } = standing;
    return { name: record.definition.name, isSilent: false, status, lastCheckedAt, reason };
  });
  const waiting = plan.verification.checkIds.flatMap((id, at) => {
    const [record, check] = [records.get(id), checks[at]];
    return record && check && whyNotWell(check, appliedAt) !== undefined ? [record] : [];
  });
  return { checks, waiting };
};

/** What is waited for is asked for: a check of every hour would not see in time that all is well. */
const lookOnceMore = async (
  world: VerifyWorld,
  { plan, attempt }: Remediation,
  looked: Looked | undefined,
): Promise<void> => {
  if (!looked || looked.waiting.length === 0) return;
  try {
    await world.look(looked.waiting, `${plan.hash}:${attempt}:${world.clock()}`);
  } catch (error) {
    world.onTrouble('checks were not asked to look now; their next slot tells', error as Error);
  }
};

/** What was seen of each action, with the images that are too large for the item. */
const keepSeen = async (
  world: VerifyWorld,
  { plan, attempt }: Remediation,
  { verdicts }: Seen,
  verification: Verification,
): Promise<void> => {
  const now = world.clock();
  const kind = verification.kind === 'verified' ? 'verified' : 'not_verified';
  const entries = verdicts.map(
    ({ reason, after }, at): LogEntry => ({
      at: now,
      kind,
      by: 'homeostat',
      attempt,
      text: reason,
      before: plan.actions[at]?.before,
      after: bounded(after),
    }),
  );
  await keepEntries(world.state, plan.hash, entries);
};

const mostImageBytes = 8 * 1024;
/** All images together, in the item. */
const mostKeptBytes = 50 * 1024;

const bounded = (image: Json): Json => {
  const bytes = Buffer.byteLength(JSON.stringify(image ?? null));
  return bytes <= mostImageBytes ? image : `It has ${bytes} bytes; the record keeps up to ${mostImageBytes}.`;
};

const afterOf = (seen: Seen): readonly Json[] | undefined => {
  const images = seen.verdicts.map(({ after }) => bounded(after));
  return Buffer.byteLength(JSON.stringify(images)) <= mostKeptBytes ? images : undefined;
};

const write = async (
  world: VerifyWorld,
  { plan, attempt }: Remediation,
  seen: Seen | undefined,
  verification: Exclude<Verification, { kind: 'again' }>,
): Promise<VerifyAnswer> => {
  const { answer } = await changeRemediation(world, plan.hash, (found, now) => {
    const before = answeredBefore(found, attempt);
    if (before) return { answer: before };
    const { reason } = verification;
    const after = seen && afterOf(seen);
    if (verification.kind === 'failed' && verification.isRetried) {
      const retried: Remediation = {
        ...found,
        reason: `attempt ${attempt} did not help: ${reason}`,
        attempt: attempt + 1,
        actions: nextActions(found, seen),
        after,
      };
      const entry: LogEntry = { at: now, kind: 'retry', by: 'homeostat', attempt, text: reason };
      return { draft: { remediation: retried, entries: [entry] }, answer: retrying(retried, retried.reason) };
    }
    const status = verification.kind === 'verified' ? 'succeeded' : 'failed';
    const entry: LogEntry = {
      at: now,
      kind: status === 'succeeded' ? 'verified' : 'not_verified',
      by: 'homeostat',
      attempt,
      text: reason,
    };
    const ended: Remediation = { ...found, status, reason, after, endedAt: now };
    return { draft: { remediation: ended, entries: [entry] }, answer: closing(attempt, reason) };
  });
  return answer;
};
