import { DomainError } from '../errors.ts';
import { encodeCursor } from './cursor.ts';
import { positionFrom } from './fields.ts';

/** What one page of a listing by time asks for: both instants inclusive, in epoch ms. */
export type Period = { readonly from: number; readonly to: number; readonly cursor?: string };

export const dayMs = 86_400_000;
const positionPattern = /^(\d{1,15}) (\d{1,15}) ([\x21-\x7e]{1,200})$/;

/**
 * The period that a query asks for: the last `usualMs` when it says nothing. A cursor brings its own, so that all pages
 * of one listing are of one period, though `now` moves on between them.
 */
export const periodFrom = (
  query: {
    readonly from?: number | undefined;
    readonly to?: number | undefined;
    readonly cursor?: string | undefined;
  },
  now: number,
  usualMs: number = dayMs,
): Period => {
  const position = positionFrom(query.cursor, (text) => positionPattern.test(text));
  if (position !== undefined) {
    const [, from, to, cursor = ''] = positionPattern.exec(position) ?? [];
    return { from: Number(from), to: Number(to), cursor };
  }
  const to = query.to ?? now;
  const from = query.from ?? Math.max(0, to - usualMs);
  if (from <= to) return { from, to };
  throw new DomainError('VALIDATION_ERROR', 'The period is not valid.', [
    { path: 'from', message: 'Give an instant before `to`.' },
  ]);
};

export const cursorAfter = ({ from, to }: Period, next: string): string =>
  encodeCursor(`${from} ${to} ${next}`);
