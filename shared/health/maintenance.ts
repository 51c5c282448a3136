import type { Weekday } from '../platform/wall-clock.ts';

/**
 * When trouble of a check is expected: it is recorded, and neither told nor counted against its uptime. Once (`at`, ISO
 * 8601), by a cron expression, or on weekdays from one time of day to another (past midnight when `until` is the
 * earlier one). `timeZone` is an IANA name; UTC when left out.
 */
export type MaintenanceWindow =
  | { readonly at: string; readonly durationSeconds: number }
  | { readonly cron: string; readonly durationSeconds: number; readonly timeZone?: string | undefined }
  | {
      readonly weekdays: readonly Weekday[];
      /** `HH:MM` */
      readonly from: string;
      readonly until: string;
      readonly timeZone?: string | undefined;
    };
