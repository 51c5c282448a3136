import type * as Zod from 'zod';
import { type Severity, severities } from '../../platform/events.ts';

export const operators = ['>', '>=', '<', '<=', '==', '!='] as const;
export type Operator = (typeof operators)[number];

/** One bound and what follows from crossing it. */
export type Threshold = {
  readonly severity?: Severity | undefined;
  readonly operator: Operator;
  readonly value: number;
  /** Not before this is crossed back it is over; `value` when left out. */
  readonly recovery?: number | undefined;
  readonly channels?: readonly string[] | undefined;
};

export const mostThresholds = 4;

export const compares = (value: number, operator: Operator, bound: number): boolean => {
  switch (operator) {
    case '>':
      return value > bound;
    case '>=':
      return value >= bound;
    case '<':
      return value < bound;
    case '<=':
      return value <= bound;
    case '==':
      return value === bound;
    case '!=':
      return value !== bound;
  }
};

export const severityField = (z: typeof Zod) =>
  z.enum(severities, { error: `Give one of ${severities.join(', ')}.` });

/** What a threshold says beside its bound. */
export const consequenceFields = (z: typeof Zod) => ({
  severity: severityField(z).optional().meta({ description: "The rule's own when left out." }),
  channels: z
    .array(z.string().min(1, 'Give the name or the id of a channel.').max(100))
    .max(20, 'Name at most 20 channels.')
    .optional()
    .meta({ description: "Beside the rule's channels." }),
});

export const thresholdsField = (z: typeof Zod) =>
  z
    .array(
      z.strictObject({
        operator: z.enum(operators, { error: `Give one of ${operators.join(' ')}` }),
        value: z.number({ error: 'Give a number.' }),
        recovery: z.number({ error: 'Give a number.' }).optional().meta({
          description: 'Not before the value is back beyond this it is over; `value` when left out.',
        }),
        ...consequenceFields(z),
      }),
    )
    .min(1, 'Give at least one threshold.')
    .max(mostThresholds, `Give at most ${mostThresholds} thresholds.`);

export const rank = (severity: Severity): number => severities.indexOf(severity);

/** The worse of two; what is not there is milder than anything. */
export const worse = (left: Severity | undefined, right: Severity | undefined): Severity | undefined => {
  if (!left || !right) return left ?? right;
  return rank(left) >= rank(right) ? left : right;
};

export type Fault = readonly [path: string, message: string];

/** Bounds whose recovery lies on the wrong side, or that could never be over. */
export const thresholdFaults = (
  thresholds: readonly Threshold[],
  path = 'condition.thresholds',
): readonly Fault[] =>
  thresholds.flatMap(({ operator, value, recovery }, index): readonly Fault[] => {
    if (recovery === undefined) return [];
    const at = `${path}[${index}].recovery`;
    if (operator === '==' || operator === '!=')
      return [
        [at, `Leave it out: with ${operator} there is nothing between crossed and recovered.`] as const,
      ];
    const isAbove = operator.startsWith('>');
    if (isAbove ? recovery <= value : recovery >= value) return [];
    return [
      [
        at,
        `Give ${value} or ${isAbove ? 'less' : 'more'}: it must lie on the good side of the bound.`,
      ] as const,
    ];
  });

export type Judged = {
  readonly verdict: 'breached' | 'clear' | 'between';
  readonly severity: Severity;
  readonly holds?: Severity | undefined;
  readonly channels?: readonly string[] | undefined;
  /** The one that counts; the first where none is crossed. */
  readonly threshold: Threshold | undefined;
};

/**
 * Holds thresholds against something: `crosses` says whether it is beyond a bound. The worst one crossed counts; what is
 * crossed no more and not yet recovered from holds a firing alert as it is.
 */
export const judgeThresholds = (
  thresholds: readonly Threshold[],
  usual: Severity,
  crosses: (operator: Operator, bound: number) => boolean,
): Judged => {
  let crossed: Threshold | undefined;
  let holds: Severity | undefined;
  for (const threshold of thresholds) {
    const severity = threshold.severity ?? usual;
    const isCrossed = crosses(threshold.operator, threshold.value);
    if (isCrossed && (!crossed || rank(severity) > rank(crossed.severity ?? usual))) crossed = threshold;
    if (isCrossed || (threshold.recovery !== undefined && crosses(threshold.operator, threshold.recovery)))
      holds = worse(holds, severity);
  }
  const threshold = crossed ?? thresholds[0];
  return {
    verdict: crossed ? 'breached' : holds ? 'between' : 'clear',
    severity: crossed?.severity ?? usual,
    ...(holds && { holds }),
    ...(crossed?.channels && { channels: crossed.channels }),
    threshold,
  };
};
