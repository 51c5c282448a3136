/** What the API function and the command line need of channels, schemas included; never on a sender's path. */
export { channelUsesIn } from './channel-uses.ts';
export {
  type DefinedChannel,
  putChannel,
  requireSoundChannel,
  withdrawChannel,
} from './define.ts';
export type { ChannelSettings } from './kinds/kind.ts';
export {
  type ChannelView,
  channelDefinitionSchema,
  channelIdSchema,
  channelReplacementSchema,
  channelTypeSchema,
  channelViewSchema,
} from './model.ts';
export {
  type ChannelInput,
  type ChannelSettingName,
  channelSettingsFrom,
  resolveChannel,
} from './resolve-channel.ts';
export { viewChannel } from './view-channel.ts';
export { type WrittenChannel, writtenChannelOf } from './written-channel.ts';
