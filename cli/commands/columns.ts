import { type Cell, type Colour, printable } from '../output.ts';

/** What tables of several commands show alike. */

export type Severity = 'info' | 'warning' | 'error' | 'critical';

const severityColours: Readonly<Record<Severity, Colour>> = {
  info: 'grey',
  warning: 'yellow',
  error: 'red',
  critical: 'red',
};

export const severityCell = (severity: Severity): Cell => ({
  text: severity,
  colour: severityColours[severity],
});

/** A terminal is not wide; the whole is in --json. */
export const cut = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, most - 1)}…` : text;

export const textCell = (text: string, most = 60): Cell => ({ text: cut(printable(text), most) });

/** `3 min`, for a time that has passed; in milliseconds. */
export const spanText = (amount: number): string => {
  const seconds = Math.max(0, Math.round(amount / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} days`;
};

export const ago = (at: string, now: number): string => `${spanText(now - Date.parse(at))} ago`;

/** `2026-01-31 12:00:00`, in UTC as everywhere in answers. */
export const instantText = (at: string): string => at.slice(0, 19).replace('T', ' ');
