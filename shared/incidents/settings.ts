import type { EscalationStep } from '../alerting/index.ts';
import type { Severity } from '../platform/events.ts';

/** Where alerts go whose rule names no channel. The first route that fits decides, unless it says `continue`. */
export type Route = {
  readonly name: string;
  readonly severities?: readonly Severity[] | undefined;
  readonly deployments?: readonly string[] | undefined;
  /** Matchers over labels: each must hold. */
  readonly matchers?: readonly Matcher[] | undefined;
  /** Only at these times. */
  readonly time?:
    | {
        readonly weekdays?: readonly string[] | undefined;
        readonly from: string;
        readonly until: string;
        readonly timeZone?: string | undefined;
      }
    | undefined;
  readonly channels: readonly string[];
  readonly continue: boolean;
};

/** Like Alertmanager's: `=` `!=` `=~` `!~`; patterns are RE2 and match the whole value; a label that is not there is ''. */
export type Matcher = {
  readonly label: string;
  readonly operator: '=' | '!=' | '=~' | '!~';
  readonly value: string;
};

/** One document for the stack: `ALERTING` / `SETTINGS` in `state`. Each field has a default. */
export type AlertingSettings = {
  readonly defaultChannels: readonly string[];
  readonly routes: readonly Route[];
  readonly groupWaitSeconds: number;
  readonly groupIntervalSeconds: number;
  readonly repeatIntervalSeconds: number;
  readonly escalation: readonly EscalationStep[];
  /** Info is not told one by one but once a day. */
  readonly digest: { readonly at: string; readonly timeZone: string; readonly channels: readonly string[] };
};

/**
 * The queue of incidents delays each message by five seconds, and that is the group wait; a longer one is a timer.
 */
export const defaultSettings: AlertingSettings = {
  defaultChannels: [],
  routes: [],
  groupWaitSeconds: 5,
  groupIntervalSeconds: 300,
  repeatIntervalSeconds: 4 * 3600,
  escalation: [],
  digest: { at: '09:00', timeZone: 'UTC', channels: [] },
};
export const settingsKey = { pk: 'ALERTING', sk: 'SETTINGS' } as const;
