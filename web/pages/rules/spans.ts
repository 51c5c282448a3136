import type { Schemas } from '../../client/operations.ts';

export type Backtest = Schemas['Backtest'];
type Span = Backtest['spans'][number];

export type DrawnSpan = {
  /** Percent of the period from its beginning. */
  readonly left: number;
  readonly width: number;
  readonly severity: Span['severity'];
  readonly from: string;
  readonly to: string | null;
  readonly text: string;
};
export type DrawnRow = { readonly key: string; readonly name: string; readonly spans: readonly DrawnSpan[] };

/** A span so short that nobody would see it is drawn this wide, in percent. */
const leastWidth = 0.4;

/** The spans of a backtest as bars, a row a subject; those that would have fired longest come first. */
export const rowsOf = ({ from, to, spans }: Pick<Backtest, 'from' | 'to' | 'spans'>): readonly DrawnRow[] => {
  const [begin, end] = [Date.parse(from), Date.parse(to)];
  const whole = Math.max(1, end - begin);
  const at = (instant: string | null): number =>
    instant === null ? end : Math.min(end, Math.max(begin, Date.parse(instant)));
  const bySubject = Map.groupBy(spans, ({ subject }) => subject.key);
  return [...bySubject.entries()]
    .map(([key, own]) => ({
      key,
      name: own[0]?.subject.name ?? key,
      firedMs: own.reduce((sum, span) => sum + at(span.to) - at(span.from), 0),
      spans: own.map((span): DrawnSpan => {
        const width = Math.max(leastWidth, ((at(span.to) - at(span.from)) / whole) * 100);
        return {
          left: Math.min(100 - width, ((at(span.from) - begin) / whole) * 100),
          width,
          severity: span.severity,
          from: span.from,
          to: span.to,
          text: span.reason,
        };
      }),
    }))
    .sort((left, right) => right.firedMs - left.firedMs || left.name.localeCompare(right.name))
    .map(({ firedMs: _, ...row }) => row);
};

/** `It would have fired 3 times in 7 days.` */
export const verdictOf = ({ firings, from, to }: Pick<Backtest, 'firings' | 'from' | 'to'>): string => {
  const days = Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000);
  const period = days === 1 ? 'the last day' : `the last ${days} days`;
  if (firings === 0) return `It would not have fired in ${period}.`;
  return `It would have fired ${firings === 1 ? 'once' : `${firings} times`} in ${period}.`;
};
