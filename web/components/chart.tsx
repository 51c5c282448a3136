import { useContext, useEffect, useRef, useState } from 'preact/hooks';
import { type ChartContent, rowsOfTable } from './chart-model.ts';
import { Table } from './table.tsx';
import { TimeZone } from './time.tsx';
import { exactTime } from './time-text.ts';
import './chart.css';

export type { ChartLevel, ChartSeries, ChartSpan } from './chart-model.ts';

export type ChartProps = Omit<ChartContent, 'timeZone'> & {
  /** What is drawn: `Response time of home page`. */
  readonly label: string;
  /** What it shows, as a sentence: read in its place by those who do not see it. */
  readonly summary: string;
  /** Pixels. */
  readonly height?: number;
};

/** More rows than that nobody reads. */
const mostRows = 60;

/**
 * Values over time. What draws it is a chunk of its own, loaded when the first chart is shown; below it stand the
 * summary and, on demand, the same as a table. It takes no focus. Give `at` and `series` as the same objects while
 * they are the same: others are drawn anew.
 */
export const Chart = ({ label, summary, height = 220, ...content }: ChartProps) => {
  const { at, series, isStacked = false, levels, spans, valueText } = content;
  const timeZone = useContext(TimeZone);
  const box = useRef<HTMLDivElement>(null);
  const [failure, setFailure] = useState<string>();
  const [pointed, setPointed] = useState<number>();
  const [isTable, setTable] = useState(false);
  // One instant is no line.
  const isDrawn = at.length > 1;
  useEffect(() => {
    if (!isDrawn) return;
    let end: (() => void) | undefined;
    let isGone = false;
    import('./chart-drawing.ts').then(
      ({ drawChart }) => {
        if (isGone || !box.current) return;
        const drawn = {
          at,
          series,
          isStacked,
          valueText,
          timeZone,
          ...(levels && { levels }),
          ...(spans && { spans }),
        };
        end = drawChart(box.current, drawn, height, setPointed);
      },
      () => !isGone && setFailure('The chart could not be loaded. Reload: there may be a newer console.'),
    );
    return () => {
      isGone = true;
      end?.();
    };
  }, [isDrawn, at, series, isStacked, levels, spans, valueText, timeZone, height]);
  return (
    <figure class="chart">
      {isDrawn && (
        <div
          class="chart-box"
          ref={box}
          role="img"
          aria-label={`${label}. ${summary}`}
          style={{ minHeight: `${height}px` }}
        />
      )}
      {failure && <p class="soft small">{failure}</p>}
      {isDrawn && <Legend {...content} pointed={pointed} timeZone={timeZone} />}
      <figcaption class="small soft">
        {summary}{' '}
        {isDrawn && (
          <button type="button" class="as-link" aria-expanded={isTable} onClick={() => setTable(!isTable)}>
            {isTable ? 'Without the table' : 'As a table'}
          </button>
        )}
      </figcaption>
      {(isTable || !isDrawn) && <AsTable {...content} label={label} timeZone={timeZone} />}
    </figure>
  );
};

type Zoned = ChartContent & { readonly timeZone: string | undefined };

/** What each line is; under the pointer, what it is there. */
const Legend = ({
  at,
  series,
  valueText,
  pointed,
  timeZone,
}: Zoned & { readonly pointed: number | undefined }) => {
  const instant = pointed === undefined ? undefined : at[pointed];
  return (
    <ul class="chart-legend small numbers" aria-hidden="true">
      {series.map(({ label, colour, values }) => (
        <li key={label}>
          <span class="swatch" style={{ background: `var(${colour})` }} />
          {label}
          {pointed !== undefined && instant !== undefined && <b>{valueText(values[pointed] ?? null)}</b>}
        </li>
      ))}
      <li class="soft push">{instant === undefined ? '\u00a0' : exactTime(instant * 1000, timeZone)}</li>
    </ul>
  );
};

const AsTable = ({ at, series, valueText, label, timeZone }: Zoned & { readonly label: string }) => (
  <div class="chart-table">
    <Table caption={label} columns={['When', ...series.map((one) => one.label)]}>
      {rowsOfTable(at.length, mostRows)
        .toReversed()
        .map((no) => (
          <tr key={no}>
            <td class="numbers">{exactTime((at[no] ?? 0) * 1000, timeZone)}</td>
            {series.map((one) => (
              <td key={one.label} class="numbers">
                {valueText(one.values[no] ?? null)}
              </td>
            ))}
          </tr>
        ))}
    </Table>
  </div>
);
