import * as z from 'zod';
import { alertsPath } from '../alerting/api.ts';
import { reachWithin } from '../platform/api/caller.ts';
import { deploymentIdField, isoInstant } from '../platform/api/fields.ts';
import { defineRoute } from '../platform/api/route.ts';
import { toIso } from '../platform/clock.ts';
import { type Duration, incidentFigures } from './figures.ts';
import { noiseReport } from './noise.ts';
import { incidentsPath, periodOf, reportPeriod } from './route-parts.ts';

/** What incidents tell when one looks at many of them. */

const isCompleteField = z.boolean().meta({
  description: 'False: there were more than 5,000 incidents, and this is of the newest. Shorten the period.',
});

const duration = (what: string) =>
  z.strictObject({
    count: z.int().meta({ description: what }),
    mean: z.number().nullable().meta({ description: 'Seconds; null where there were none.' }),
    median: z.number().nullable().meta({ description: 'Seconds.' }),
  });

const figuresSchema = z
  .strictObject({
    from: isoInstant,
    to: isoInstant,
    opened: z.int(),
    stillOpen: z.int(),
    timeToAcknowledge: duration('Incidents that were acknowledged: MTTA.'),
    timeToResolve: duration('Incidents that are resolved: MTTR.'),
    isComplete: isCompleteField,
  })
  .meta({ id: 'IncidentFigures' });

const viewOfDuration = ({ count, meanSeconds: mean, medianSeconds: median }: Duration) => ({
  count,
  mean,
  median,
});

const query = z.strictObject({ deploymentId: deploymentIdField.optional(), ...reportPeriod });

export const readFiguresRoute = defineRoute({
  id: 'readIncidentFigures',
  function: 'api',
  method: 'GET',
  path: `${incidentsPath}/figures`,
  scope: 'read',
  summary: 'How fast incidents were acknowledged and resolved',
  description: 'MTTA and MTTR of the incidents that were opened in a period.',
  query,
  success: { status: 200, schema: figuresSchema },
  errors: ['NOT_FOUND'],
  async run({ query: asked, caller }, world) {
    const { from, to } = periodOf(asked, world.clock());
    const reach = reachWithin(caller.deployments, asked.deploymentId);
    const figures = await incidentFigures(world.state, from, to, reach);
    return {
      body: {
        from: toIso(from),
        to: toIso(to - 1),
        ...figures,
        timeToAcknowledge: viewOfDuration(figures.timeToAcknowledge),
        timeToResolve: viewOfDuration(figures.timeToResolve),
      },
    };
  },
});

const noiseSchema = z
  .strictObject({
    from: isoInstant,
    to: isoInstant,
    rules: z.array(
      z.strictObject({
        ruleId: z.string(),
        ruleName: z.string(),
        incidents: z.int().meta({ description: 'Incidents its alerts were part of.' }),
        fired: z.int().meta({ description: 'How often its alerts fired in them.' }),
        ignored: z
          .int()
          .meta({ description: 'Over without anybody having acknowledged, commented or resolved them.' }),
        shortLived: z
          .int()
          .meta({ description: 'Of those, over within five minutes: a longer `for` would have kept quiet.' }),
        flapping: z.int().meta({
          description: 'Reopened three times or more: hysteresis or a cooldown would have kept quiet.',
        }),
      }),
    ),
    isComplete: isCompleteField,
  })
  .meta({ id: 'NoiseReport' });

export const readNoiseRoute = defineRoute({
  id: 'readNoise',
  function: 'api',
  method: 'GET',
  path: `${alertsPath}/noise`,
  scope: 'read',
  summary: 'Which rules nobody acts on',
  description: 'Rules whose incidents ended without anybody caring, the noisiest first.',
  query,
  success: { status: 200, schema: noiseSchema },
  errors: ['NOT_FOUND'],
  async run({ query: asked, caller }, world) {
    const { from, to } = periodOf(asked, world.clock());
    const reach = reachWithin(caller.deployments, asked.deploymentId);
    const { rules, isComplete } = await noiseReport(world.state, from, to, reach);
    return { body: { from: toIso(from), to: toIso(to - 1), rules, isComplete } };
  },
});

export const reportRoutes = [readFiguresRoute, readNoiseRoute];
