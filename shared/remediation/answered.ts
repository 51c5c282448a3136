import { writeVersion } from '../platform/outbox/index.ts';
import type { Table, Value } from '../storage/table.ts';
import type { Plan } from './plan.ts';
import type { RemedyWorld } from './remedy-world.ts';

/** How the newest occurrence of a finding, or one wish of a person, was answered. */
export type Answered = {
  /** Only grows: what happened before it is late. */
  readonly occurrence: number;
  /** Of an open finding: its last change that was answered. */
  readonly updatedAt: number;
  /** Grows when the world changed before the plan was applied, so that it was planned anew. */
  readonly round: number;
  readonly answer: { readonly plan: Plan } | { readonly refused: string; readonly isUnchanged?: true };
  /** Of a wish: what exactly was asked. */
  readonly requestHash?: string | undefined;
};

/**
 * One item a finding or wish: `ANSWERED#<id>` / `ANSWERED` in `state`, with the plan as it was made. Whoever is killed
 * between this and what follows, or is told the same again, goes on with the very same plan, whatever the world shows by
 * then; so one occurrence never becomes two plans.
 */
const keyOf = (id: string) => ({ pk: `ANSWERED#${id}`, sk: 'ANSWERED' });

/** As long as a named execution blocks its name, and longer than any event may be late. */
const keptSeconds = 90 * 86_400;

export type StoredAnswer = { readonly answered: Answered; readonly revision: number };

export const loadAnswered = async (
  state: Pick<Table, 'get'>,
  id: string,
): Promise<StoredAnswer | undefined> => {
  const item = await state.get(keyOf(id), { consistent: true });
  return item && { answered: JSON.parse(String(item.answered)) as Answered, revision: Number(item.revision) };
};

/** Writes it in place of `stored`. `conflict`: somebody else answered meanwhile. */
export const keepAnswered = (
  { state, clock, newId }: Pick<RemedyWorld, 'state' | 'clock' | 'newId'>,
  id: string,
  stored: StoredAnswer | undefined,
  answered: Answered,
): Promise<'written' | 'conflict'> => {
  const now = clock();
  return writeVersion(state, {
    key: keyOf(id),
    expected: stored?.revision,
    fields: {
      // Text: images may be nested deeper than DynamoDB's maps.
      answered: JSON.stringify(answered) as Value,
      expiresAt: Math.floor(now / 1000) + keptSeconds,
      revision: (stored?.revision ?? 0) + 1,
    },
    attempt: newId(),
    now,
  });
};
