import * as z from 'zod';
import { readDeployment } from '../catalog/index.ts';
import { noDeployment, requireReach } from '../platform/api/caller.ts';
import { encodeCursor } from '../platform/api/cursor.ts';
import {
  deploymentIdField,
  duration,
  isoInstant,
  line,
  pageOf,
  paging,
  positionFrom,
} from '../platform/api/fields.ts';
import { publishAfterWrite } from '../platform/api/publish.ts';
import { type ApiWorld, defineRoute } from '../platform/api/route.ts';
import { toIso } from '../platform/clock.ts';
import { readImages } from './images.ts';
import { type Release, releaseStates } from './release.ts';
import { unhealthyNow } from './see-release.ts';
import { listReleases } from './store.ts';
import { tellRelease } from './tell.ts';

const path = '/api/v1/monitoring/deployments/{deploymentId}/releases';
const params = z.strictObject({ deploymentId: deploymentIdField });

const body = z
  .strictObject({
    version: line(100).meta({ description: 'What is released: a tag, a commit, an image digest.' }),
    state: z.enum(['began', 'finished'], { error: 'Give began or finished.' }).meta({
      description:
        'Tell `began` before anything changes, so that what was there is known, and `finished` after.',
    }),
    window: duration
      .pipe(z.number().min(30, 'Give at least 30 seconds.').max(86_400, 'Give at most a day.'))
      .optional()
      .meta({ description: 'How long the checks are watched once it finished; 10m when left out.' }),
    maxBurnRate: z.number().positive('Give a number above 0.').max(10_000).optional().meta({
      description:
        'How many times as fast as the target allows errors may use up its budget; 14.4 when left out.',
    }),
    sloTarget: z
      .number()
      .min(50, 'Give at least 50 per cent.')
      .max(100, 'Give at most 100 per cent.')
      .optional()
      .meta({ description: 'Percent of the looks that should be good; 99.9 when left out.' }),
  })
  .meta({ id: 'ReleaseTold' });

const view = z.strictObject({
  id: z.string(),
  deploymentId: z.string(),
  version: z.string(),
  state: z.enum(releaseStates),
  reason: z.string(),
  window: z.number(),
  maxBurnRate: z.number(),
  sloTarget: z.number(),
  beganAt: isoInstant,
  finishedAt: isoInstant.nullable(),
  endedAt: isoInstant.nullable(),
  by: z.string(),
});

const viewOf = (release: Omit<Release, 'before'>) => ({
  id: release.id,
  deploymentId: release.deploymentId,
  version: release.version,
  state: release.state,
  reason: release.reason,
  window: release.windowSeconds,
  maxBurnRate: release.maxBurnRate,
  sloTarget: release.sloTargetPercent,
  beganAt: toIso(release.beganAt),
  finishedAt: release.finishedAt === undefined ? null : toIso(release.finishedAt),
  endedAt: release.endedAt === undefined ? null : toIso(release.endedAt),
  by: release.by,
});

/** Until the responder, which hears of each change, keeps it as long as is configured. */
const keptDays = 90;

const beforeIn = (world: ApiWorld, deploymentId: string) => async () => {
  const deployment = await readDeployment(world.state, deploymentId);
  if (!deployment) throw noDeployment();
  const onTrouble = (what: string, error: Error) => world.log.warn(what, { error });
  const [before, unhealthyBefore] = await Promise.all([
    readImages(world.planner, deployment.definition, onTrouble),
    unhealthyNow(world, deploymentId),
  ]);
  return { before, unhealthyBefore };
};

export const releaseRoutes = [
  defineRoute({
    id: 'tellRelease',
    function: 'api',
    method: 'POST',
    path,
    scope: 'operate',
    summary: 'Tell that a release began or finished',
    description:
      'What runs is read when it begins. Once it finished the checks of the deployment are watched for its window: it is confirmed, or rolled back as the policies say (`failed_release`), or a person is asked. The same told twice is one release.',
    params,
    body,
    success: { status: 202, schema: view },
    errors: ['NOT_FOUND', 'CONFLICT'],
    async run({ params: { deploymentId }, body: told, caller }, world) {
      requireReach(caller.deployments, deploymentId);
      if (!(await readDeployment(world.state, deploymentId))) throw noDeployment();
      const { version, state, window, maxBurnRate, sloTarget } = told;
      const { release, pending } = await tellRelease(
        { ...world, keptDays },
        {
          deploymentId,
          version,
          state,
          windowSeconds: window,
          maxBurnRate,
          sloTargetPercent: sloTarget,
          by: caller.principal,
        },
        beforeIn(world, deploymentId),
      );
      await publishAfterWrite(world, [pending]);
      return { body: viewOf(release) };
    },
  }),
  defineRoute({
    id: 'listReleases',
    function: 'api',
    method: 'GET',
    path,
    scope: 'read',
    summary: 'List releases',
    description: 'Of one deployment, the newest first.',
    params,
    query: z.strictObject(paging(100, 20)),
    success: { status: 200, schema: pageOf(view) },
    paged: true,
    errors: ['NOT_FOUND'],
    async run({ params: { deploymentId }, query, caller }, world) {
      requireReach(caller.deployments, deploymentId);
      if (!(await readDeployment(world.state, deploymentId))) throw noDeployment();
      const after = positionFrom(query.cursor, (position) => position.length <= 100);
      const { releases, next } = await listReleases(world.state, deploymentId, { limit: query.limit, after });
      return { body: { items: releases.map(viewOf), next: next === undefined ? null : encodeCursor(next) } };
    },
  }),
];
