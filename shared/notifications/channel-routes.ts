import * as z from 'zod';
import { requireWholeReach } from '../platform/api/caller.ts';
import { encodeCursor } from '../platform/api/cursor.ts';
import { pageOf, paging, positionFrom } from '../platform/api/fields.ts';
import { publishAfterWrite } from '../platform/api/publish.ts';
import { type ApiRequest, type ApiWorld, defineRoute } from '../platform/api/route.ts';
import { DomainError } from '../platform/errors.ts';
import type { ChannelRecord } from './channel.ts';
import { channelUsesIn } from './channel-uses.ts';
import { createChannel, removeChannel, replaceChannel, requireChannel } from './define.ts';
import {
  channelDefinitionSchema,
  channelIdSchema,
  channelReplacementSchema,
  channelTypeSchema,
  channelViewSchema,
} from './model.ts';
import { loadChannels } from './registry.ts';
import { channelSettingsFrom, resolveChannel } from './resolve-channel.ts';
import { viewChannel } from './view-channel.ts';

export const channelsPath = '/api/v1/monitoring/channels';
export const withChannelId = z.strictObject({ id: channelIdSchema });

/** Channels belong to the whole stack: whoever may use one of them tells with it of anything. */
export const requireChannelReach = ({ caller }: Pick<ApiRequest, 'caller'>): void =>
  requireWholeReach(caller.deployments, 'Channels belong');

const settingsOf = (world: ApiWorld) => channelSettingsFrom(world.setting, world.insideLambda);

const oneChannel = (record: ChannelRecord) => ({ body: viewChannel(record), revision: record.revision });

export const createChannelRoute = defineRoute({
  id: 'createChannel',
  function: 'api',
  method: 'POST',
  path: channelsPath,
  scope: 'write',
  summary: 'Make a channel',
  description:
    'Its name is unique in the stack. Secrets stand in it by reference only, and must be there. With an Idempotency-Key a repeated request answers with the channel that the first one made.',
  body: channelDefinitionSchema,
  success: { status: 201, schema: channelViewSchema },
  idempotent: true,
  etag: true,
  errors: ['CONFLICT', 'ALERT_ERROR'],
  async run({ body, caller, idempotency }, world) {
    requireChannelReach({ caller });
    const definition = resolveChannel(body, settingsOf(world));
    const made = await createChannel(world, definition, { by: caller.principal, request: idempotency });
    await publishAfterWrite(world, [made.pending]);
    return { ...oneChannel(made.record), location: `${channelsPath}/${made.record.id}` };
  },
});

export const listChannelsRoute = defineRoute({
  id: 'listChannels',
  function: 'api',
  method: 'GET',
  path: channelsPath,
  scope: 'read',
  summary: 'List channels',
  description:
    'By name, the built-in ones among them. They belong to the whole stack: the token must reach all deployments.',
  query: z.strictObject({ ...paging(200, 100), type: channelTypeSchema.optional() }),
  success: { status: 200, schema: pageOf(channelViewSchema) },
  paged: true,
  async run({ query, caller }, world) {
    requireChannelReach({ caller });
    const after = positionFrom(query.cursor, (position) => position.length <= 100);
    const found = (await loadChannels(world.state)).filter(
      ({ definition: { name, type } }) =>
        (after === undefined || name > after) && (query.type === undefined || type === query.type),
    );
    const page = found.slice(0, query.limit);
    const last = found.length > page.length ? page.at(-1)?.definition.name : undefined;
    return { body: { items: page.map(viewChannel), next: last === undefined ? null : encodeCursor(last) } };
  },
});

export const readChannelRoute = defineRoute({
  id: 'readChannel',
  function: 'api',
  method: 'GET',
  path: `${channelsPath}/{id}`,
  scope: 'read',
  summary: 'Read a channel',
  description: 'Its definition; no secret is in it.',
  params: withChannelId,
  success: { status: 200, schema: channelViewSchema },
  etag: true,
  errors: ['NOT_FOUND'],
  async run({ params, caller }, world) {
    requireChannelReach({ caller });
    return oneChannel((await requireChannel(world.state, params.id)).record);
  },
});

export const replaceChannelRoute = defineRoute({
  id: 'replaceChannel',
  function: 'api',
  method: 'PUT',
  path: `${channelsPath}/{id}`,
  scope: 'write',
  summary: 'Replace a channel',
  description:
    'The whole definition anew: what is left out gets its default. The name stays. What waits to be sent is sent as the new definition says. A built-in channel becomes one of yours.',
  params: withChannelId,
  body: channelReplacementSchema,
  success: { status: 200, schema: channelViewSchema },
  etag: true,
  errors: ['NOT_FOUND', 'CONFLICT', 'ALERT_ERROR'],
  async run({ params, body, caller, expects }, world) {
    requireChannelReach({ caller });
    const define = ({ definition: { name } }: ChannelRecord) => {
      requireSameName(body.name, name);
      return resolveChannel({ ...body, name }, settingsOf(world));
    };
    const replaced = await replaceChannel(world, params.id, define, { by: caller.principal, expects });
    await publishAfterWrite(world, [replaced.pending]);
    return oneChannel(replaced.record);
  },
});

const requireSameName = (given: string | undefined, own: string): void => {
  if (given === undefined || given === own) return;
  throw new DomainError('VALIDATION_ERROR', 'The name identifies a channel and cannot be changed.', [
    {
      path: 'name',
      message: `Leave it out or say "${own}"; to rename a channel, make a new one and remove this.`,
    },
  ]);
};

export const removeChannelRoute = defineRoute({
  id: 'removeChannel',
  function: 'api',
  method: 'DELETE',
  path: `${channelsPath}/{id}`,
  scope: 'write',
  summary: 'Remove a channel',
  description:
    'Refused while a rule, the settings or another channel name it. What it was still to be told is dropped. Of a built-in channel only what was changed goes.',
  params: withChannelId,
  success: { status: 204 },
  etag: true,
  errors: ['NOT_FOUND', 'CONFLICT'],
  async run({ params, caller, expects }, world) {
    requireChannelReach({ caller });
    const removed = await removeChannel(world, params.id, {
      by: caller.principal,
      expects,
      usesOf: channelUsesIn(world.state),
    });
    await publishAfterWrite(world, [removed.pending]);
    return {};
  },
});

export const channelRoutes = [
  createChannelRoute,
  listChannelsRoute,
  readChannelRoute,
  replaceChannelRoute,
  removeChannelRoute,
];
