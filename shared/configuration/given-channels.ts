import { defaultSettings } from '../incidents/index.ts';
import { channelDefinitionSchema, resolveChannel } from '../notifications/api.ts';
import { builtinChannelNames } from '../notifications/index.ts';
import type { Configuration } from './load.ts';
import { channelSettingsForFiles } from './settings.ts';

/** Channels that something else than a file gives, as a file would write them, and which of them are the default ones. */
export type Given = {
  readonly channels: readonly {
    readonly name: string;
    readonly type: string;
    readonly config: Readonly<Record<string, unknown>>;
  }[];
  readonly defaultChannels: readonly string[];
};

/** The configuration with these channels as well. What a file says goes before: a channel of the same name, its own default channels. */
export const withChannels = (configuration: Configuration, given: Given): Configuration => {
  const named = new Set(configuration.channels.map(({ name }) => name));
  const added = given.channels
    .filter(({ name }) => !named.has(name))
    .map((channel) => resolveChannel(channelDefinitionSchema.parse(channel), channelSettingsForFiles));
  const { alerting = defaultSettings } = configuration;
  const isUsual = given.defaultChannels.every((name) => builtinChannelNames.includes(name));
  return {
    ...configuration,
    channels: [...configuration.channels, ...added],
    // Settings that say only what is so anyway would take them away from the API.
    ...(alerting.defaultChannels.length === 0 &&
      !isUsual && { alerting: { ...alerting, defaultChannels: given.defaultChannels } }),
  };
};

export const emptyConfiguration: Configuration = {
  deployments: [],
  checks: [],
  channels: [],
  maintenance: [],
  rules: [],
  policies: [],
  scalers: [],
  statusPages: [],
  acceptedOnly: [],
};
