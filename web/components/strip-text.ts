/** How a check stood in one bucket of time; null where nothing was looked at. */
export type StripStatus = 'healthy' | 'degraded' | 'unhealthy' | 'unknown' | 'maintenance' | null;

export type StripTimes = {
  /** Where the oldest bucket begins: ISO 8601. */
  readonly from: string;
  readonly bucketSeconds: number;
  /** IANA name; undefined: the reader's own. */
  readonly timeZone?: string | undefined;
};

const daySeconds = 86_400;

const formats = new Map<string, Intl.DateTimeFormat>();
const formatOf = (isDay: boolean, timeZone: string | undefined): Intl.DateTimeFormat => {
  const key = `${isDay} ${timeZone ?? ''}`;
  const known = formats.get(key);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-GB', {
    day: 'numeric',
    month: 'short',
    ...(!isDay && { hour: '2-digit', minute: '2-digit' }),
    ...(timeZone !== undefined && { timeZone }),
  });
  formats.set(key, made);
  return made;
};

// Rows of a list share their buckets: the same few instants are told thousands of times.
let told = new Map<string, string>();

/** `22 Nov, 14:00–15:00`; `22 Nov` for buckets of a day. */
export const bucketTimeText = (at: number, { bucketSeconds, timeZone }: Omit<StripTimes, 'from'>): string => {
  const key = `${at} ${bucketSeconds} ${timeZone ?? ''}`;
  const known = told.get(key);
  if (known !== undefined) return known;
  const isDay = bucketSeconds >= daySeconds;
  const format = formatOf(isDay, timeZone);
  const begin = format.format(at);
  const end = format.format(at + bucketSeconds * 1000);
  const text = isDay ? begin : `${begin}–${end.split(', ').at(-1)}`;
  if (told.size > 2000) told = new Map();
  told.set(key, text);
  return text;
};

/** Cut, not rounded: with any downtime it is never 100. */
const uptimeText = (percent: number): string => `${Math.floor(percent * 100) / 100} % up`;

/** `22 Nov, 14:00–15:00: unhealthy, 93.2 % up` */
export const bucketText = (
  no: number,
  status: StripStatus,
  percent: number | null | undefined,
  { from, ...times }: StripTimes,
): string => {
  const at = Date.parse(from) + no * times.bucketSeconds * 1000;
  const uptime = percent === null || percent === undefined ? '' : `, ${uptimeText(percent)}`;
  return `${bucketTimeText(at, times)}: ${status ?? 'not looked at'}${uptime}`;
};

const worstFirst = ['unhealthy', 'degraded', 'unknown', 'maintenance', 'healthy'] as const;

/** The whole strip in a sentence: `Last 24 hours: unhealthy in 2, healthy in 20, not looked at in 2.` */
export const stripText = (statuses: readonly StripStatus[], bucketSeconds: number): string => {
  const unit = bucketSeconds >= daySeconds ? 'days' : 'hours';
  const span = Math.round((statuses.length * bucketSeconds) / (unit === 'days' ? daySeconds : 3600));
  const count = (wanted: StripStatus): number => statuses.filter((status) => status === wanted).length;
  const parts = worstFirst
    .map((status) => [status, count(status)] as const)
    .filter(([, found]) => found > 0)
    .map(([status, found]) => `${status} in ${found}`);
  const unseen = count(null);
  if (unseen > 0) parts.push(`not looked at in ${unseen}`);
  return `Last ${span} ${unit}: ${parts.join(', ')}.`;
};

/** The newest bucket never says better than how the check stands now: a strip is read more seldom than a status. */
export const withStatusNow = (
  statuses: readonly StripStatus[],
  now: 'healthy' | 'degraded' | 'unhealthy' | 'unknown',
): readonly StripStatus[] => {
  const last = statuses.at(-1);
  if (last === undefined || last === 'maintenance' || last === 'unhealthy') return statuses;
  if (now !== 'unhealthy' && now !== 'degraded') return statuses;
  return [...statuses.slice(0, -1), now];
};
