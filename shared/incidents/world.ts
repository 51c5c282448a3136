import type { Announcement, ChannelRecord } from '../notifications/index.ts';
import type { Bus } from '../platform/aws/bus.aws.ts';
import type { Queue } from '../platform/aws/queue.aws.ts';
import type { Clock } from '../platform/clock.ts';
import type { Place } from '../platform/environment.ts';
import type { NewId } from '../platform/ids.ts';
import type { Table } from '../storage/index.ts';
import type { IncidentMember } from './incident.ts';

/** How channels are told; notifications does it. */
export type Telling = {
  /** All channels of the registry, also inactive ones. */
  channels(): Promise<readonly ChannelRecord[]>;
  /** Hands an announcement to the channels' own items. A channel drops what it took already, by number. */
  announce(channels: readonly ChannelRecord[], announcement: Announcement): Promise<void>;
  /** Sends now what waits for the channel; what fails is tried again by itself. */
  sendDue(channelId: string, incidentId: string): Promise<unknown>;
};

/** What deciding an incident needs. */
export type IncidentWorld = Telling & {
  readonly state: Pick<Table, 'get' | 'query' | 'put' | 'update'>;
  readonly telemetry: Pick<Table, 'batchGet'>;
  readonly bus: Pick<Bus, 'publish'>;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly place: Place;
  /** Something failed that will be done again by itself. */
  onTrouble(what: string, error: Error): void;
};

/** What people's commands need. */
export type CommandWorld = {
  readonly state: Pick<Table, 'get' | 'query' | 'put' | 'update'>;
  readonly incidents: Pick<Queue, 'send'>;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly place: Place;
  /**
   * Marks the alert as resolved by hand, so that it fires again only after it was clear once, and gives how its member
   * stands then; `gone` when there is no such alert any more.
   */
  resolveAlert(
    member: IncidentMember,
    given: { readonly incidentId: string; readonly by: string; readonly at: number },
  ): Promise<IncidentMember | 'gone'>;
};
