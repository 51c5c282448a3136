import type * as Zod from 'zod';
import { type Severity, severities } from '../../platform/events.ts';
import {
  ExpressionFault,
  longestExpression,
  namePattern,
  type Program,
  parseExpression,
  reservedNames,
} from '../expression.ts';
import { evaluateExpression } from '../expression-value.ts';
import type { RuleDefinition } from '../rule.ts';
import type { Series, SeriesName } from '../series.ts';
import type { Subject } from '../subject.ts';
import { compares, judgeThresholds, type Threshold, thresholdFaults, thresholdsField } from './bounds.ts';
import { boundWords, gapsOf, queryOf, tidy } from './measure.ts';
import {
  gathered,
  ruleSubject,
  type Scope,
  type Selection,
  scopeField,
  selectionFields,
} from './selection.ts';
import { windowField } from './time-fields.ts';
import type { Judging, Reading, RuleTypeDefinition } from './type.ts';
import { aggregated, aggregateField, covered, windowUntil } from './window.ts';

type NamedSeries = Selection & {
  readonly series: SeriesName;
  readonly aggregate: string;
  readonly window: number;
};
type Calculated = {
  readonly expression: string;
  /** Parsed when it was saved; the only thing that judging goes by. */
  readonly program: Program;
  readonly series: Readonly<Record<string, NamedSeries>>;
  readonly per: Scope;
  readonly thresholds?: readonly Threshold[] | undefined;
};
type Asked = { readonly function: string };
const conditionOf = ({ condition }: RuleDefinition) => condition as unknown as Calculated | Asked;

const mostSeries = 10;
const functionArn =
  /^arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:[A-Za-z0-9_-]{1,64}(?::[A-Za-z0-9_$-]{1,128})?$/;

/** An expression over series that have names in it, or what a team's own function says. */
export const custom: RuleTypeDefinition = {
  feed: 'series',
  feedOf: (rule) => ('function' in conditionOf(rule) ? 'verdict' : 'series'),
  condition: (z) => z.union([calculatedSchema(z), askedSchema(z)], { error: ({ input }) => whichOne(input) }),
  written: ({ program: _parsed, ...condition }) => condition,
  faults: (rule) => {
    const condition = conditionOf(rule);
    return 'function' in condition ? [] : thresholdFaults(condition.thresholds ?? []);
  },
  queries: ({ rule, now }) => {
    const condition = conditionOf(rule);
    return 'function' in condition
      ? []
      : Object.values(condition.series).map((one) => queryOf(rule, one, now));
  },
  judge: (judging, { series, verdict }) => {
    const condition = conditionOf(judging.rule);
    return 'function' in condition ? [answered(judging, verdict)] : calculated(judging, condition, series);
  },
};

/** Where it is clear what is meant, the faults of that are told. */
const whichOne = (input: unknown): string | undefined =>
  isObject(input) && 'expression' in input !== 'function' in input
    ? undefined
    : 'Give {expression, series}, or {function} with the ARN of a function.';

const askedSchema = (z: typeof Zod) =>
  z.strictObject({
    function: z
      .string()
      .regex(functionArn, 'Give the ARN of a Lambda function.')
      .meta({ description: 'Asked every 30 s; it answers {firing, value?, reason?, severity?}.' }),
  });

const calculatedSchema = (z: typeof Zod) =>
  z
    .strictObject({
      expression: z.string().min(1, 'Give an expression.').max(longestExpression),
      series: z
        .record(
          z
            .string()
            .regex(namePattern, 'Name a series with 1 to 40 letters, digits or _, no digit first.')
            .refine(
              (name) => !reservedNames.includes(name),
              `Take another name than ${reservedNames.join(', ')}.`,
            ),
          z.strictObject({
            series: z.string().min(1, 'Name a series, such as check.failure.').max(200),
            ...selectionFields(z),
            aggregate: aggregateField(z, 'avg'),
            window: windowField(z),
          }),
        )
        .refine((named) => Object.keys(named).length <= mostSeries, `Give at most ${mostSeries} series.`),
      per: scopeField(z),
      thresholds: thresholdsField(z).optional(),
    })
    .transform((given, context) => {
      const fault = (path: string, message: string) =>
        context.addIssue({ code: 'custom', path: [path], message });
      try {
        const { program, kind, names } = parseExpression(given.expression);
        const missing = names.filter((name) => !Object.hasOwn(given.series, name));
        if (missing.length > 0) fault('series', `Say what ${missing.join(', ')} of the expression is.`);
        const idle = Object.keys(given.series).filter((name) => !names.includes(name));
        if (idle.length > 0) fault('series', `Leave out ${idle.join(', ')}: the expression does not use it.`);
        if (names.length === 0) fault('expression', 'Use at least one series.');
        if (kind === 'number' && !given.thresholds)
          fault('expression', 'Compare with something, such as a > 5, or give thresholds.');
        if (kind === 'boolean' && given.thresholds)
          fault('thresholds', 'Leave them out, or give an expression without a comparison.');
        return { ...given, program };
      } catch (error) {
        if (!(error instanceof ExpressionFault)) throw error;
        fault('expression', `${error.message} (column ${error.column}).`);
        return { ...given, program: [] as Program };
      }
    });

/** For each subject that any of the series knows. */
const calculated = (
  { rule, now }: Judging,
  condition: Calculated,
  answers: readonly (readonly Series[])[],
): readonly Reading[] => {
  const names = Object.keys(condition.series);
  const found = answers.slice(0, names.length).map((answer) => gathered(condition.per, rule, answer));
  const subjects = new Map<string, Subject>();
  for (const by of found) for (const [key, { subject }] of by) subjects.set(key, subject);
  return [...subjects.values()].flatMap((subject) => {
    const values: Record<string, number | null> = Object.create(null);
    let isNew = false;
    for (const [index, name] of names.entries()) {
      const named = condition.series[name];
      const members = found[index]?.get(subject.key)?.members ?? [];
      if (!named) continue;
      const window = covered(members, windowUntil(now, named.window), gapsOf(rule, named.aggregate));
      isNew ||= members.length > 0 && window.coverage === 'too new';
      values[name] = window.coverage === 'enough' ? aggregated(named.aggregate, window.points) : null;
    }
    const reading = verdictOf({ rule, now }, condition, subject, values);
    return isNew && reading.verdict === 'nothing' ? [] : [reading];
  });
};

const verdictOf = (
  { rule, now }: Judging,
  { expression, program, thresholds }: Calculated,
  subject: Subject,
  values: Readonly<Record<string, number | null>>,
): Reading => {
  const { result, left } = evaluateExpression(program, values);
  const shown = Object.entries(values).map(
    ([name, one]) => `${name} = ${one === null ? 'no data' : tidy(one)}`,
  );
  const told = `${expression} with ${shown.join(', ')}`;
  const about = { subject, severity: rule.severity, at: now };
  if (result === null) return { ...about, value: null, verdict: 'nothing', reason: `no result: ${told}` };
  if (typeof result === 'boolean') {
    const value = tidy(left ?? (result ? 1 : 0));
    return { ...about, value, verdict: result ? 'breached' : 'clear', reason: `${told} is ${result}` };
  }
  const { threshold, ...judged } = judgeThresholds(thresholds ?? [], rule.severity, (operator, bound) =>
    compares(Number(result.toPrecision(12)), operator, bound),
  );
  const bound = threshold ? `, ${boundWords(threshold, judged.verdict)}` : '';
  return { ...about, ...judged, value: tidy(result), reason: `${told} is ${tidy(result)}${bound}` };
};

const longestReason = 500;
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What a team's function answered, held against the shape it promised; anything else is no verdict. */
const answered = ({ rule, now }: Judging, verdict: unknown): Reading => {
  const about = { subject: ruleSubject(rule), value: null, severity: rule.severity, at: now };
  const nothing = (reason: string): Reading => ({ ...about, verdict: 'nothing', reason });
  if (verdict === undefined) return nothing('the function gave no answer');
  if (!isObject(verdict) || typeof verdict.firing !== 'boolean')
    return nothing('the function must answer {firing: true or false, value?, reason?, severity?}');
  const { firing, value, reason, severity } = verdict;
  if (value !== undefined && value !== null && !(typeof value === 'number' && Number.isFinite(value)))
    return nothing('the value that the function answered is no number');
  if (reason !== undefined && reason !== null && typeof reason !== 'string')
    return nothing('the reason that the function answered is no text');
  const known = severities.find((one) => one === severity);
  if (severity !== undefined && severity !== null && !known)
    return nothing(`the severity that the function answered is none of ${severities.join(', ')}`);
  return {
    ...about,
    value: typeof value === 'number' ? value : null,
    verdict: firing ? 'breached' : 'clear',
    severity: (known ?? rule.severity) satisfies Severity,
    reason: reason ? visible(reason) : `the function says ${firing ? 'firing' : 'not firing'}`,
  };
};

/** A foreign text: one line, and not endless. */
const visible = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu, ' ').slice(0, longestReason);
