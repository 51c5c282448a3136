import * as z from 'zod';
import { causes } from '../findings/index.ts';
import { deploymentIdField, duration, line, tagsField, timeZoneField } from '../platform/api/fields.ts';
import { readableSeconds } from '../platform/duration.ts';
import { severities } from '../platform/events.ts';
import { weekdays } from '../platform/wall-clock.ts';
import { remedyActions } from './policy.ts';

/** Parts of the schema of policies, as people write them. */

const day = 86_400;

/** A duration in seconds, bounded. */
export const secondsWithin = (least: number, most: number) =>
  duration.refine(
    (seconds) => least <= seconds && seconds <= most,
    `Give from ${readableSeconds(least)} to ${readableSeconds(most)}.`,
  );

const percentHint = 'Give a percentage from 0 to 100, such as 80%.';
/** `80%`, `"80"` or 80; gives the number. */
export const percent = z
  .union(
    [
      z.number({ error: percentHint }),
      z
        .string()
        .regex(/^\d{1,4}(\.\d{1,3})?\s*%?$/, percentHint)
        .transform((text) => Number.parseFloat(text)),
    ],
    { error: percentHint },
  )
  .refine((value) => value >= 0 && value <= 100, percentHint)
  .meta({ id: 'Percent', description: 'From 0 to 100.', examples: ['80%'] });

const scaleHint = 'Give a factor above 1 and at most 100, such as 2x.';
/** `2x`, `1.5x` or 2; gives the number. */
const scale = z
  .union(
    [
      z.number({ error: scaleHint }),
      z
        .string()
        .regex(/^\d{1,3}(\.\d{1,3})?\s*x$/, scaleHint)
        .transform((text) => Number.parseFloat(text)),
    ],
    { error: scaleHint },
  )
  .refine((value) => value > 1 && value <= 100, scaleHint)
  .meta({ examples: ['2x'] });

const detectionHint = 'Give a share of use, such as "usage < 30%".';
/** `usage < 30%`, or the percentage alone; gives the number. */
const detection = z
  .union(
    [
      z
        .string()
        .regex(/^\s*usage\s*<\s*\d{1,3}(\.\d{1,3})?\s*%\s*$/, detectionHint)
        .transform((text) => Number.parseFloat(text.slice(text.indexOf('<') + 1))),
      percent,
    ],
    { error: detectionHint },
  )
  .refine((value) => value >= 0 && value <= 100, percentHint)
  .meta({ examples: ['usage < 30%'] });

const wholeFrom = (least: number, most: number) => {
  const hint = `Give a whole number from ${least} to ${most}.`;
  return z.int({ error: hint }).min(least, hint).max(most, hint);
};

const approvalMode = z.enum(['auto', 'manual'], { error: 'Give auto or manual.' });
const approval = z
  .union([
    approvalMode,
    z.strictObject({
      mode: approvalMode.default('manual'),
      people: wholeFrom(1, 10)
        .optional()
        .meta({ description: 'How many different people; 1 when left out.' }),
      by: z
        .array(line(100))
        .max(50, 'Name at most 50.')
        .optional()
        .meta({ description: 'Whose approval counts; anyone with the scope operate when left out.' }),
      another_person: z
        .boolean()
        .optional()
        .meta({ description: 'Whoever asked for the remedy does not count.' }),
      expires: secondsWithin(60, 7 * day)
        .optional()
        .meta({ description: 'Then it counts as rejected; 1m to 7d, 24h when left out.' }),
    }),
  ])
  .meta({
    id: 'PolicyApproval',
    description:
      'auto, manual, or who must approve. Left out: auto for health_remediation, manual for everything else and for what cannot be taken back.',
  });

const action = z
  .enum(remedyActions, { error: `Give one of ${remedyActions.join(', ')}.` })
  .meta({ id: 'RemedyAction' });
const params = z
  .record(
    z
      .string()
      .regex(/^[A-Za-z][A-Za-z0-9_]{0,62}$/, 'Name a parameter with letters, digits and underscores.'),
    z.union([z.string().max(1000), z.number(), z.boolean()]),
  )
  .refine((given) => Object.keys(given).length <= 20, 'Give at most 20 parameters.')
  .meta({
    id: 'RemedyParams',
    description: 'What the action needs: the name of a document, of a webhook.',
  });

const remedy = {
  action,
  approval: approval.optional(),
  max_attempts: wholeFrom(1, 10).optional().meta({
    description: 'How often it is tried while it does not help; 3 of an unhealthy service, else 1.',
  }),
  backoff: z
    .enum(['exponential', 'constant'], { error: 'Give exponential or constant.' })
    .optional()
    .meta({ description: 'Between attempts; exponential when left out.' }),
  wait: secondsWithin(0, 3600)
    .optional()
    .meta({ description: 'Between the change and the first look at whether it helped; 30s when left out.' }),
  params: params.optional(),
};
const maxResources = wholeFrom(0, 10_000)
  .optional()
  .meta({ description: 'How many resources at once; more in need: none is touched. 0 is none.' });
const maxScale = scale
  .optional()
  .meta({ description: 'Of scale_up: at most so many times what runs now; 2x when left out.' });

export const unhealthyService = z
  .strictObject({
    ...remedy,
    causes: z
      .array(z.enum(causes, { error: `Give ${causes.join(', ')}.` }))
      .min(1, 'Name at least one, or leave it out for any.')
      .refine((given) => new Set(given).size === given.length, 'Name each once.')
      .optional()
      .meta({
        description:
          'Only when this is the matter: down (no answer to be had), slow (none in time, or it took too long), errors (it answered wrongly); any when left out.',
      }),
    max_scale: maxScale,
  })
  .meta({ id: 'UnhealthyServiceRemedy' });
export const resourceExhaustion = z
  .strictObject({
    ...remedy,
    threshold: percent
      .optional()
      .meta({ description: 'From which use on; left out: as whoever found it says.' }),
    max_scale: maxScale,
  })
  .meta({ id: 'ResourceExhaustionRemedy' });
export const failedRelease = z.strictObject(remedy).meta({ id: 'FailedReleaseRemedy' });
export const idleResources = z
  .strictObject({
    ...remedy,
    detection_period: secondsWithin(3600, 90 * day)
      .optional()
      .meta({
        description: 'How long it must have been idle, 1h to 90d; left out: as whoever found it says.',
      }),
    max_resources: maxResources,
  })
  .meta({ id: 'IdleResourcesRemedy' });
export const oversizedResources = z
  .strictObject({
    ...remedy,
    detection: detection
      .optional()
      .meta({ description: 'Below which use; left out: as whoever found it says.' }),
    max_resources: maxResources,
  })
  .meta({ id: 'OversizedResourcesRemedy' });

export const bySeverity = (id: string) =>
  z
    .strictObject({
      enabled: z.boolean().optional().meta({ description: 'True when left out.' }),
      auto_fix: z
        .array(
          z.strictObject({
            severity: z.enum(severities, { error: `Give one of ${severities.join(', ')}.` }),
            ...remedy,
            max_resources: maxResources,
          }),
        )
        .max(severities.length, 'Give one entry a severity.')
        .optional()
        .meta({ description: 'Which severity is remedied how; of the others it says nothing.' }),
    })
    .meta({ id });

export const selectorField = z
  .strictObject({
    deployments: z.array(deploymentIdField).max(200, 'Name at most 200.').optional(),
    environments: z.array(line(100)).max(50, 'Name at most 50.').optional(),
    tags: tagsField.optional().meta({ description: 'Of the resource or the finding; each must be there.' }),
  })
  .meta({ id: 'PolicySelector', description: 'What is left out selects all.' });

export const windowField = z
  .strictObject({
    kind: z.enum(['allow', 'deny'], { error: 'Give allow or deny.' }),
    weekdays: z
      .array(z.enum(weekdays, { error: `Give one of ${weekdays.join(', ')}.` }))
      .min(1, 'Name at least one weekday.')
      .max(7)
      .refine((days) => new Set(days).size === days.length, 'Name each weekday once.')
      .optional()
      .meta({ description: 'The days on which it begins; every day when left out.' }),
    from: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'Give a time of day such as 18:00.'),
    until: z
      .string()
      .regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'Give a time of day such as 06:00, or 24:00.')
      .meta({ description: 'Past midnight when it is the earlier one.' }),
    time_zone: timeZoneField.optional(),
  })
  .refine(({ from, until }) => from !== until, {
    error: 'Give another time than `from`; for a whole day 00:00 and 24:00.',
    path: ['until'],
  })
  .meta({
    id: 'PolicyWindow',
    description: 'Where one allows, nothing runs outside of them; what denies goes before.',
  });

export const exceptionField = z
  .strictObject({
    resource: line(400).meta({
      description: "A resource's name, id or ARN; `*` at the end for all that begin so.",
      examples: ['orders-db'],
    }),
    reason: line(500),
    until: z.iso
      .datetime({
        offset: true,
        error: 'Give an ISO 8601 instant such as 2026-01-31T12:00:00Z: an exception ends.',
      })
      .meta({ description: 'ISO 8601: an exception always ends.' }),
  })
  .meta({ id: 'PolicyException' });
