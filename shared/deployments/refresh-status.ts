import { checksIn, isPaused, readToldStatuses } from '../health/index.ts';
import type { Bus } from '../platform/aws/bus.aws.ts';
import { type Clock, toIso } from '../platform/clock.ts';
import type { Place } from '../platform/environment.ts';
import type { HomeostatEvent } from '../platform/events.ts';
import type { NewId } from '../platform/ids.ts';
import { type Pending, publishPending } from '../platform/outbox/index.ts';
import type { Table } from '../storage/table.ts';
import { type Part, type Whole, wholeOf } from './status-decide.ts';
import { loadStatus, neverWritten, type StatusRecord, writeStatus } from './status-store.ts';

export type RefreshTools = {
  readonly state: Pick<Table, 'get' | 'query' | 'put' | 'update'>;
  readonly telemetry: Pick<Table, 'batchGet'>;
  readonly bus: Pick<Bus, 'publish'>;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly place: Place;
  /** Told when the bus did not take an event: it lies in the outbox, and the sweeper publishes it. */
  readonly onUntold: (deploymentId: string, error: Error) => void;
};

/** Each round after the first follows a write, ours or somebody else's; so many only where something is wrong. */
const maximumRounds = 8;

/**
 * Brings the written status of a deployment to what follows from its checks as they were told last, and tells when it
 * changed: each change of what it follows from comes with an event, so that nothing stays that no event corrects. It
 * is decided on what was read after the item was, and looked at once more after each write: whoever writes last has
 * therefore seen whatever was true when the others found nothing to write.
 */
export const refreshStatus = async (deploymentId: string, tools: RefreshTools): Promise<void> => {
  for (let round = 0; round < maximumRounds; round++) {
    const stored = await loadStatus(tools.state, deploymentId, { consistent: true });
    const parts = await readParts(deploymentId, tools);
    const now = tools.clock();
    const before = stored?.record ?? neverWritten;
    const whole = wholeOf(parts);
    if (isAlike(before, whole)) return;
    const record = nextRecord(before, whole, now);
    const event =
      whole.status === before.status ? undefined : changed(deploymentId, before, record, now, tools);
    const next = { record, event, isEmpty: parts.length === 0 };
    const write = { attempt: tools.newId(), now };
    const pending = await writeStatus(tools.state, deploymentId, stored, next, write);
    if (pending && pending.outbox.length > 0) await tell(deploymentId, pending, tools);
  }
  throw new Error(`the status of ${deploymentId} changed under ${maximumRounds} tries to write it`);
};

const readParts = async (deploymentId: string, { state, telemetry }: RefreshTools): Promise<Part[]> => {
  const parts: Part[] = [];
  // A lagging copy may not have the very change that made us look, and nothing would make us look again.
  const consistent = true;
  for await (const records of checksIn(state, [deploymentId], { consistent })) {
    const statuses = await readToldStatuses(telemetry, records, { consistent });
    for (const record of records) {
      const status = statuses.get(record.id) ?? 'unknown';
      parts.push({ name: record.definition.name, status, isPaused: isPaused(record) });
    }
  }
  return parts;
};

const isAlike = (before: Whole, whole: Whole): boolean =>
  before.status === whole.status &&
  before.reason === whole.reason &&
  (Object.keys(whole.counts) as (keyof Whole['counts'])[]).every(
    (status) => before.counts[status] === whole.counts[status],
  );

const nextRecord = (before: StatusRecord, whole: Whole, now: number): StatusRecord => ({
  ...whole,
  revision: before.revision + 1,
  since: whole.status === before.status ? before.since : now,
});

const changed = (
  deploymentId: string,
  before: StatusRecord,
  { status, reason, counts, revision }: StatusRecord,
  now: number,
  { place }: RefreshTools,
): HomeostatEvent => ({
  type: 'deployment.status_changed',
  detail: {
    id: `deployment-status:${deploymentId}@${revision}`,
    at: toIso(now),
    accountId: place.accountId,
    region: place.region,
    deploymentId,
    from: before.status,
    to: status,
    reason,
    checks: { ...counts },
  },
});

const tell = async (deploymentId: string, pending: Pending, tools: RefreshTools): Promise<void> => {
  try {
    await publishPending(tools, [pending]);
  } catch (error) {
    tools.onUntold(deploymentId, error as Error);
  }
};
