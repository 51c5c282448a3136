import { Cron } from 'croner';

/** The first instant of a schedule that is later than `after`; undefined when there is none. */
export type NextTick = (after: number) => number | undefined;

const unitMs: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/**
 * Reads a schedule expression of EventBridge Scheduler: `rate(5 minutes)`, `cron(0 8 ? * MON-FRI *)` or
 * `at(2026-01-31T12:00:00)`, in the given time zone. A rate counts from full units of UTC, so that ticks stand on
 * the same instants after a restart. Throws a sentence when the expression cannot be read.
 */
export const readExpression = (expression: string, timeZone = 'UTC'): NextTick => {
  const [, kind, inner = ''] = /^(rate|cron|at)\((.*)\)$/.exec(expression.trim()) ?? [];
  if (kind === 'rate') return everyRate(inner, expression);
  if (kind === 'at') return onceAt(inner, timeZone, expression);
  if (kind === 'cron') return byCron(inner, timeZone, expression);
  throw new Error(`the schedule expression ${expression} is none of rate(…), cron(…) and at(…)`);
};

const everyRate = (inner: string, expression: string): NextTick => {
  const [, value = '', unit = ''] = /^(\d+) (minute|hour|day)s?$/.exec(inner.trim()) ?? [];
  const everyMs = Number(value) * (unitMs[unit] ?? 0);
  if (!(everyMs > 0)) throw new Error(`${expression} is not a rate such as rate(5 minutes)`);
  return (after) => (Math.floor(after / everyMs) + 1) * everyMs;
};

const onceAt = (inner: string, timeZone: string, expression: string): NextTick => {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$/.test(inner)) {
    throw new Error(`${expression} is not an instant such as at(2026-01-31T12:00:00)`);
  }
  const instant = new Cron(inner, { timezone: timeZone }).nextRun(new Date(0))?.getTime();
  return (after) => (instant !== undefined && instant > after ? instant : undefined);
};

/** AWS has six fields: no seconds, a year at the end; days of the week count from SUN = 1. */
const byCron = (inner: string, timeZone: string, expression: string): NextTick => {
  const fields = inner.trim().split(/\s+/);
  if (fields.length !== 6)
    throw new Error(`${expression} must have six fields: minute hour day month weekday year`);
  const [minute = '', hour = '', day = '', month = '', weekday = '', year = ''] = fields;
  const weekdays = weekday.replaceAll(
    /(^|[,\-/#L])(\d)(?=$|[,\-#L])/g,
    (_found, before: string, digit: string) =>
      before === '#' || before === '/' ? `${before}${digit}` : `${before}${Number(digit) - 1}`,
  );
  // With `?` in one of the two day fields only the other counts: as `*` joined by «and».
  const pattern = `0 ${minute} ${hour} ${day} ${month} ${weekdays} ${year}`.replaceAll('?', '*');
  try {
    const cron = new Cron(pattern, {
      timezone: timeZone,
      mode: '7-part',
      domAndDow: true,
      sloppyRanges: true,
    });
    return (after) => cron.nextRun(new Date(after))?.getTime();
  } catch (error) {
    throw new Error(
      `${expression} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
};
