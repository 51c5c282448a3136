import * as z from 'zod';
import { isoInstant, pageOf } from '../platform/api/fields.ts';
import { toIso } from '../platform/clock.ts';
import { severities } from '../platform/events.ts';
import type { Backtest, BacktestPeriod } from './backtest.ts';
import type { AlertEvent } from './events-store.ts';
import type { Subject } from './subject.ts';

/** What the routes of alerts answer with, beside rules. */

/** What a rule is true for, as answers show it. */
export const subjectViewSchema = z
  .strictObject({
    key: z.string().meta({ description: '`check:<id>`, `finding:<id>`, `deployment:<id>` and the like.' }),
    name: z.string(),
    deploymentId: z.string().nullable(),
    labels: z.record(z.string(), z.string()).meta({ description: 'What silences and routes go by.' }),
  })
  .meta({ id: 'Subject' });

export const viewOfSubject = ({ key, name, deploymentId, labels }: Subject) => ({
  key,
  name,
  deploymentId,
  labels: { ...labels },
});

export const eventViewSchema = z
  .strictObject({
    id: z.string(),
    alertId: z.string().meta({ description: 'Of rule and subject: its episodes share it.' }),
    ruleId: z.string(),
    ruleName: z.string(),
    type: z.string(),
    deploymentId: z.string().nullable(),
    subject: subjectViewSchema,
    state: z.enum(['firing', 'resolved']),
    severity: z.enum(severities),
    value: z.number().nullable(),
    reason: z.string(),
    firedAt: isoInstant,
    resolvedAt: isoInstant.nullable(),
    duration: z.number().nullable().meta({ description: 'Seconds; null while it fires.' }),
    isResolvedByHand: z.boolean(),
    incidentId: z.string().nullable(),
  })
  .meta({ id: 'AlertEvent' });
export const eventPageSchema = pageOf(eventViewSchema);

/** An episode as answers show it. */
export const viewOfEvent = (event: AlertEvent): z.output<typeof eventViewSchema> => {
  const { firedAt, resolvedAt, incidentId = null } = event;
  return {
    id: event.id,
    alertId: event.alertId,
    ruleId: event.ruleId,
    ruleName: event.ruleName,
    type: event.ruleType,
    deploymentId: event.deploymentId,
    subject: viewOfSubject(event.subject),
    state: event.state,
    severity: event.severity,
    value: event.value,
    reason: event.reason,
    firedAt: toIso(firedAt),
    resolvedAt: resolvedAt === undefined ? null : toIso(resolvedAt),
    duration: resolvedAt === undefined ? null : (resolvedAt - firedAt) / 1000,
    isResolvedByHand: event.isResolvedByHand === true,
    incidentId,
  };
};

export const backtestViewSchema = z
  .strictObject({
    from: isoInstant,
    to: isoInstant,
    step: z.number().meta({ description: 'Seconds between two judgements.' }),
    evaluations: z.int(),
    firings: z.int(),
    spans: z.array(
      z.strictObject({
        subject: subjectViewSchema,
        severity: z.enum(severities).meta({ description: 'The worst of the span.' }),
        from: isoInstant,
        to: isoInstant.nullable().meta({ description: 'Null: it would still fire.' }),
        peak: z.number().nullable().meta({ description: 'The value farthest beyond the bound.' }),
        reason: z.string(),
      }),
    ),
    isCut: z.boolean().meta({ description: 'There were more spans; `firings` counts them all.' }),
    notes: z.array(z.string()).meta({ description: 'What the past could not tell.' }),
  })
  .meta({ id: 'Backtest' });

/** So many spans keep an answer below the 6 MB that a function may give. */
const mostSpans = 1000;

export const viewOfBacktest = (
  tested: Backtest,
  { from, to }: Pick<BacktestPeriod, 'from' | 'to'>,
): z.output<typeof backtestViewSchema> => ({
  from: toIso(from),
  to: toIso(to),
  step: tested.stepSeconds,
  evaluations: tested.evaluations,
  firings: tested.firings,
  spans: tested.spans.slice(0, mostSpans).map((span) => ({
    ...span,
    subject: viewOfSubject(span.subject),
    from: toIso(span.from),
    to: span.to === null ? null : toIso(span.to),
  })),
  isCut: tested.spans.length > mostSpans,
  notes: [...tested.notes],
});
