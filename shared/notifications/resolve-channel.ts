import { secretFaults, textsIn } from '../health/api.ts';
import { parseRanges } from '../health/index.ts';
import { DomainError, type FieldFault } from '../platform/errors.ts';
import type { SettingName } from '../platform/function/contract.ts';
import type { ChannelDefinition, ChannelType, QuietHours } from './channel.ts';
import type { ChannelKind, ChannelSettings } from './kinds/kind.ts';
import { channelKinds } from './kinds/registry.ts';

/** A channel as its schema gives it. */
export type ChannelInput = {
  readonly name: string;
  readonly type: ChannelType;
  readonly config: Readonly<Record<string, unknown>>;
  readonly fallback?: string | undefined;
  readonly quietHours?: QuietHours | undefined;
  readonly tellsResolved: boolean;
  readonly isActive: boolean;
};

const settingNames = [
  'checkSecretNames',
  'teamTopicArns',
  'emailIdentityNames',
  'allowedPrivateRanges',
] as const satisfies readonly SettingName[];
export type ChannelSettingName = (typeof settingNames)[number];

const listIn = (text: string): readonly string[] =>
  text
    .split(',')
    .map((one) => one.trim())
    .filter(Boolean);

export const channelSettingsFrom = (
  setting: (name: ChannelSettingName) => string,
  insideLambda = false,
): ChannelSettings => ({
  checkSecretNames: listIn(setting('checkSecretNames')),
  teamTopicArns: listIn(setting('teamTopicArns')),
  emailIdentityNames: listIn(setting('emailIdentityNames')),
  allowedPrivateRanges: parseRanges(setting('allowedPrivateRanges')),
  insideLambda,
});

/** Tens of channels are read together. */
const largestConfigBytes = 16_000;

/**
 * The definition that is stored, held against what this stack may do. Whether a secret or the fallback is there is judged
 * where they are kept. Throws VALIDATION_ERROR, or ALERT_ERROR for what this stack cannot do, saying what would do.
 */
export const resolveChannel = (input: ChannelInput, settings: ChannelSettings): ChannelDefinition => {
  const kind: ChannelKind = channelKinds[input.type];
  const faults = [...fallbackFaults(input), ...sizeFaults(input), ...misplaced(input, kind.secretFields)];
  if (faults.length > 0)
    throw new DomainError('VALIDATION_ERROR', 'The channel is not valid as it is.', faults);
  const refused = [
    ...secretFaults(input.config, settings),
    ...(kind.refusals?.(input.config, settings) ?? []),
  ];
  if (refused.length > 0) {
    throw new DomainError('ALERT_ERROR', 'This stack may not do what the channel needs.', refused);
  }
  const { name, type, config, fallback, quietHours, tellsResolved, isActive } = input;
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

const fallbackFaults = ({ name, fallback }: ChannelInput): FieldFault[] =>
  fallback === name ? [{ path: 'fallback', message: 'Name another channel.' }] : [];

const sizeFaults = ({ config }: ChannelInput): FieldFault[] =>
  Buffer.byteLength(JSON.stringify(config)) > largestConfigBytes
    ? [{ path: 'config', message: `Make it smaller: it may have ${largestConfigBytes} bytes as JSON.` }]
    : [];

const reference = '$'.concat('{secret:');

/** References where no value is put in would be told to the receiver as they are written. */
const misplaced = ({ config, type }: ChannelInput, fields: readonly string[]): FieldFault[] => {
  const isIn = (path: string): boolean => {
    const name = path.replace(/^config\./, '').replace(/\[\d+\]/g, '');
    return fields.some((field) =>
      field.endsWith('.*') ? name.startsWith(field.slice(0, -1)) : name === field,
    );
  };
  const places =
    fields.length === 0
      ? `a channel of the type ${type} takes no secrets`
      : `secrets are put only into ${fields.map((field) => `config.${field}`).join(', ')}`;
  return textsIn(config, 'config')
    .filter(([path, text]) => text.includes(reference) && !isIn(path))
    .map(([path]) => ({ path, message: `Give the text itself: ${places}.` }));
};
