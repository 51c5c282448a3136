import type { DryRunPoint } from './dry-run.ts';

const [width, height] = [720, 240];
const [left, top, bottom] = [48, 24, 32];

/** Where `value` lies between the least and the most, from the bottom up. */
const heightOf = (value: number, most: number): number =>
  height - bottom - ((height - top - bottom) * value) / Math.max(most, 1e-9);

const shown = (value: number): string => String(Math.round(value * 10) / 10);

/**
 * A dry run as a picture: the value as a thin line, the count as steps. Colours follow the reader's scheme; nothing in it
 * comes from outside but numbers.
 */
export const dryRunChart = (points: readonly DryRunPoint[]): string => {
  const [first, last] = [points[0], points.at(-1)];
  const span = first && last ? Math.max(1, last.at - first.at) : 1;
  const x = (at: number): number => left + ((width - left - 16) * (at - (first?.at ?? 0))) / span;
  const mostValue = points.reduce((most, { value }) => Math.max(most, value ?? 0), 0);
  const mostCount = points.reduce((most, { desired }) => Math.max(most, desired), 1);
  const values = points
    .filter((point): point is DryRunPoint & { value: number } => point.value !== null)
    .map(({ at, value }) => `${x(at).toFixed(1)},${heightOf(value, mostValue).toFixed(1)}`)
    .join(' ');
  const counts = points
    .flatMap(({ at, desired }, no) => {
      const y = heightOf(desired, mostCount).toFixed(1);
      const before = points[no - 1];
      const corner = before ? [`${x(at).toFixed(1)},${heightOf(before.desired, mostCount).toFixed(1)}`] : [];
      return [...corner, `${x(at).toFixed(1)},${y}`];
    })
    .join(' ');
  const instant = (at: number | undefined): string =>
    at === undefined ? '' : new Date(at).toISOString().slice(0, 16);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="Dry run of a scaling rule">`,
    '<style>text{font:12px system-ui,sans-serif;fill:#444}.v{stroke:#8a8f98;stroke-width:1}.c{stroke:#0b6bcb;stroke-width:2}polyline{fill:none}line{stroke:#c8ccd2}@media(prefers-color-scheme:dark){text{fill:#bbb}.c{stroke:#6cb2ff}line{stroke:#444}}</style>',
    `<line x1="${left}" y1="${height - bottom}" x2="${width - 16}" y2="${height - bottom}"/>`,
    `<polyline class="v" points="${values}"/>`,
    `<polyline class="c" points="${counts}"/>`,
    `<text x="4" y="${top}">${mostCount}</text><text x="4" y="${height - bottom}">0</text>`,
    `<text x="${left}" y="14">blue: count, up to ${mostCount} · grey: value, up to ${shown(mostValue)}</text>`,
    `<text x="${left}" y="${height - 10}">${instant(first?.at)}</text>`,
    `<text x="${width - 16}" y="${height - 10}" text-anchor="end">${instant(last?.at)} UTC</text>`,
    '</svg>',
  ].join('');
};
