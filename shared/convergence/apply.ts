import { ruleIdOf } from '../alerting/index.ts';
import { checkIdOf } from '../health/api.ts';
import { maintenanceIdOf } from '../incidents/api.ts';
import { channelIdOf } from '../notifications/index.ts';
import { DomainError } from '../platform/errors.ts';
import type { Pending } from '../platform/outbox/index.ts';
import { policyIdOf } from '../policies/index.ts';
import { scalerIdOf } from '../scaling/api.ts';
import { type Applied, type ApplyWorld, converger } from './converger.ts';
import { type Judged, type JudgeOptions, judgeAll } from './judge.ts';
import { type Change, changeKinds, type Outcome } from './model.ts';

type ApplyOptions = JudgeOptions & {
  /** The principal who asks; the audit keeps it. */
  readonly by: string;
  readonly dryRun: boolean;
};

/** So many changes are on their way at once: a hundred fit into the request's time without a storm on the table. */
const atOnce = 8;

/**
 * Brings what files own to what they say. Everything is judged before the first write: while one change is not valid,
 * nothing is made and the valid ones are held; a dry run tells what each would come to. Then what others need comes
 * before them, and goes after them. What the API owns is refused, unless it is the same already; that is each change's
 * own affair. Applying again after a crash goes on where it stopped.
 */
export const applyChanges = async (
  world: ApplyWorld,
  changes: readonly Change[],
  options: ApplyOptions,
): Promise<{ readonly outcomes: readonly Outcome[]; readonly pending: readonly Pending[] }> => {
  const verdicts = await judgeAll(world, changes, options);
  const isHeld = !options.dryRun && verdicts.some((verdict) => 'fault' in verdict);
  const applied: Applied[] = [];
  const due: { readonly at: number; readonly change: Change; readonly judged: Judged }[] = [];
  for (const [at, change] of changes.entries()) {
    const verdict = verdicts[at];
    if (verdict && 'judged' in verdict && !isHeld) due.push({ at, change, judged: verdict.judged });
    else
      applied[at] = {
        outcome: verdict && 'fault' in verdict ? refused(change, verdict.fault) : held(change),
      };
  }
  const judged = verdicts.flatMap((verdict) => ('judged' in verdict ? [verdict.judged] : []));
  const converge = converger(world, judged, options);
  for (const phase of phases) {
    await inParallel(
      due.filter(({ change }) => phase(change)),
      async ({ at, change, judged }) => {
        applied[at] = await settle(change, () => converge(judged));
      },
    );
  }
  return {
    outcomes: applied.map(({ outcome }) => outcome),
    pending: applied.flatMap(({ pending }) => pending ?? []),
  };
};

const phases: readonly ((change: Change) => boolean)[] = [
  ...changeKinds.map((kind) => (change: Change) => change.op === 'put' && change.kind === kind),
  ...changeKinds
    .toReversed()
    .map((kind) => (change: Change) => change.op === 'remove' && change.kind === kind),
];

const inParallel = async <T>(work: readonly T[], each: (one: T) => Promise<void>): Promise<void> => {
  const queue = work.values();
  const worker = async () => {
    for (const one of queue) await each(one);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
};

/** A refusal by the rules is this change's outcome; a fault of ours ends the whole request. */
const settle = async (change: Change, act: () => Promise<Applied>): Promise<Applied> => {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return { outcome: refused(change, error) };
  }
};

const notMade = (change: Change) => ({ kind: change.kind, id: idIn(change), revision: null });

const refused = (change: Change, { code, message: detail, fields }: DomainError): Outcome => ({
  ...notMade(change),
  outcome: 'refused',
  code,
  detail,
  ...(fields.length > 0 && { errors: [...fields] }),
});

const held = (change: Change): Outcome => ({
  ...notMade(change),
  outcome: 'held',
  detail: 'Another change of the request is not valid, so nothing was made. Mend that one and apply again.',
});

/** Of a definition that may be anything: null when it cannot be told. */
const idIn = (change: Change): string | null => {
  if (change.kind === 'alerting') return 'alerting';
  const given: { readonly deploymentId?: unknown; readonly name?: unknown; readonly slug?: unknown } =
    change.op === 'put' ? change.definition : change;
  const { deploymentId, name, slug } = given;
  if (change.kind === 'statusPage') return isId(slug) ? slug : null;
  if (change.kind === 'deployment') return isId(deploymentId) ? deploymentId : null;
  if (typeof name !== 'string') return null;
  if (change.kind === 'channel') return channelIdOf(name);
  if (change.kind === 'maintenance') return maintenanceIdOf(name);
  if (change.kind === 'policy') return policyIdOf(name);
  if (change.kind === 'scaler') return isId(deploymentId) ? scalerIdOf({ deploymentId, name }) : null;
  const home = deploymentId === undefined ? 'default' : deploymentId;
  if (change.kind === 'check') return isId(home) ? checkIdOf(home, name) : null;
  if (home === null || home === '*') return ruleIdOf(null, name);
  return isId(home) ? ruleIdOf(home, name) : null;
};

const isId = (given: unknown): given is string => typeof given === 'string' && given.length <= 100;
