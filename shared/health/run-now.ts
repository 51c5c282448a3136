import type { Queue } from '../platform/aws/queue.aws.ts';
import type { Clock } from '../platform/clock.ts';
import { DomainError } from '../platform/errors.ts';
import { type NewId, sha256 } from '../platform/ids.ts';
import { ConditionFailed } from '../storage/condition.ts';
import type { Table } from '../storage/table.ts';
import { type CheckRecord, type CheckResult, isPaused } from './check.ts';
import { resultsKey, runKey } from './keys.ts';
import { latestRunNowMs, type NowMessage } from './message.ts';
import { toRunResult } from './results.ts';
import { isInVpc, parseShardId } from './shard.ts';
import { fromResultsItem } from './slot-results.ts';

/** A run that people asked for: where and when its one result will stand. */
export type AskedRun = {
  readonly runId: string;
  readonly checkId: string;
  /** Epoch ms. */
  readonly at: number;
  readonly shard: string;
  readonly no: number;
};

type AskWorld = {
  readonly telemetry: Pick<Table, 'get' | 'update'>;
  readonly slots: Pick<Queue, 'send'>;
  readonly vpcSlots?: Pick<Queue, 'send'> | undefined;
  readonly clock: Clock;
  readonly newId: NewId;
};

/** As long as results are kept where nothing else is said. */
const keptSeconds = 3 * 86_400;
/** From a message's last chance to be run until its result is there. */
const runMs = 60_000;

/**
 * Has a check looked at once, at once, beside its slots. The same `requestId` gives the same run, sent again while it
 * can still be run: a repeat changes nothing. Throws CONFLICT for a check that is paused or in no plan yet.
 */
export const askForRun = async (
  world: AskWorld,
  check: CheckRecord,
  requestId: string | undefined,
): Promise<AskedRun> => {
  const place = requirePlace(check);
  const runId = sha256(requestId === undefined ? world.newId() : `${check.id}\n${requestId}`).slice(0, 16);
  const run = await keep(world, {
    runId,
    checkId: check.id,
    at: world.clock(),
    shard: place.shard,
    no: place.no,
  });
  if (world.clock() <= run.at + latestRunNowMs) await send(world, run);
  return run;
};

const requirePlace = (check: CheckRecord) => {
  const { pausedAt, placements } = check;
  if (isPaused(check)) {
    throw new DomainError(
      'CONFLICT',
      pausedAt === undefined
        ? 'The check is not active: set isActive to true to have it looked at.'
        : 'The check is paused: resume it to have it looked at.',
    );
  }
  if (placements[0]) return placements[0];
  throw new DomainError('CONFLICT', 'The check is not scheduled yet. Try again in a few seconds.');
};

/** The first request of an id is kept; every other one is told what that was. */
const keep = async ({ telemetry, clock }: AskWorld, wanted: AskedRun): Promise<AskedRun> => {
  const { runId, checkId, at, shard, no } = wanted;
  const expiresAt = Math.ceil(clock() / 1000) + keptSeconds;
  try {
    await telemetry.update(
      runKey(checkId, runId),
      { set: { v: 1, at, shard, no, expiresAt } },
      { absent: true },
    );
    return wanted;
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
  }
  const kept = await readRun({ telemetry }, checkId, runId);
  if (kept) return kept;
  throw new DomainError('CONFLICT', 'This Idempotency-Key was used days ago. Use a new one for a new run.');
};

const send = async ({ slots, vpcSlots }: AskWorld, { shard, at, runId, no }: AskedRun): Promise<void> => {
  const queue = isInVpc(parseShardId(shard).class) ? vpcSlots : slots;
  if (!queue) {
    throw new DomainError(
      'HEALTH_CHECK_ERROR',
      'No runner inside a VPC is deployed any more: deploy the stack with its VPC, or set network to public.',
    );
  }
  const body: NowMessage = { kind: 'now', shard, at, runId, planVersion: 0, nos: [no] };
  await queue.send([{ body }]);
};

/** The run of this id that was asked of this check; undefined when there was none, or too long ago. */
export const readRun = async (
  { telemetry }: { readonly telemetry: Pick<Table, 'get'> },
  checkId: string,
  runId: string,
): Promise<AskedRun | undefined> => {
  const item = await telemetry.get(runKey(checkId, runId), { consistent: true });
  return item && { runId, checkId, at: Number(item.at), shard: String(item.shard), no: Number(item.no) };
};

/** What became of a run. `lost`: it left no result, and none will come any more. */
export type RunState =
  | { readonly state: 'waiting' | 'lost'; readonly result: null }
  | { readonly state: 'done'; readonly result: CheckResult };

export const readRunState = async (
  { telemetry }: { readonly telemetry: Pick<Table, 'get'> },
  { shard, at, runId, no }: AskedRun,
  now: number,
): Promise<RunState> => {
  const item = await telemetry.get(resultsKey(shard, at, runId), { consistent: true });
  if (!item) return { state: now > at + latestRunNowMs + runMs ? 'lost' : 'waiting', result: null };
  const results = fromResultsItem(shard, item);
  const seen = results.seen.find((one) => one.no === no);
  return seen ? { state: 'done', result: toRunResult(results, seen) } : { state: 'lost', result: null };
};
