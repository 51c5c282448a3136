import { registerDeployment } from '../catalog/index.ts';
import { removeDeployment } from '../deployments/index.ts';
import { type CheckSettings, checkIdOf, putCheck, withdrawCheck } from '../health/api.ts';
import type { Reach } from '../platform/api/caller.ts';
import type { Parameters } from '../platform/aws/parameters.aws.ts';
import type { Clock } from '../platform/clock.ts';
import type { Place } from '../platform/environment.ts';
import { DomainError } from '../platform/errors.ts';
import type { NewId } from '../platform/ids.ts';
import type { Pending } from '../platform/outbox/index.ts';
import type { Table } from '../storage/table.ts';
import { type Judged, judgeAll } from './judge.ts';
import type { Change, Outcome } from './model.ts';

type ApplyWorld = {
  readonly state: Pick<Table, 'get' | 'query' | 'put' | 'update'>;
  readonly checkSecrets: Pick<Parameters, 'list'>;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly place: Place;
};

type ApplyOptions = { readonly reach: Reach; readonly settings: CheckSettings; readonly dryRun: boolean };

/** What one change came to; `pending` is to be published. */
type Applied = { readonly outcome: Outcome; readonly pending?: Pending | undefined };

/** So many changes are on their way at once: a hundred fit into the request's time without a storm on the table. */
const atOnce = 8;

/**
 * Brings what files own to what they say. Everything is judged before the first write: while one change is not valid,
 * nothing is made and the valid ones are held; a dry run tells what each would come to. Then deployments come before the
 * checks that need them, checks before the deployments that held them. What the API owns is refused, unless it is
 * the same already; that is each change's own affair. Applying again after a crash goes on where it stopped.
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
  const converge = converger(world, changes, options);
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
  (change) => change.op === 'put' && change.kind === 'deployment',
  (change) => change.op === 'put' && change.kind === 'check',
  (change) => change.op === 'remove' && change.kind === 'check',
  (change) => change.op === 'remove' && change.kind === 'deployment',
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

const idIn = (change: Change): string | null => {
  const given: { readonly deploymentId?: unknown; readonly name?: unknown } =
    change.op === 'put' ? change.definition : change;
  const deploymentId = given.deploymentId ?? (change.kind === 'check' ? 'default' : undefined);
  if (typeof deploymentId !== 'string' || deploymentId.length > 100) return null;
  if (change.kind === 'deployment') return deploymentId;
  return typeof given.name === 'string' ? checkIdOf(deploymentId, given.name) : null;
};

const converger = (world: ApplyWorld, changes: readonly Change[], { reach, dryRun }: ApplyOptions) => {
  const idsOf = (op: Change['op'], kind: Change['kind']) =>
    new Set(
      changes.flatMap((change) => (change.op === op && change.kind === kind ? (idIn(change) ?? []) : [])),
    );
  const planned = idsOf('put', 'deployment');
  const leaving = idsOf('remove', 'check');
  const owner = 'file' as const;
  // Only a dry run believes what is merely planned; a real one has written it before or was refused.
  const isPlanned = (deploymentId: string) => dryRun && planned.has(deploymentId);
  const isLeaving = (checkId: string) => dryRun && leaving.has(checkId);

  return async (change: Judged): Promise<Applied> => {
    const { kind } = change;
    if (change.op === 'put' && change.kind === 'deployment') {
      const { definition } = change;
      const { outcome, record, pending } = await registerDeployment(world, { definition, owner, dryRun });
      return told(kind, definition.deploymentId, outcome, record.revision, pending);
    }
    if (change.op === 'put') {
      const put = { reach, owner, dryRun, isPlanned };
      const { outcome, record, pending } = await putCheck(world, change.definition, put);
      return told(kind, record.id, outcome, record.revision, pending);
    }
    if (change.kind === 'check') {
      const { outcome, record, pending } = await withdrawCheck(world, change, { reach, owner, dryRun });
      const id = checkIdOf(change.deploymentId, change.name);
      return told(kind, id, outcome, record?.revision ?? null, pending);
    }
    const outcome = await removeDeployment(world, change.deploymentId, { reach, owner, dryRun, isLeaving });
    return told(kind, change.deploymentId, outcome, null, undefined);
  };
};

const told = (
  kind: Outcome['kind'],
  id: string,
  outcome: Outcome['outcome'],
  revision: number | null,
  pending: Pending | undefined,
): Applied => ({ outcome: { kind, id, outcome, revision }, pending });
