import { sortable } from '../alerting/index.ts';
import { ConditionFailed, type Item, type Table } from '../storage/index.ts';
import type { DigestLine } from './left.ts';

/** Two digests' time and a good while to look back. */
const keptSeconds = 14 * 86_400;
const dayMs = 86_400_000;

const partitionOf = (at: number): string => `DIGEST#${new Date(at).toISOString().slice(0, 10)}`;

/** Keeps a line for the digest. Once more changes nothing: it is known by the alert and when that was decided. */
export const keepLine = async (state: Pick<Table, 'put'>, line: DigestLine): Promise<void> => {
  const key = { pk: partitionOf(line.at), sk: `${sortable(line.at)}-${line.alertId}` };
  const item = { ...key, v: 1, ...line, expiresAt: Math.floor(line.at / 1000) + keptSeconds };
  try {
    await state.put(item, { absent: true });
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
  }
};

/** Lines that were decided at `from <= at < to` (epoch ms), oldest first, at most `most`. */
export const linesBetween = async (
  state: Pick<Table, 'query'>,
  from: number,
  to: number,
  most: number,
): Promise<readonly DigestLine[]> => {
  const lines: DigestLine[] = [];
  for (let day = Math.floor(from / dayMs) * dayMs; day < to; day += dayMs) {
    for (let after: string | undefined, more = true; more; more = after !== undefined) {
      const page = await state.query({
        pk: partitionOf(day),
        from: sortable(from),
        to: `${sortable(to - 1)}.~`,
        ...(after !== undefined && { after }),
      });
      lines.push(...page.items.map(fromItem));
      if (lines.length >= most) return lines.slice(0, most);
      after = page.next;
    }
  }
  return lines;
};

const fromItem = (item: Item): DigestLine => ({
  alertId: String(item.alertId),
  at: Number(item.at),
  deploymentId: typeof item.deploymentId === 'string' ? item.deploymentId : null,
  ruleName: String(item.ruleName),
  subject: String(item.subject),
  reason: String(item.reason),
});
