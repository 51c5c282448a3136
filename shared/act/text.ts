import { escapeHtml, oneLine } from '../notifications/index.ts';

const longestText = 300;

/** Text as a page shows it: one line, escaped, cut where nobody would read on. */
export const text = (value: string, most: number = longestText): string => {
  const line = oneLine(value);
  return escapeHtml(line.length > most ? `${line.slice(0, most - 1)}…` : line);
};
