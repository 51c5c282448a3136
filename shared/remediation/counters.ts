import type { ActionKind } from '../platform/action-kinds.ts';
import { DomainError } from '../platform/errors.ts';
import { writeVersion } from '../platform/outbox/index.ts';
import type { Table, Value } from '../storage/table.ts';
import type { Workflow } from './plan.ts';
import { countersKey } from './record.ts';
import type { Remediation, RemediationStatus } from './remediation.ts';
import type { RemedyWorld } from './remedy-world.ts';

/** Upper bounds in seconds: a restart takes a minute, an approval hours. */
export const durationBounds = [10, 30, 60, 120, 300, 600, 1800, 3600, 14_400, 86_400] as const;

type Durations = {
  readonly count: number;
  readonly sumSeconds: number;
  /** As many as `durationBounds`; each counts what is not above its bound. */
  readonly buckets: readonly number[];
};

type Counted = {
  /** `<action> <status>` → remediations. */
  readonly remediations: Readonly<Record<string, number>>;
  readonly drift: Readonly<Record<string, number>>;
  readonly durations: Readonly<Record<string, Durations>>;
  /** Beginnings of the hashes that were counted last: a repeat within them counts nothing. */
  readonly recent: readonly string[];
};

const nothing: Counted = { remediations: {}, drift: {}, durations: {}, recent: [] };
/** More than can be closed between a step and its repetition. */
const mostRecent = 500;
const maximumRounds = 20;

export type RemediationCounters = {
  readonly remediations: readonly {
    readonly action: ActionKind;
    readonly outcome: RemediationStatus;
    readonly count: number;
  }[];
  readonly driftRemediations: readonly { readonly outcome: RemediationStatus; readonly count: number }[];
  readonly durations: readonly (Durations & { readonly workflow: Workflow })[];
};

const toCounted = (text: unknown): Counted => (typeof text === 'string' ? JSON.parse(text) : nothing);

/** What `/metrics` tells: all remediations that ended since the stack is there. */
export const remediationCounters = async (state: Pick<Table, 'get'>): Promise<RemediationCounters> => {
  const counted = toCounted((await state.get(countersKey))?.counted);
  return {
    remediations: Object.entries(counted.remediations).map(([name, counts]) => {
      const [action, outcome] = name.split(' ') as [ActionKind, RemediationStatus];
      return { action, outcome, count: counts };
    }),
    driftRemediations: Object.entries(counted.drift).map(([outcome, counts]) => ({
      outcome: outcome as RemediationStatus,
      count: counts,
    })),
    durations: Object.entries(counted.durations).map(([workflow, durations]) => ({
      workflow: workflow as Workflow,
      ...durations,
    })),
  };
};

/** Counts one remediation that ended, once. */
export const count = async (
  { state, newId, clock }: Pick<RemedyWorld, 'state' | 'newId' | 'clock'>,
  remediation: Remediation,
): Promise<void> => {
  const name = remediation.plan.hash.slice(0, 16);
  for (let round = 0; round < maximumRounds; round++) {
    const item = await state.get(countersKey, { consistent: true });
    const counted = toCounted(item?.counted);
    if (counted.recent.includes(name)) return;
    const next = { ...withOne(counted, remediation), recent: [...counted.recent, name].slice(-mostRecent) };
    const expected = item ? Number(item.revision) : undefined;
    const fields: { readonly counted: Value; readonly revision: number } = {
      counted: JSON.stringify(next),
      revision: (expected ?? 0) + 1,
    };
    const version = { key: countersKey, expected, fields, attempt: newId(), now: clock() };
    if ((await writeVersion(state, version)) === 'written') return;
  }
  throw new DomainError('CONFLICT', 'The counters of remediations change too fast just now: try again.');
};

const withOne = (
  counted: Counted,
  { plan, status, startedAt, endedAt }: Remediation,
): Omit<Counted, 'recent'> => {
  const seconds = Math.max(0, (endedAt ?? startedAt) - startedAt) / 1000;
  const kinds = [...new Set(plan.actions.map(({ kind }) => kind))];
  const remediations = { ...counted.remediations };
  for (const kind of kinds) remediations[`${kind} ${status}`] = (remediations[`${kind} ${status}`] ?? 0) + 1;
  const isDrift = plan.occasion.kind === 'drift';
  const before = counted.durations[plan.workflow] ?? {
    count: 0,
    sumSeconds: 0,
    buckets: durationBounds.map(() => 0),
  };
  return {
    remediations,
    drift: isDrift ? { ...counted.drift, [status]: (counted.drift[status] ?? 0) + 1 } : counted.drift,
    durations: {
      ...counted.durations,
      [plan.workflow]: {
        count: before.count + 1,
        sumSeconds: before.sumSeconds + seconds,
        buckets: durationBounds.map((bound, at) => (before.buckets[at] ?? 0) + Number(seconds <= bound)),
      },
    },
  };
};
