import * as z from 'zod';
import { requireReach } from '../platform/api/caller.ts';
import { line } from '../platform/api/fields.ts';
import { type ApiWorld, defineRoute } from '../platform/api/route.ts';
import { DomainError } from '../platform/errors.ts';
import { trialSchema } from './answers.ts';
import type { CheckDefinition } from './check.ts';
import { resolveDefinition } from './definition.ts';
import { checkTrialSchema } from './model.ts';
import { notePing, pingExpiresAt } from './pings.ts';
import { requireCheck } from './registry.ts';
import { checksPath, settingsOf, withId } from './route-parts.ts';
import { keepSecrets } from './secrets.ts';
import { presentSecrets, requireSecrets } from './sound.ts';
import { trialOf } from './trial.ts';

/** What the tester answers, before anything is trusted of it. */
const triedSchema = trialSchema.omit({ responseTime: true, attempts: true });

const requireTriable = ({ type, class: kindClass }: CheckDefinition): void => {
  if (kindClass !== 'heartbeat' && kindClass !== 'composite') return;
  throw new DomainError('HEALTH_CHECK_ERROR', 'There is nothing to try.', [
    {
      path: 'type',
      message: `A check of the kind ${type} looks at no target: save it to see how it stands.`,
    },
  ]);
};

const ask = async (world: ApiWorld, definition: CheckDefinition): Promise<z.output<typeof triedSchema>> => {
  // Only what looks at a target over the network is placed by it: AWS itself is asked from outside the VPC.
  const isInside = definition.network === 'vpc' && definition.class === undefined;
  const tester = isInside ? world.vpcTester : world.tester;
  try {
    if (!tester) throw new Error('there is no tester inside the VPC');
    return triedSchema.parse(await tester.invoke(trialOf(definition, world.clock())));
  } catch (error) {
    world.log.error('a trial brought no answer', { type: definition.type, error: error as Error });
    throw new DomainError('COLLECTION_ERROR', 'The tester did not answer. Try again in a moment.');
  }
};

export const testCheckRoute = defineRoute({
  id: 'testCheck',
  function: 'api',
  method: 'POST',
  path: `${checksPath}/test`,
  scope: 'write',
  summary: 'Try a definition without saving it',
  description:
    'One attempt, at most 15 seconds long, from where the check would run. Tells the status, the reason and the timings; of what the target answered, only lengths and types. `name` may be left out.',
  body: checkTrialSchema,
  success: { status: 200, schema: trialSchema },
  errors: ['NOT_FOUND', 'HEALTH_CHECK_ERROR', 'COLLECTION_ERROR'],
  async run({ body, caller }, world) {
    requireReach(caller.deployments, body.deploymentId);
    const definition = keepSecrets(resolveDefinition(body, settingsOf(world)), undefined);
    requireTriable(definition);
    requireSecrets(definition, await presentSecrets(world, [definition]));
    const { status, reason, phases, statusCode } = await ask(world, definition);
    const responseTime = status === 'unknown' ? null : (phases.total ?? null);
    return {
      body: {
        status,
        responseTime,
        reason,
        phases,
        attempts: 1,
        ...(statusCode !== undefined && { statusCode }),
      },
    };
  },
});

const pingSchema = z.strictObject({
  status: z
    .enum(['ok', 'failed'])
    .default('ok')
    .meta({ description: '`failed` makes the check fail at once.' }),
  message: line(500).optional().meta({ description: 'Shown as the reason of a failure.' }),
});

export const pingCheckRoute = defineRoute({
  id: 'pingCheck',
  function: 'api',
  method: 'POST',
  path: `${checksPath}/{id}/ping`,
  scope: 'ingest',
  summary: 'Give a heartbeat its sign of life',
  description:
    'For checks of the kind heartbeat. An empty request means that all is well; it counts from the next look on.',
  params: withId,
  body: pingSchema,
  optionalBody: true,
  success: { status: 204 },
  errors: ['NOT_FOUND', 'CONFLICT', 'HEALTH_CHECK_ERROR'],
  async run({ params, body, caller }, world) {
    const { record } = await requireCheck(world.state, params.id, caller.deployments);
    const { class: kindClass, type, config } = record.definition;
    if (kindClass !== 'heartbeat') {
      throw new DomainError(
        'HEALTH_CHECK_ERROR',
        `Only a check of the kind heartbeat takes pings; this one is of the kind ${type}.`,
      );
    }
    const [place] = record.placements;
    if (!place) {
      throw new DomainError('CONFLICT', 'The check is not scheduled yet. Try again in a few seconds.');
    }
    const ping = { at: world.clock(), isFailure: body.status === 'failed', message: body.message ?? null };
    await notePing(world.telemetry, place, record.id, ping, pingExpiresAt(ping, config));
    return {};
  },
});

export const trialRoutes = [testCheckRoute, pingCheckRoute];
