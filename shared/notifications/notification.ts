import type { Announcement } from './announcement.ts';

/**
 * Everything that one channel is told about one incident: one item, so that order and «once» are one condition.
 * `CHANNEL#<channelId>` / `N#<incidentId>` in `state`; while something is unsent also in the index `due` under
 * `SEND#<0–7>` at `nextAttemptAt`, and when trying ended under `UNDELIVERED#<0–7>`.
 */
export type Notification = {
  readonly channelId: string;
  readonly incidentId: string;
  readonly groupKey: string;
  /** In order; coalesced so that it never grows past `mostUnsent`. */
  readonly unsent: readonly Announcement[];
  /** The newest announcement taken over from the incident: an older or equal one is a repeat. */
  readonly takenNo: number;
  /** The newest that the channel acknowledged, and whether it has seen the incident as firing. */
  readonly sentNo: number;
  readonly sentStatus: 'firing' | 'resolved' | null;
  /** Newest last, at most twenty: what was sent, with the hash of its payload. */
  readonly log: readonly {
    readonly no: number;
    readonly kind: string;
    readonly at: number;
    readonly hash: string;
    /** The receiver refused it for good, and took a newer one since: it was given up. */
    readonly isRefused?: boolean | undefined;
  }[];
  readonly thread?: string | undefined;
  /** Failures in a row. */
  readonly attempts: number;
  /** Epoch ms; 0 when trying ended and nothing new came since. */
  readonly nextAttemptAt: number;
  /** Epoch ms: when something is to be done before the next attempt, which is telling the fallback. */
  readonly lookAt?: number | undefined;
  /** Epoch ms: since when the channel takes nothing; undefined while it does. */
  readonly failingSince?: number | undefined;
  readonly lastError?: string | undefined;
  /** Trying ended, at this instant (epoch ms); a redrive begins anew. */
  readonly isUndelivered?: boolean | undefined;
  readonly undeliveredAt?: number | undefined;
  /** The event that says so is not on the bus yet. */
  readonly isUntold?: boolean | undefined;
  /**
   * What the fallback is told in this channel's place: up to which announcement, and whether it is left believing that
   * something fires. Written before it is told, and `isPending` until it surely was.
   */
  readonly fallback?:
    | { readonly no: number; readonly isFiring: boolean; readonly isPending?: boolean | undefined }
    | undefined;
  /** Who is sending right now, and until when nobody else may. */
  readonly claim?: { readonly by: string; readonly until: number } | undefined;
  readonly version: number;
};

export const mostUnsent = 20;

export const notificationKey = (channelId: string, incidentId: string) => ({
  pk: `CHANNEL#${channelId}`,
  sk: `N#${incidentId}`,
});
export const sendBuckets = 8;
/** The ids in a key, as the index `due` gives it. */
export const channelIdIn = (pk: string): string => pk.slice('CHANNEL#'.length);
export const incidentIdIn = (sk: string): string => sk.slice('N#'.length);
