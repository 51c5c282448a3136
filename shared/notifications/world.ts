import type { Bus } from '../platform/aws/bus.aws.ts';
import type { Clock } from '../platform/clock.ts';
import type { Place } from '../platform/environment.ts';
import type { NewId } from '../platform/ids.ts';
import type { Table } from '../storage/table.ts';
import type { ChannelDefinition, ChannelRecord } from './channel.ts';
import type { Outgoing, Sent } from './kinds/kind.ts';

/** What announcing needs: it only writes down what is to be told. */
export type AnnounceWorld = {
  readonly state: Pick<Table, 'get' | 'put'>;
  readonly clock: Clock;
  readonly newId: NewId;
};

/** What sending needs; `openSending` makes it from what a function's contract declares. */
export type SendWorld = {
  readonly state: Pick<Table, 'get' | 'put'>;
  readonly bus: Pick<Bus, 'publish'>;
  readonly clock: Clock;
  /** Also where jitter comes from. */
  readonly newId: NewId;
  readonly place: Place;
  /** Sends one announcement through the channel, secrets put in and taken out of what comes back; throws NotSent. */
  readonly deliver: (
    definition: ChannelDefinition,
    outgoing: Omit<Outgoing, 'config' | 'channelName' | 'now'>,
  ) => Promise<Sent>;
  /** The live channel; undefined when it was removed. */
  readonly channel: (channelId: string) => Promise<ChannelRecord | undefined>;
  /** Where the API answers, without a slash at the end; empty where no address is known. */
  readonly publicUrl: string;
  /** The key that links are signed with. */
  readonly linkKey: () => Promise<string>;
  /** Epoch ms: nothing is begun that could not end by then. */
  readonly untilAt?: number | undefined;
  readonly onFault: (what: string, details: Readonly<Record<string, unknown>>) => void;
};

export type SweepWorld = SendWorld & { readonly state: Pick<Table, 'get' | 'put' | 'queryDue'> };

/** What became of one look at what a channel is to be told of an incident. */
export type SendOutcome =
  /** All of it was acknowledged. */
  | { readonly kind: 'sent'; readonly sent: number }
  /** There was nothing to send. */
  | { readonly kind: 'nothing' }
  /** Somebody else is sending it right now. */
  | { readonly kind: 'claimed' }
  /** It waits until `nextAttemptAt`: for the end of quiet hours, for the channel to come back, or there was no time. */
  | {
      readonly kind: 'waits';
      readonly why: 'backoff' | 'quiet' | 'breaker' | 'inactive' | 'time';
      readonly sent: number;
    }
  | { readonly kind: 'failed'; readonly sent: number; readonly reason: string }
  /** Trying ended. */
  | { readonly kind: 'undelivered'; readonly sent: number; readonly reason: string }
  /** The channel is not there any more; what waited for it was dropped. */
  | { readonly kind: 'dropped' };
