import type { EventDetails, EventType } from '../platform/events.ts';

/** An event of our own bus as EventBridge hands it on. */
export type OwnEvent = {
  [T in EventType]: {
    readonly 'detail-type': T;
    readonly source: 'homeostat';
    readonly detail: EventDetails[T];
  };
}[EventType];

/** An event of a service of AWS from the account's default bus, not read yet. */
export type AwsEvent = {
  readonly 'detail-type': string;
  readonly source: `aws.${string}`;
  readonly id: string;
  readonly time: string;
  readonly account: string;
  readonly region: string;
  readonly resources?: readonly string[];
  readonly detail: unknown;
};

/** What the dispatcher sends twice a minute for each shard of rules: judge them at `at` (epoch ms). */
export type RuleTick = {
  readonly kind: 'rules';
  readonly shard: string;
  readonly at: number;
  /** Of the shard's rules, as it was listed: whoever remembers these need not read them. */
  readonly version?: number;
};

/** What the notifier sends when the time of an alert has come. */
export type AlertWake = { readonly kind: 'alert'; readonly pk: string; readonly sk: string };

/** Everything that the queue `signals` carries. */
export type Signal = OwnEvent | AwsEvent | RuleTick | AlertWake;

/** What the queue `incidents` carries, first in first out by group key: decide this incident anew. */
export type IncidentWake = { readonly incidentId: string; readonly groupKey: string };

/** Also in the queue `incidents`: send what waits for this channel (tests of a channel, redrives). Its group is the channel. */
export type SendWake = { readonly kind: 'send'; readonly channelId: string; readonly incidentId: string };
