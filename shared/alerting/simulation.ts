import { type Alert, alertIdOf } from './alert.ts';
import { advance } from './lifecycle.ts';
import { openPastStatuses } from './past-statuses.ts';
import type { RuleDefinition, RuleRecord } from './rule.ts';
import type { Point, Series, SeriesQuery } from './series.ts';
import { timingOf, wakeAtOf } from './timing.ts';
import { feedOf, typeOf } from './types/registry.ts';
import { type Selection, selectorOf } from './types/selection.ts';
import type { Reading, RuleState, Seen } from './types/type.ts';

/** What an alert became at some instant of the past. */
export type Change = {
  readonly alert: Alert;
  readonly reading: Reading | undefined;
  readonly changed: boolean;
};

/** One rule as it would have lived, from step to step. */
export type Simulation = {
  readonly rule: RuleRecord;
  /** It looks at statuses, which the past tells by looks, and where these are not kept any more by hours. */
  readonly isByLooks: boolean;
  /** What it looks at, at an instant. */
  queries(now: number): readonly SeriesQuery[];
  /** Judges at an instant, from answers that may hold more than their queries ask for. */
  step(
    now: number,
    answers: readonly (readonly Series[])[],
    rules: readonly RuleState[],
  ): Promise<readonly Change[]>;
  states(): readonly RuleState[];
};

/** Points of statuses are looked for so far back, so that none lies between two steps. */
export const longestStepMs = 6 * 3_600_000;

const nothingSeen: Seen = { series: [], statuses: [], rules: [] };

/** Whether the past of a rule can be told from series at all. */
export const canSimulate = (rule: RuleDefinition): boolean =>
  ['series', 'statuses', 'rules'].includes(feedOf(rule));

export const simulationOf = (rule: RuleRecord): Simulation => {
  const { definition } = rule;
  const type = typeOf(definition.type);
  const timing = timingOf(definition);
  const feed = feedOf(definition);
  const alerts = new Map<string, Alert>();
  const statuses = openPastStatuses();

  const apply = (id: string, reading: Reading | undefined, now: number): Change[] => {
    const { alert, changed } = advance(rule, alerts.get(id), reading, now);
    if (alert) alerts.set(id, alert);
    else alerts.delete(id);
    return alert ? [{ alert, reading, changed }] : [];
  };

  const judge = async (now: number, seen: Partial<Seen>): Promise<readonly Change[]> => {
    const readings = await type.judge({ rule: definition, now }, { ...nothingSeen, ...seen });
    return readings.flatMap((reading) => apply(alertIdOf(rule.id, reading.subject.key), reading, now));
  };

  /** What an alert's own timer would have done until now. */
  const wake = (until: number): Change[] =>
    [...alerts].flatMap(([id, alert]) => {
      const at = wakeAtOf(timing, alert);
      return at !== undefined && at <= until ? apply(id, undefined, at) : [];
    });

  /** Each turn of a status: a rule over statuses is judged whenever one changes. */
  let knownUntil = Number.NEGATIVE_INFINITY;
  const stepStatuses = async (now: number, series: readonly Series[]): Promise<readonly Change[]> => {
    const changes: Change[] = [];
    for (const one of series) {
      for (const point of one.points) {
        const seen = statuses.take(one, point);
        if (seen) changes.push(...wake(point.at), ...(await judge(point.at, { statuses: [seen] })));
      }
    }
    return [...changes, ...wake(now)];
  };

  const queries = (now: number): readonly SeriesQuery[] => {
    if (feed === 'series') return type.queries?.({ rule: definition, now }) ?? [];
    if (feed !== 'statuses') return [];
    const selector = selectorOf(definition, definition.condition as Selection);
    return [{ series: 'check.up', selector, fromAt: now - longestStepMs, toAt: now }];
  };

  return {
    rule,
    isByLooks: feed === 'statuses',
    queries,
    step: (now, answers, rules) => {
      const series = queries(now).map((query, index) =>
        within(answers[index] ?? [], { ...query, fromAt: Math.max(query.fromAt, knownUntil) }),
      );
      if (feed === 'statuses') knownUntil = now;
      if (feed === 'statuses') return stepStatuses(now, series[0] ?? []);
      return judge(now, feed === 'rules' ? { rules } : { series });
    },
    states: () =>
      [...alerts.values()].map(({ subject, severity, state }) => ({
        ruleId: rule.id,
        subject,
        severity,
        isFiring: state === 'firing',
      })),
  };
};

/** What a query would have found: points of its time, and no subject that was not there yet. */
const within = (all: readonly Series[], { fromAt, toAt }: SeriesQuery): readonly Series[] =>
  all.flatMap((series) => {
    const points = series.points.slice(after(series.points, fromAt), after(series.points, toAt));
    return points.length === 0 && series.since > toAt ? [] : [{ ...series, points }];
  });

/** How many points lie at or before an instant. */
const after = (points: readonly Point[], at: number): number => {
  let [low, high] = [0, points.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((points[middle]?.at ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  return low;
};
