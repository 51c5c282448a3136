import uPlot from 'uplot';
import { type ChartContent, drawnValues, tickTime } from './chart-model.ts';
import 'uplot/dist/uPlot.min.css';

/** What a token's colour is just now, in the scheme that holds where the chart stands. */
const colourIn =
  (box: HTMLElement) =>
  (token: string): string => {
    const probe = document.createElement('span');
    probe.style.color = `var(${token})`;
    box.append(probe);
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  };

type Colours = (token: string) => string;

/** `rgb(1, 2, 3)` → the same, thinner. */
const thinned = (colour: string, share: number): string => {
  const parts = colour.match(/[\d.]+/g)?.slice(0, 3);
  return parts ? `rgba(${parts.join(', ')}, ${share})` : colour;
};

/** So few values are seen one by one, also those with nothing beside them. */
const fewValues = 50;

const seriesOf = ({ at, series, isStacked = false }: ChartContent, colour: Colours): uPlot.Series[] =>
  series.map(({ label, colour: token, isFilled, dash }) => ({
    label,
    stroke: colour(token),
    width: isStacked ? 1 : 1.75,
    spanGaps: false,
    points: { show: !isStacked && at.length < fewValues, size: 5 },
    ...((isFilled || isStacked) && { fill: thinned(colour(token), isStacked ? 1 : 0.15) }),
    ...(dash && { dash: [...dash] }),
  }));

/** Neighbours that read the same are told once: small values have fewer texts than places. */
const toldOnce = (texts: readonly string[]): string[] =>
  texts.map((text, no) => (text === texts[no - 1] ? '' : text));

const axesOf = ({ at, valueText, timeZone }: ChartContent, colour: Colours, font: string): uPlot.Axis[] => {
  const shared = {
    stroke: colour('--soft'),
    font,
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { stroke: colour('--line'), width: 1, size: 4 },
  };
  const time = tickTime((at.at(-1) ?? 0) - (at[0] ?? 0), timeZone);
  return [
    {
      ...shared,
      size: 28,
      space: 74,
      values: (_, splits) => toldOnce(splits.map((seconds) => time.format(seconds * 1000))),
    },
    {
      ...shared,
      size: (_, values) => Math.max(48, ...(values ?? []).map((text) => 14 + (text?.length ?? 0) * 6.6)),
      values: (_, splits) => toldOnce(splits.map((value) => valueText(value))),
    },
  ];
};

/** Shades below the lines, levels above them. */
const marksOf = ({ spans = [], levels = [] }: ChartContent, colour: Colours): uPlot.Hooks.Arrays => ({
  drawClear: [
    ({ ctx, bbox, valToPos }) => {
      for (const { from, to, colour: token } of spans) {
        const left = Math.max(bbox.left, valToPos(from, 'x', true));
        const right = Math.min(bbox.left + bbox.width, valToPos(to, 'x', true));
        ctx.fillStyle = thinned(colour(token), 0.18);
        if (right > left) ctx.fillRect(left, bbox.top, Math.max(1, right - left), bbox.height);
      }
    },
  ],
  draw: [
    ({ ctx, bbox, valToPos }) => {
      for (const { value, label, colour: token } of levels) {
        const y = valToPos(value, 'y', true);
        if (y < bbox.top || y > bbox.top + bbox.height) continue;
        ctx.save();
        ctx.strokeStyle = colour(token);
        ctx.fillStyle = colour(token);
        ctx.lineWidth = devicePixelRatio;
        ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
        ctx.beginPath();
        ctx.moveTo(bbox.left, y);
        ctx.lineTo(bbox.left + bbox.width, y);
        ctx.stroke();
        ctx.textAlign = 'right';
        ctx.textBaseline = 'bottom';
        ctx.fillText(label, bbox.left + bbox.width - 4 * devicePixelRatio, y - 2 * devicePixelRatio);
        ctx.restore();
      }
    },
  ],
});

/** The largest value at 0.9 of the height, levels included, from 0. */
const rangeOf =
  ({ levels = [] }: ChartContent) =>
  (_: uPlot, __: number | null, largest: number | null) => {
    const top = Math.max(largest ?? 0, ...levels.map(({ value }) => value));
    return [0, top > 0 ? top / 0.9 : 1] as [number, number];
  };

const optionsOf = (
  content: ChartContent,
  box: HTMLElement,
  { width, height }: { readonly width: number; readonly height: number },
  onPoint: (no: number | undefined) => void,
): uPlot.Options => {
  const colour = colourIn(box);
  const { fontFamily } = getComputedStyle(box);
  const lines = seriesOf(content, colour);
  return {
    width,
    height,
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { show: !content.isStacked } },
    scales: { x: { time: true }, y: { range: rangeOf(content) } },
    // The topmost first: what lies below is drawn over it.
    series: [{}, ...(content.isStacked ? lines.reverse() : lines)],
    axes: axesOf(content, colour, `11px ${fontFamily}`),
    tzDate: (seconds) =>
      content.timeZone ? uPlot.tzDate(new Date(seconds * 1000), content.timeZone) : new Date(seconds * 1000),
    hooks: {
      ...marksOf(content, colour),
      setCursor: [({ cursor }) => onPoint(cursor.idx ?? undefined)],
    },
  };
};

const alignedData = ({ at, series, isStacked = false }: ChartContent): uPlot.AlignedData => {
  const values = drawnValues(series, isStacked).map((one) => [...one]);
  return [[...at], ...(isStacked ? values.reverse() : values)];
};

/**
 * Draws into the box until it is ended: anew when its width, the colour scheme or the pixel ratio changes.
 * @param onPoint told the number of the instant under the pointer, undefined when it left
 */
export const drawChart = (
  box: HTMLElement,
  content: ChartContent,
  height: number,
  onPoint: (no: number | undefined) => void,
): (() => void) => {
  let plot: uPlot | undefined;
  const draw = (): void => {
    plot?.destroy();
    const width = box.clientWidth;
    plot =
      width > 0
        ? new uPlot(optionsOf(content, box, { width, height }, onPoint), alignedData(content), box)
        : undefined;
  };
  draw();
  const resizing = new ResizeObserver(() => {
    if (plot) plot.setSize({ width: box.clientWidth, height });
    else draw();
  });
  resizing.observe(box);
  const dark = window.matchMedia('(prefers-color-scheme: dark)');
  dark.addEventListener('change', draw);
  const scheme = new MutationObserver(draw);
  scheme.observe(document.documentElement, { attributes: true, attributeFilter: ['data-scheme'] });
  return () => {
    resizing.disconnect();
    scheme.disconnect();
    dark.removeEventListener('change', draw);
    plot?.destroy();
  };
};
