import { listRules } from '../alerting/api.ts';
import { type AlertingSettings, readSettings } from '../incidents/index.ts';
import type { Table } from '../storage/table.ts';
import type { ChannelRecord } from './channel.ts';
import type { ChannelUses } from './define.ts';
import { loadChannels } from './registry.ts';

/** So many are named in a refusal; who mends these finds the rest. */
const mostTold = 10;

type LeftOut = {
  /** Ids of rules that the same request takes away or changes. */
  readonly isLeavingRule?: (ruleId: string) => boolean;
  /** Names of channels that it takes away or changes. */
  readonly isLeavingChannel?: (name: string) => boolean;
  /** The settings as they will be. */
  readonly settings?: AlertingSettings;
};

/** Finds who names a channel: rules, the settings and other channels. Reads all rules: for removals only. */
export const channelUsesIn =
  (state: Pick<Table, 'get' | 'query'>, leftOut: LeftOut = {}): ChannelUses =>
  async (channel) => {
    const settings = leftOut.settings ?? (await readSettings(state));
    const channels = await loadChannels(state);
    const fallbacks = channels.filter(
      ({ id, definition: { name, fallback } }) =>
        fallback !== undefined &&
        id !== channel.id &&
        !leftOut.isLeavingChannel?.(name) &&
        isNamed(channel, [fallback]),
    );
    const uses = [
      ...settingsUses(settings, channel),
      ...fallbacks.map(({ definition }) => `the fallback of the channel ${definition.name}`),
      ...(await ruleUses(state, channel, leftOut.isLeavingRule)),
    ];
    return uses.length > mostTold ? [...uses.slice(0, mostTold), `${uses.length - mostTold} more`] : uses;
  };

const isNamed = ({ id, definition }: ChannelRecord, namesOrIds: readonly string[]): boolean =>
  namesOrIds.includes(definition.name) || namesOrIds.includes(id);

const settingsUses = (settings: AlertingSettings, channel: ChannelRecord): string[] => [
  ...(isNamed(channel, settings.defaultChannels) ? ['defaultChannels'] : []),
  ...settings.routes
    .filter((route) => isNamed(channel, route.channels))
    .map((route) => `the route ${route.name}`),
  ...(settings.escalation.some((step) => isNamed(channel, step.channels)) ? ['the escalation'] : []),
  ...(isNamed(channel, settings.digest.channels) ? ['the digest'] : []),
];

const ruleUses = async (
  state: Pick<Table, 'query'>,
  channel: ChannelRecord,
  isLeaving: LeftOut['isLeavingRule'],
): Promise<string[]> => {
  const uses: string[] = [];
  let after: string | undefined;
  do {
    const page = await listRules(state, { reach: '*', filter: {}, limit: 500, after });
    for (const { id, definition } of page.rules) {
      if (isLeaving?.(id) || !isNamed(channel, channelsIn(definition))) continue;
      const home = definition.deploymentId === null ? '' : ` of ${definition.deploymentId}`;
      uses.push(`the rule ${definition.name}${home}`);
    }
    after = page.next;
  } while (after !== undefined);
  return uses;
};

/** Every `channels` in a rule: its own, those of its thresholds and of its escalation. */
const channelsIn = (value: unknown): string[] => {
  if (Array.isArray(value)) return value.flatMap(channelsIn);
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([name, held]) =>
    name === 'channels' && Array.isArray(held)
      ? held.filter((one): one is string => typeof one === 'string')
      : channelsIn(held),
  );
};
