import * as z from 'zod';
import {
  deploymentIdField,
  duration,
  isoInstant,
  line,
  owners,
  tagsField,
  timeZoneField,
} from '../platform/api/fields.ts';
import { DomainError, type FieldFault } from '../platform/errors.ts';
import { weekdays } from '../platform/wall-clock.ts';
import type { ScalerDefinition, StepRule } from './scaler.ts';

/** What the series' windows can be at most: beyond it a rule would answer yesterday's load. */
const longestWindowSeconds = 3600;
const mostThings = 10_000;

const count = z.int().min(0, 'Give a whole number from 0.').max(mostThings, `Give at most ${mostThings}.`);
const stepField = z.strictObject({
  from: z
    .number()
    .optional()
    .meta({ description: 'The step holds from this value on; from the least when left out.' }),
  to: z.number().optional().meta({ description: 'And below this one; without end when left out.' }),
  change: z
    .int()
    .min(-mostThings)
    .max(mostThings)
    .meta({ description: 'How many more, or fewer when negative.' }),
  unit: z.enum(['count', 'percent', 'exact']).default('count').meta({
    description: 'What `change` is: so many, so many percent of those there are, or how many there shall be.',
  }),
});

const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'Give a time of day such as 22:00.');
const scheduleField = z
  .array(
    z
      .strictObject({
        weekdays: z
          .array(z.enum(weekdays))
          .min(1)
          .max(7)
          .refine((days) => new Set(days).size === days.length, 'Name each weekday once.')
          .optional()
          .meta({ description: 'On which it begins; every day when left out.' }),
        from: timeOfDay,
        until: timeOfDay.meta({ description: 'Into the next day when it is the earlier one.' }),
        timeZone: timeZoneField.optional(),
        min: count.optional(),
        max: count.optional(),
      })
      .refine(({ from, until }) => from !== until, {
        error: 'Give another time than `from`.',
        path: ['until'],
      })
      .refine(({ min, max }) => min !== undefined || max !== undefined, {
        error: 'Give min, max or both: what else holds meanwhile.',
        path: ['min'],
      }),
  )
  .min(1)
  .max(20, 'Give at most 20.')
  .meta({ description: 'Other bounds by the time of the week; the first entry whose time it is holds.' });

const shape = {
  deploymentId: deploymentIdField,
  name: line(100).meta({ description: 'Unique in the deployment.' }),
  isActive: z.boolean().default(true),
  target: z
    .strictObject({
      kind: z.enum(['ecs-service', 'auto-scaling-group', 'lambda-concurrency', 'probe-concurrency'], {
        error: 'Give ecs-service, auto-scaling-group, lambda-concurrency or probe-concurrency.',
      }),
      resource: line(100).meta({ description: 'The name of one of the resources of the deployment.' }),
    })
    .meta({ description: 'What is scaled.' }),
  series: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_.:/-]{0,199}$/, 'Name a series, such as check.response_time_ms.')
    .meta({ description: 'What is looked at.', examples: ['check.response_time_ms'] }),
  selector: z
    .strictObject({
      checks: z.array(line(200)).min(1).max(50).optional(),
      kinds: z.array(line(50)).min(1).max(20).optional(),
      tags: tagsField.optional(),
    })
    .default({})
    .meta({ description: 'Which checks of the deployment; all when left out.' }),
  aggregate: z.enum(['avg', 'min', 'max', 'sum', 'p50', 'p90', 'p95', 'p99']).default('avg'),
  window: duration
    .pipe(z.number().min(30, 'Give at least 30 seconds.').max(longestWindowSeconds, 'Give at most an hour.'))
    .default(300)
    .meta({ description: 'Over which time. One value of the whole window is compared.' }),
  targetValue: z.number().positive('Give a number above 0.').optional().meta({
    description:
      'Target tracking: the count follows the value in proportion, desired = ceil(count × value ÷ target).',
  }),
  steps: z
    .array(stepField)
    .min(1)
    .max(20)
    .optional()
    .meta({ description: 'Step scaling: in place of targetValue.' }),
  min: count.default(1),
  max: count,
  schedule: scheduleField.optional(),
  scaleOutCooldown: duration.pipe(z.number().max(86_400, 'Give at most a day.')).default(60),
  scaleInCooldown: duration.pipe(z.number().max(86_400, 'Give at most a day.')).default(300),
  scaleInProtection: z.boolean().default(false).meta({ description: 'Never fewer than there are.' }),
};

/** A scaling rule as people write it, over the API and in `homeostat.yaml` alike. */
export const scalerDefinitionSchema = z.strictObject(shape).meta({ id: 'ScalingRule' });
const { deploymentId: _around, ...insideDeployment } = shape;
/** One that stands inside a deployment of a file, which gives the deployment. */
export const scalerInDeploymentSchema = z.strictObject(insideDeployment);
export const scalerReplacementSchema = z.strictObject({
  ...shape,
  deploymentId: shape.deploymentId.optional(),
  name: shape.name.optional(),
});
export type ScalerInput = z.output<typeof scalerDefinitionSchema>;

export const scalerIdSchema = z.string().regex(/^[0-9a-f]{24}$/, 'Give the id of a scaling rule.');

/** A rule as answers show it: every default filled in, durations in seconds. */
export const scalerViewSchema = z
  .strictObject({
    id: z.string(),
    deploymentId: z.string(),
    name: z.string(),
    isActive: z.boolean(),
    target: z.strictObject({ kind: z.string(), resource: z.string() }),
    series: z.string(),
    selector: z.strictObject({
      checks: z.array(z.string()).optional(),
      kinds: z.array(z.string()).optional(),
      tags: tagsField.optional(),
    }),
    aggregate: z.string(),
    window: z.number(),
    targetValue: z.number().optional(),
    steps: z
      .array(
        z.strictObject({
          from: z.number().optional(),
          to: z.number().optional(),
          change: z.int(),
          unit: z.string(),
        }),
      )
      .optional(),
    min: z.int(),
    max: z.int(),
    schedule: scheduleField.optional(),
    scaleOutCooldown: z.number(),
    scaleInCooldown: z.number(),
    scaleInProtection: z.boolean(),
    managedBy: owners,
    revision: z.int(),
    createdAt: isoInstant,
    updatedAt: isoInstant,
  })
  .meta({ id: 'ScalingRuleView' });

const overlapOf = (steps: readonly StepRule[]): number =>
  steps.findIndex((step, at) =>
    steps
      .slice(0, at)
      .some(
        (other) =>
          (step.from ?? Number.NEGATIVE_INFINITY) < (other.to ?? Number.POSITIVE_INFINITY) &&
          (other.from ?? Number.NEGATIVE_INFINITY) < (step.to ?? Number.POSITIVE_INFINITY),
      ),
  );

const faultsOf = (written: ScalerInput): FieldFault[] => {
  const faults: FieldFault[] = [];
  const { steps, targetValue, min, max } = written;
  if ((steps === undefined) === (targetValue === undefined))
    faults.push({ path: 'targetValue', message: 'Give either targetValue or steps.' });
  if (min > max) faults.push({ path: 'max', message: `Give at least min, which is ${min}.` });
  for (const [at, entry] of (written.schedule ?? []).entries()) {
    const least = entry.min ?? min;
    if (least > (entry.max ?? max))
      faults.push({
        path: `schedule[${at}].${entry.max === undefined ? 'min' : 'max'}`,
        message: `Meanwhile there would be at least ${least} and at most ${entry.max ?? max}: give both bounds.`,
      });
  }
  // From nothing a proportion leads nowhere: 0 × anything is 0.
  if (targetValue !== undefined && min < 1)
    faults.push({
      path: 'min',
      message: 'Give at least 1: target tracking never leaves 0 again. Steps with unit exact can.',
    });
  const empty = (steps ?? []).findIndex(
    ({ from, to }) => from !== undefined && to !== undefined && from >= to,
  );
  if (empty >= 0)
    faults.push({ path: `steps[${empty}].to`, message: 'Give more than `from`: the step holds nothing.' });
  const overlap = empty < 0 ? overlapOf(steps ?? []) : -1;
  if (overlap >= 0)
    faults.push({
      path: `steps[${overlap}].from`,
      message: 'This step overlaps one before it: each value must have one answer.',
    });
  return faults;
};

/** The definition that is kept. Throws VALIDATION_ERROR with the fields at fault. */
export const resolveScaler = (written: ScalerInput): ScalerDefinition => {
  const faults = faultsOf(written);
  if (faults.length > 0)
    throw new DomainError('VALIDATION_ERROR', 'The scaling rule cannot work as it is defined.', faults);
  const { window, targetValue, steps, scaleInCooldown, scaleOutCooldown, ...rest } = written;
  return {
    ...rest,
    windowSeconds: window,
    scaling:
      targetValue === undefined
        ? { kind: 'steps', steps: steps ?? [] }
        : { kind: 'target', target: targetValue },
    scaleInCooldownSeconds: scaleInCooldown,
    scaleOutCooldownSeconds: scaleOutCooldown,
  };
};
