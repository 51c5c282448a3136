import { readableSeconds } from '../platform/duration.ts';
import { DomainError } from '../platform/errors.ts';
import type { Severity } from '../platform/events.ts';
import { type RuleRecord, ruleIdOf } from './rule.ts';
import type { Series, SeriesReader } from './series.ts';
import { type Change, canSimulate, longestStepMs, type Simulation, simulationOf } from './simulation.ts';
import type { Subject } from './subject.ts';
import { rank } from './types/bounds.ts';
import { memberNames } from './types/composite.ts';

export type FiringSpan = {
  readonly subject: Subject;
  /** The worst of the span. */
  readonly severity: Severity;
  readonly from: number;
  /** Null: it would still fire. */
  readonly to: number | null;
  /** The value farthest beyond the bound; null where there is none. */
  readonly peak: number | null;
  readonly reason: string;
};

export type Backtest = {
  /** The oldest first. */
  readonly spans: readonly FiringSpan[];
  readonly firings: number;
  /** How often a subject was judged, all together. */
  readonly evaluations: number;
  /** The one asked for, or a longer one where that would be too many evaluations. */
  readonly stepSeconds: number;
  readonly notes: readonly string[];
};

export type BacktestPeriod = {
  readonly from: number;
  readonly to: number;
  readonly stepSeconds: number;
  /** Asked before each step; throws when there is no time left. Judging keeps the thread busy, so no timer could end it. */
  readonly requireTime?: (() => void) | undefined;
};

const dayMs = 86_400_000;
/** Results are kept for so long; the day that has begun comes on top. */
const longestBacktestDays = 40;
/** What a live rule does. */
const shortestStepSeconds = 30;
const mostSteps = 5000;
/** Steps times subjects: some seconds of work. */
const mostEvaluations = 200_000;

/**
 * What a rule would have done: the very same judging and the very same state machine, fed step by step with what is known
 * of the past. `others` are the rules that a composite names. Throws ALERT_ERROR for a rule whose past no series tell.
 */
export const backtest = async (
  rule: RuleRecord,
  reader: SeriesReader,
  period: BacktestPeriod,
  others: readonly RuleRecord[] = [],
): Promise<Backtest> => {
  requirePeriod(period);
  const notes = new Set<string>();
  const simulations = simulationsOf(rule, others, notes);
  const spans = spanKeeper(rule);
  let stepMs = stepFor(period, 1);
  let evaluations = 0;
  let at = period.from;
  for (let begin = period.from; begin < period.to; begin += dayMs) {
    const end = Math.min(begin + dayMs, period.to);
    const answers = await readAll(simulations, reader, begin, end);
    stepMs = Math.max(stepMs, stepFor(period, subjectsIn(answers)));
    noteCoarse(simulations, answers, notes);
    for (; at <= end; at += stepMs) {
      period.requireTime?.();
      period.requireTime?.();
      for (const [index, simulation] of simulations.entries()) {
        const states = simulations.slice(0, index).flatMap((one) => one.states());
        const changes = await simulation.step(at, answers[index] ?? [], states);
        if (simulation.rule === rule) spans.take(changes);
      }
      evaluations += subjectsIn(answers);
    }
  }
  if (stepMs > period.stepSeconds * 1000) {
    notes.add(`Judged every ${readableSeconds(stepMs / 1000)}: what was shorter may be missing.`);
  }
  // Of statuses some hours before are read, too, so that what is down at the start is known.
  const found = spans.all().filter(({ to }) => to === null || to > period.from);
  return {
    spans: found,
    firings: found.length,
    evaluations,
    stepSeconds: stepMs / 1000,
    notes: [...notes],
  };
};

const requirePeriod = ({ from, to, stepSeconds }: BacktestPeriod): void => {
  const wrong =
    to <= from
      ? { path: 'to', message: 'Give an instant after `from`.' }
      : to - from > (longestBacktestDays + 1) * dayMs
        ? {
            path: 'from',
            message: `Look back at most ${longestBacktestDays} days: results are kept no longer.`,
          }
        : stepSeconds < shortestStepSeconds || stepSeconds * 1000 > longestStepMs
          ? { path: 'step', message: `Give ${shortestStepSeconds} s to ${longestStepMs / 3_600_000} h.` }
          : undefined;
  if (wrong) throw new DomainError('ALERT_ERROR', 'The rule cannot be tried over that time.', [wrong]);
};

/** A multiple of the one asked for, so that steps stay where people expect them. */
const stepFor = ({ from, to, stepSeconds }: BacktestPeriod, subjects: number): number => {
  const most = Math.min(mostSteps, Math.max(1, Math.floor(mostEvaluations / Math.max(1, subjects))));
  const times = Math.max(1, Math.ceil((to - from) / (stepSeconds * 1000) / most));
  return Math.min(times * stepSeconds * 1000, Math.max(longestStepMs, stepSeconds * 1000));
};

/** The rule itself last, after all that it hangs on. */
const simulationsOf = (
  rule: RuleRecord,
  others: readonly RuleRecord[],
  notes: Set<string>,
): readonly Simulation[] => {
  if (!canSimulate(rule.definition)) {
    throw new DomainError('ALERT_ERROR', `What a rule of the type ${rule.definition.type} saw is not kept.`, [
      { path: 'type', message: 'Try a rule that looks at series or at checks; events cannot be told again.' },
    ]);
  }
  const byId = new Map(others.map((other) => [other.id, other]));
  const planned = new Map<string, Simulation>();
  const plan = (one: RuleRecord, way: readonly string[]): void => {
    for (const name of memberNames(one.definition)) {
      const id = ruleIdOf(one.definition.deploymentId, name);
      const member = byId.get(id);
      if (way.includes(id) || planned.has(id)) continue;
      if (member && canSimulate(member.definition)) plan(member, [...way, id]);
      else notes.add(`What ${name} did is not known: it is taken as not firing.`);
    }
    planned.set(one.id, simulationOf(one));
  };
  plan(rule, [rule.id]);
  return [...planned.values()];
};

type Answers = readonly (readonly (readonly Series[])[])[];

/** Of each simulation all that its queries find between two instants, in one read. */
const readAll = async (
  simulations: readonly Simulation[],
  reader: SeriesReader,
  begin: number,
  end: number,
): Promise<Answers> => {
  const wanted = simulations.map((simulation) => {
    const first = simulation.queries(begin);
    return simulation.queries(end).map((query, index) => ({
      ...query,
      fromAt: Math.min(query.fromAt, first[index]?.fromAt ?? query.fromAt),
    }));
  });
  const flat = wanted.flat();
  const found = flat.length === 0 ? [] : await reader.read(flat);
  let next = 0;
  return wanted.map((queries) => {
    next += queries.length;
    return found.slice(next - queries.length, next);
  });
};

const subjectsIn = (answers: Answers): number =>
  answers.reduce((sum, own) => sum + own.reduce((most, one) => Math.max(most, one.length), 0), 0);

/** Old results are kept as hours only. */
const noteCoarse = (simulations: readonly Simulation[], answers: Answers, notes: Set<string>): void => {
  for (const [index, simulation] of simulations.entries()) {
    const all = answers[index]?.flat() ?? [];
    if (simulation.isByLooks && all.some(({ thresholds, points }) => !thresholds && points.length > 0)) {
      notes.add(
        'For part of the time there is one value an hour only: there a check was down where it was for all of the hour.',
      );
    }
    for (const [which, { fromAt, toAt }] of simulation.queries(0).entries()) {
      const coarse = answers[index]?.[which]?.find(
        ({ intervalSeconds }) => intervalSeconds * 1000 > toAt - fromAt,
      );
      if (coarse)
        notes.add(
          `For part of the time there is one value every ${readableSeconds(coarse.intervalSeconds)} only, which is longer than the window of ${readableSeconds((toAt - fromAt) / 1000)}.`,
        );
    }
  }
};

/** Collects when a rule's alerts would have fired. */
const spanKeeper = ({ definition }: RuleRecord) => {
  const open = new Map<string, FiringSpan>();
  const done: FiringSpan[] = [];
  const [first] = (definition.condition.thresholds ?? []) as readonly { readonly operator?: string }[];
  const isBelow = first?.operator?.startsWith('<') === true;
  const farther = (left: number | null, right: number | null): number | null => {
    if (left === null || right === null) return left ?? right;
    return isBelow ? Math.min(left, right) : Math.max(left, right);
  };
  const takeOne = ({ alert, reading }: Change): void => {
    const span = open.get(alert.id);
    if (alert.state !== 'firing') {
      if (span) done.push({ ...span, to: alert.resolvedAt ?? null });
      open.delete(alert.id);
      return;
    }
    const { subject, severity, reason, firedAt = alert.since } = alert;
    if (!span) {
      open.set(alert.id, { subject, severity, from: firedAt, to: null, peak: alert.value, reason });
      return;
    }
    const value = reading?.verdict === 'breached' ? reading.value : null;
    const worst = rank(severity) > rank(span.severity) ? severity : span.severity;
    open.set(alert.id, { ...span, severity: worst, peak: farther(span.peak, value) });
  };
  return {
    take: (changes: readonly Change[]): void => changes.forEach(takeOne),
    all: (): readonly FiringSpan[] =>
      [...done, ...open.values()].sort((left, right) => left.from - right.from),
  };
};
