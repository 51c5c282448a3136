import * as z from 'zod';
import { isRegistered, requireNamed } from '../catalog/index.ts';
import { openHealthSight } from '../health/index.ts';
import { type Caller, noDeployment, requireReach } from '../platform/api/caller.ts';
import { isoInstant } from '../platform/api/fields.ts';
import { type ApiWorld, defineRoute } from '../platform/api/route.ts';
import { toIso } from '../platform/clock.ts';
import { dryRunChart } from './chart.ts';
import { type DryRunPoint, dryRun } from './dry-run.ts';
import { scalerKind, scalersPath } from './kind.ts';
import { resolveScaler, scalerDefinitionSchema, scalerIdSchema } from './model.ts';
import { permitFor } from './permit.ts';
import { readValues } from './read-values.ts';
import type { ScalerDefinition } from './scaler.ts';

/** Results of single looks are kept for three days unless configured otherwise. */
const mostHours = 72;
/** The scaler judges each minute; a long period is looked at in longer steps, so that the answer stays small. */
const mostPoints = 720;

const bounded = <T extends z.ZodNumber | z.ZodCoercedNumber>(number: T) => ({
  hours: number
    .int()
    .min(1, 'Give at least 1 hour.')
    .max(mostHours, `Give at most ${mostHours} hours.`)
    .default(6)
    .meta({ description: 'How far back.' }),
  startCount: number
    .int()
    .min(0, 'Give a whole number from 0.')
    .max(10_000, 'Give at most 10000.')
    .optional()
    .meta({ description: 'How many there were then; `min` of the rule when left out.' }),
});

const runOver = async (
  world: Pick<ApiWorld, 'state' | 'telemetry' | 'clock'>,
  definition: ScalerDefinition,
  {
    hours: over,
    startCount: count = definition.min,
  }: { readonly hours: number; readonly startCount?: number | undefined },
): Promise<{ readonly stepSeconds: number; readonly points: readonly DryRunPoint[] }> => {
  const stepSeconds = Math.ceil((over * 3600) / mostPoints / 60) * 60;
  const now = world.clock();
  const steps = Math.floor((over * 3600) / stepSeconds);
  const instants = Array.from({ length: steps }, (_, no) => now - (steps - 1 - no) * stepSeconds * 1000);
  const values = await readValues(openHealthSight(world), definition, instants);
  return { stepSeconds, points: dryRun(definition, values, count) };
};

const dryRunSchema = z.strictObject({
  stepSeconds: z.int(),
  points: z.array(
    z.strictObject({
      at: isoInstant,
      value: z.number().nullable(),
      desired: z.int(),
      change: z.enum(['out', 'in', 'none']),
      reason: z.string(),
    }),
  ),
});

const storedWithin = async (
  world: Pick<ApiWorld, 'state'>,
  id: string,
  caller: Caller,
): Promise<ScalerDefinition> =>
  (await requireNamed(world.state, scalerKind, id, permitFor(caller))).record.definition;

export const trialRoutes = [
  defineRoute({
    id: 'dryRunScaling',
    function: 'api',
    method: 'POST',
    path: `${scalersPath}/dry-run`,
    scope: 'read',
    summary: 'What a scaling rule would have done',
    description:
      'Of a definition that need not be saved, over the last hours: each step with the value, the count it would have come to, and why. The series is taken as it was; more of the target would have changed it.',
    body: z.strictObject({ rule: scalerDefinitionSchema, ...bounded(z.number()) }),
    success: { status: 200, schema: dryRunSchema },
    errors: ['NOT_FOUND'],
    async run({ body, caller }, world) {
      const { deploymentId } = body.rule;
      requireReach(caller.deployments, deploymentId);
      if (!(await isRegistered(world.state, deploymentId))) throw noDeployment();
      const { stepSeconds, points } = await runOver(world, resolveScaler(body.rule), body);
      return { body: { stepSeconds, points: points.map((point) => ({ ...point, at: toIso(point.at) })) } };
    },
  }),
  defineRoute({
    id: 'scalingChart',
    function: 'api',
    method: 'GET',
    path: `${scalersPath}/{id}/chart.svg`,
    scope: 'read',
    summary: 'The same as a picture',
    description: 'Of a rule that is there: its value and the count that it would have come to.',
    params: z.strictObject({ id: scalerIdSchema }),
    query: z.strictObject(bounded(z.coerce.number())),
    success: { status: 200, contentType: 'image/svg+xml; charset=utf-8' },
    errors: ['NOT_FOUND'],
    async run({ params, query, caller }, world) {
      const definition = await storedWithin(world, params.id, caller);
      return { body: dryRunChart((await runOver(world, definition, query)).points) };
    },
  }),
];
