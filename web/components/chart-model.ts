/** One line of a chart: a value for each instant, null where there is none. */
export type ChartSeries = {
  readonly label: string;
  readonly values: readonly (number | null)[];
  /** A token of design/tokens.css: `--accent`. */
  readonly colour: `--${string}`;
  /** The area below it is filled, too. */
  readonly isFilled?: boolean;
  /** Drawn as dashes: tells lines apart without their colours. */
  readonly dash?: readonly number[];
};

/** A level that is drawn across: a threshold. */
export type ChartLevel = { readonly value: number; readonly label: string; readonly colour: `--${string}` };

/** A stretch of time that is shaded: a time of firing, of maintenance. Epoch seconds. */
export type ChartSpan = { readonly from: number; readonly to: number; readonly colour: `--${string}` };

export type ChartContent = {
  /** Epoch seconds, rising. */
  readonly at: readonly number[];
  readonly series: readonly ChartSeries[];
  /** Each series on top of the one before. */
  readonly isStacked?: boolean;
  readonly levels?: readonly ChartLevel[];
  readonly spans?: readonly ChartSpan[];
  /** How a value is told: `231 ms`. */
  valueText(value: number | null): string;
  /** IANA name; undefined: the reader's own. */
  readonly timeZone?: string | undefined;
};

/** Each series as it is drawn: stacked, the sum of it and all before it; null only where none has a value. */
export const drawnValues = (
  series: readonly ChartSeries[],
  isStacked: boolean,
): readonly (readonly (number | null)[])[] => {
  if (!isStacked) return series.map(({ values }) => values);
  const sums: (number | null)[] = [];
  return series.map(({ values }) =>
    values.map((value, no) => {
      const below = sums[no] ?? null;
      const sum = value === null && below === null ? null : (value ?? 0) + (below ?? 0);
      sums[no] = sum;
      return sum;
    }),
  );
};

/** At most so many of the instants, evenly, with the first and the last: what a table can hold. */
export const rowsOfTable = (count: number, most: number): readonly number[] => {
  if (count <= most) return Array.from({ length: count }, (_, no) => no);
  return Array.from({ length: most }, (_, no) => Math.round((no * (count - 1)) / (most - 1)));
};

const daySeconds = 86_400;

/** How instants below a chart are told: by the clock, with the day where there are several, by the day where there are many. */
export const tickTime = (spanSeconds: number, timeZone?: string): Intl.DateTimeFormat => {
  const clock = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  const day = { day: 'numeric', month: 'short' } as const;
  const zone = timeZone === undefined ? {} : { timeZone };
  if (spanSeconds < daySeconds)
    return new Intl.DateTimeFormat('en-GB', {
      ...clock,
      ...(spanSeconds < 900 && { second: '2-digit' }),
      ...zone,
    });
  return new Intl.DateTimeFormat('en-GB', { ...day, ...(spanSeconds < 8 * daySeconds && clock), ...zone });
};
