const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

const span = (milliseconds: number): string => {
  if (milliseconds < 1000) return 'now';
  if (milliseconds < minuteMs) return `${Math.floor(milliseconds / 1000)} s`;
  if (milliseconds < hourMs) return `${Math.floor(milliseconds / minuteMs)} min`;
  if (milliseconds < 2 * dayMs) return `${Math.floor(milliseconds / hourMs)} h`;
  return `${Math.floor(milliseconds / dayMs)} days`;
};

/** `12 s ago`, `in 3 min`, `now`. Both epoch ms. */
export const relativeTime = (at: number, now: number): string => {
  const text = span(Math.abs(now - at));
  if (text === 'now') return text;
  return at <= now ? `${text} ago` : `in ${text}`;
};

/** `for 12 s`, `for 3 days`, `since now`: how long something is so that began at `at`. Both epoch ms. */
export const lastingText = (at: number, now: number): string => {
  const text = span(Math.max(0, now - at));
  return text === 'now' ? 'since now' : `for ${text}`;
};

/** How long something took or takes: `45 s`, `3 min 20 s`, `2 h 5 min`, `3 days 4 h`. */
export const durationText = (seconds: number): string => {
  const whole = Math.round(seconds);
  const parts: readonly (readonly [number, string])[] =
    whole < 3600
      ? [
          [Math.floor(whole / 60), 'min'],
          [whole % 60, 's'],
        ]
      : whole < 172_800
        ? [
            [Math.floor(whole / 3600), 'h'],
            [Math.floor((whole % 3600) / 60), 'min'],
          ]
        : [
            [Math.floor(whole / 86_400), 'days'],
            [Math.floor((whole % 86_400) / 3600), 'h'],
          ];
  const told = parts.filter(([count]) => count > 0).map(([count, unit]) => `${count} ${unit}`);
  return told.length > 0 ? told.join(' ') : '0 s';
};

const formats = new Map<string, Intl.DateTimeFormat>();
const formatOf = (timeZone: string | undefined): Intl.DateTimeFormat => {
  const key = timeZone ?? '';
  const known = formats.get(key);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-GB', {
    year: 'numeric',
    month: 'short',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
    ...(timeZone !== undefined && { timeZone }),
  });
  formats.set(key, made);
  return made;
};

/** `22 Nov 2026, 18:04:11 CET` */
export const exactTime = (at: string | number, timeZone?: string): string => {
  const instant = new Date(at);
  return Number.isNaN(instant.getTime()) ? String(at) : formatOf(timeZone).format(instant);
};

/** A sentence of the API with its ISO instants as a clock in the zone shows them. */
export const readableInstants = (text: string, timeZone?: string): string =>
  text.replace(/\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?Z/g, (at) => exactTime(at, timeZone));

/** `231 ms`, `1.24 s` */
export const milliseconds = (value: number | null): string =>
  value === null ? '–' : value < 1000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(2)} s`;

/** Cut, not rounded, as the API cuts: with any downtime it is never 100. */
export const percentText = (value: number | null): string => {
  if (value === null) return '–';
  return `${Math.floor(value * 100) / 100} %`;
};
