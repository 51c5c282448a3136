import { durationBounds, type RemediationCounters } from './counters.ts';

/** The exposition of what remedies did, text format 0.0.4. Pure; all labels are names of ours. */
export const remediationMetricsText = ({
  remediations,
  driftRemediations,
  durations,
}: RemediationCounters): string =>
  [
    '# HELP remediations_total Remediations that ended, by each kind of action of their plan.',
    '# TYPE remediations_total counter',
    ...remediations.map(({ action, outcome, count }) =>
      sample('remediations_total', { action, outcome }, count),
    ),
    '# HELP drift_remediations_total Remediations of drift that ended.',
    '# TYPE drift_remediations_total counter',
    ...driftRemediations.map(({ outcome, count }) => sample('drift_remediations_total', { outcome }, count)),
    '# HELP remediation_duration_seconds From the plan to its end, waiting for people included.',
    '# TYPE remediation_duration_seconds histogram',
    ...durations.flatMap(({ workflow, count, sumSeconds, buckets }) => [
      ...durationBounds.map((bound, at) =>
        sample('remediation_duration_seconds_bucket', { workflow, le: String(bound) }, buckets[at] ?? 0),
      ),
      sample('remediation_duration_seconds_bucket', { workflow, le: '+Inf' }, count),
      sample('remediation_duration_seconds_sum', { workflow }, sumSeconds),
      sample('remediation_duration_seconds_count', { workflow }, count),
    ]),
    '',
  ].join('\n');

const sample = (name: string, labels: Readonly<Record<string, string>>, value: number): string =>
  `${name}{${Object.entries(labels)
    .map(([label, text]) => `${label}="${text}"`)
    .join(',')}} ${value}`;
