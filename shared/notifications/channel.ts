import type { Severity } from '../platform/events.ts';
import { sha256 } from '../platform/ids.ts';

export const channelTypes = [
  'sns',
  'slack',
  'webhook',
  'email',
  'eventbridge',
  'pagerduty',
  'teams',
  'discord',
  'telegram',
  'github',
  'jira',
] as const;
export type ChannelType = (typeof channelTypes)[number];

/** While it is quiet only what is at least so severe is told; the rest waits for the end. */
export type QuietHours = {
  /** `HH:MM`; past midnight when `until` is the earlier one. */
  readonly from: string;
  readonly until: string;
  /** IANA name; UTC when left out. */
  readonly timeZone?: string | undefined;
  readonly weekdays?: readonly string[] | undefined;
  /** `critical` when left out. */
  readonly exceptFrom?: Severity | undefined;
};

/** A validated channel. Secrets stand in `config` only as `${secret:NAME}`, never as values. */
export type ChannelDefinition = {
  readonly name: string;
  readonly type: ChannelType;
  readonly config: Readonly<Record<string, unknown>>;
  /** Told in its place while this one cannot be reached. */
  readonly fallback?: string | undefined;
  readonly quietHours?: QuietHours | undefined;
  /** Whether it is told that something is right again; true when left out. */
  readonly tellsResolved: boolean;
  readonly isActive: boolean;
};

export type ChannelRecord = {
  readonly id: string;
  readonly definition: ChannelDefinition;
  readonly revision: number;
  readonly managedBy: 'file' | 'api' | 'builtin';
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly deletedAt?: number;
};

/** Channels belong to the whole stack: their names are unique. */
export const channelIdOf = (name: string): string => sha256(`channel\n${name}`).slice(0, 16);

/** Keys of the registry: `CHANNELS` / `<channelId>` in `state`; a team has tens of them. */
export const channelKey = (channelId: string) => ({ pk: 'CHANNELS', sk: channelId });
