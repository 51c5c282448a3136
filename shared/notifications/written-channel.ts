import type { ChannelDefinition } from './channel.ts';

/** A channel as people write it, in `homeostat.yaml` and over the API. */
export type WrittenChannel = ChannelDefinition;

/** The inverse of `resolveChannel`: what it gives resolves to the same definition. */
export const writtenChannelOf = (definition: ChannelDefinition): WrittenChannel => {
  const { name, type, config, fallback, quietHours, tellsResolved, isActive } = definition;
  return {
    name,
    type,
    config,
    ...(fallback !== undefined && { fallback }),
    ...(quietHours !== undefined && { quietHours }),
    tellsResolved,
    isActive,
  };
};
