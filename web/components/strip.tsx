import { useContext, useState } from 'preact/hooks';
import { bucketText, type StripStatus, stripText } from './strip-text.ts';
import { TimeZone } from './time.tsx';
import './strip.css';

export type StripProps = {
  /** Oldest first; null where nothing was looked at. */
  readonly statuses: readonly StripStatus[];
  /** One a status, 0 to 100. */
  readonly uptimePercents?: readonly (number | null)[];
  /** Where the oldest bucket begins: ISO 8601. */
  readonly from: string;
  readonly bucketSeconds: number;
  /** Whose strip: said before the summary to those who hear it. */
  readonly label?: string;
  /** Takes the focus: the arrow keys go through it, and a line below tells each bucket. Not for rows of a list. */
  readonly isExplained?: boolean;
};

/** Beside the colour, the height tells what it was: the worse, the taller. In parts of ten. */
const heights = { unhealthy: 10, degraded: 8, healthy: 6, maintenance: 4, unknown: 3 } as const;
const barWidth = 10;
const gap = 2.5;

/** How a check stood, bucket by bucket: `StripStatus` of each hour, or of each day. */
export const Strip = ({
  statuses,
  uptimePercents = [],
  from,
  bucketSeconds,
  label,
  isExplained = false,
}: StripProps) => {
  const timeZone = useContext(TimeZone);
  const [chosen, setChosen] = useState<number>();
  const textOf = (no: number): string =>
    bucketText(no, statuses[no] ?? null, uptimePercents[no], { from, bucketSeconds, timeZone });
  const summary = stripText(statuses, bucketSeconds);
  const width = statuses.length * (barWidth + gap) - gap;
  const drawing = (
    <svg
      class="strip"
      viewBox={`0 0 ${width} 10`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label ? `${label}. ${summary}` : summary}
    >
      {statuses.map((status, no) => {
        const height = status === null ? 1 : heights[status];
        return (
          <g key={no} onPointerEnter={isExplained ? () => setChosen(no) : undefined}>
            <rect class="strip-room" x={no * (barWidth + gap)} y="0" width={barWidth + gap} height="10" />
            <rect
              class={`strip-bar ${status ?? 'none'}${chosen === no ? ' chosen' : ''}`}
              x={no * (barWidth + gap)}
              y={10 - height}
              width={barWidth}
              height={height}
            />
            <title>{textOf(no)}</title>
          </g>
        );
      })}
    </svg>
  );
  if (!isExplained) return drawing;
  const onKey = (event: KeyboardEvent): void => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const last = statuses.length - 1;
    setChosen(Math.min(last, Math.max(0, (chosen ?? last + (step < 0 ? 1 : 0)) + step)));
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a group of what is drawn and the line that explains it, no fields
    <div
      class="strip-explained"
      role="group"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys go through it
      tabIndex={0}
      aria-label={`${label ?? 'History'}: left and right go through it`}
      onKeyDown={onKey}
      onPointerLeave={() => setChosen(undefined)}
    >
      {drawing}
      <p class="small soft" aria-live="polite">
        {chosen === undefined ? summary : textOf(chosen)}
      </p>
    </div>
  );
};
