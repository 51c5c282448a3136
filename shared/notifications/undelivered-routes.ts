import * as z from 'zod';
import { recorded } from '../audit/index.ts';
import { type Reach, requireWholeReach } from '../platform/api/caller.ts';
import { isoInstant } from '../platform/api/fields.ts';
import { type ApiWorld, defineRoute } from '../platform/api/route.ts';
import { toIso } from '../platform/clock.ts';
import type { ChannelRecord } from './channel.ts';
import { channelIdSchema } from './model.ts';
import { redrive } from './redrive.ts';
import { loadChannels } from './registry.ts';
import { listUndelivered, type Undelivered } from './undelivered.ts';

const path = '/api/v1/monitoring/notifications';

const undeliveredSchema = z.strictObject({
  channelId: z.string(),
  channelName: z.string().nullable().meta({ description: 'Null where the channel is not there any more.' }),
  incidentId: z.string(),
  title: z.string(),
  deploymentId: z.string().nullable(),
  since: isoInstant.meta({ description: 'Since when the channel takes nothing of it.' }),
  undeliveredAt: isoInstant.meta({ description: 'When trying ended.' }),
  attempts: z.int(),
  reason: z.string(),
  unsent: z
    .array(z.strictObject({ no: z.int(), kind: z.string(), at: isoInstant }))
    .meta({ description: 'What a redrive would send, in this order.' }),
});

const homeOf = ({ unsent }: Undelivered): string | null => unsent.at(-1)?.deploymentId ?? null;

const isWithin = (reach: Reach, undelivered: Undelivered): boolean => {
  const home = homeOf(undelivered);
  return reach === '*' || (home !== null && reach.includes(home));
};

const viewOf = (undelivered: Undelivered, channels: readonly ChannelRecord[]) => ({
  channelId: undelivered.channelId,
  channelName: channels.find(({ id }) => id === undelivered.channelId)?.definition.name ?? null,
  incidentId: undelivered.incidentId,
  title: undelivered.unsent.at(-1)?.title ?? '',
  deploymentId: homeOf(undelivered),
  since: toIso(undelivered.since),
  undeliveredAt: toIso(undelivered.undeliveredAt),
  attempts: undelivered.attempts,
  reason: undelivered.reason,
  unsent: undelivered.unsent.map(({ no, kind, at }) => ({ no, kind, at: toIso(at) })),
});

export const listUndeliveredRoute = defineRoute({
  id: 'listUndelivered',
  function: 'api',
  method: 'GET',
  path: `${path}/undelivered`,
  scope: 'read',
  summary: 'List what was not delivered',
  description:
    'Notifications that a channel did not take for a day, or refused for good; newest first, at most 200. A token that does not reach all deployments sees those of its own.',
  success: { status: 200, schema: z.strictObject({ items: z.array(undeliveredSchema) }) },
  async run({ caller }, world) {
    const [found, channels] = await Promise.all([
      listUndelivered(world.state, world.clock),
      loadChannels(world.state),
    ]);
    const within = found.filter((undelivered) => isWithin(caller.deployments, undelivered));
    return { body: { items: within.map((undelivered) => viewOf(undelivered, channels)) } };
  },
});

const redriveSchema = z.strictObject({
  channelId: channelIdSchema.optional().meta({ description: 'Only what this channel did not take.' }),
  incidentId: z
    .string()
    .regex(/^[0-9A-Za-z_-]{1,60}$/, 'Give the id of an incident.')
    .optional()
    .meta({ description: 'Only what belongs to this incident.' }),
});

export const redriveRoute = defineRoute({
  id: 'redriveNotifications',
  function: 'api',
  method: 'POST',
  path: `${path}/redrive`,
  scope: 'operate',
  summary: 'Send again what was not delivered',
  description:
    'All of it, or that of one channel or incident: trying begins anew within a minute, in the order in which it was told. Twice sends nothing twice.',
  body: redriveSchema,
  optionalBody: true,
  success: {
    status: 200,
    schema: z.strictObject({
      begun: z.int().meta({ description: 'Notifications (one for each channel and incident) tried anew.' }),
    }),
  },
  async run({ body, caller }, world) {
    requireWholeReach(caller.deployments, 'Notifications belong');
    const { channelId, incidentId } = body;
    const begun = await redrive(world, {
      ...(channelId !== undefined && { channelId }),
      ...(incidentId !== undefined && { incidentId }),
    });
    if (begun > 0) await tellAudit(world, { by: caller.principal, channelId, incidentId, begun });
    return { body: { begun } };
  },
});

/** It changes many items and none of its own, so that nothing carries its event: when the bus is away it is only logged. */
const tellAudit = async (
  { bus, log, newId, clock, place }: ApiWorld,
  asked: {
    readonly by: string;
    readonly channelId: string | undefined;
    readonly incidentId: string | undefined;
    readonly begun: number;
  },
): Promise<void> => {
  const { by, channelId = null, incidentId = null, begun } = asked;
  const subjectId = channelId ?? incidentId ?? 'all';
  const event = recorded(
    {
      by,
      action: 'redriven',
      kind: 'notification',
      subjectId,
      name: subjectId,
      deploymentId: null,
      before: null,
      after: { channelId, incidentId, begun },
    },
    { id: `audit:notification:${newId()}`, at: clock(), place },
  );
  try {
    await bus.publish([event]);
  } catch (error) {
    log.warn('who had notifications sent again was not told', { by, subjectId, error: error as Error });
  }
};

export const undeliveredRoutes = [listUndeliveredRoute, redriveRoute];
