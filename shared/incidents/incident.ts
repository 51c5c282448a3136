import { instantIn, type MemberAlert, sortable } from '../alerting/index.ts';
import type { Severity } from '../platform/events.ts';

/**
 * The people's view: alerts with one cause. Keys in `state`:
 *
 * | who asks  | question                               | access                                                        |
 * |-----------|----------------------------------------|---------------------------------------------------------------|
 * | evaluator | which incident does an alert join      | get, put `GROUP#<groupKey>` / `OPEN` by compare-and-set       |
 * | evaluator | an alert of the incident changed       | put `INC#<id>` / `A#<alertId>` if its seq is newer            |
 * | decider   | what belongs to it                     | query `INC#<id>` / begins with `A#`, consistent               |
 * | decider   | how it stands                          | get, put `INCIDENTS#<yyyy-mm>` / `<id>` if its version is the one read |
 * | decider   | keep what happened, once               | put `INC#<id>` / `T#<at>#<entryId>` if absent                 |
 * | api       | list incidents, newest first           | query `INCIDENTS#<yyyy-mm>` descending, month by month        |
 * | both      | is this check in trouble, and where    | query `FIRES#<checkId>`; put if its seq is newer              |
 * | api       | whom does an ended silence concern     | query `MUTED`: hints that expire by themselves                |
 * | notifier  | what goes into the digest              | query `DIGEST#<yyyy-mm-dd>`; put if absent                    |
 *
 * An incident has no TTL while it is open and 400 days from its resolution on, its members 400 days from theirs, an
 * entry of the timeline 400 days from when it happened.
 */
export type IncidentStatus = 'open' | 'acknowledged' | 'resolved';

/** One alert in an incident, as the decider sees it. Put by the evaluator whenever the alert's seq grows. */
export type IncidentMember = MemberAlert;

export type Incident = {
  readonly id: string;
  readonly groupKey: string;
  /** Null where its alerts belong to none. */
  readonly deploymentId: string | null;
  readonly title: string;
  readonly severity: Severity;
  readonly status: IncidentStatus;
  readonly openedAt: number;
  readonly acknowledgedAt?: number | undefined;
  readonly acknowledgedBy?: string | undefined;
  /** The first acknowledgement ever, for MTTA; a reopened incident keeps it. */
  readonly firstAcknowledgedAt?: number | undefined;
  readonly resolvedAt?: number | undefined;
  readonly resolvedBy?: string | undefined;
  /** Epoch ms: when somebody wrote a comment for the first time; like an acknowledgement it says that somebody cared. */
  readonly commentedAt?: number | undefined;
  /** What a person said last, hashed, so that a repeat of it changes nothing. */
  readonly lastSaid?: { readonly key: string; readonly at: number } | undefined;
  /** Members that fire, whether told or not, and that do not any more. */
  readonly firing: number;
  readonly resolved: number;
  /** Steps of the escalation taken since it was opened or reopened, and what each was known by. */
  readonly escalationStep: number;
  readonly escalated: readonly string[];
  /** At least so severe since a step said so. */
  readonly escalatedTo?: Severity | undefined;
  /** Somebody wants the next step now. */
  readonly escalateNow?: { readonly by: string; readonly at: number } | undefined;
  /** Epoch ms: since when somebody should have acknowledged it: told as firing, or given back. Escalation counts from here. */
  readonly waitingSince?: number | undefined;
  /** Epoch ms: when it was opened, or reopened the last time. The group wait counts from here. */
  readonly roundAt: number;
  readonly reopenings: number;
  /** Firing members that channels know of or will know with the next update, by alert id, with the seq looked at. */
  readonly told: Readonly<Record<string, number>>;
  /** Firing members that are recorded only, and why; also those of `told` that are muted now. The three lists together end at `mostTracked`; beyond it only numbers are kept. */
  readonly held: Readonly<Record<string, HeldBecause>>;
  /** Members that were told and do not fire any more, since the telling began: named when its end is told. */
  readonly over: readonly string[];
  /** Channels (ids) that know it as firing: those are told of its end. */
  readonly toldTo: readonly string[];
  /** Of those, the ones that get an update when the group interval is over. */
  readonly owed: readonly string[];
  /** The worst that `toldTo` know of. */
  readonly toldSeverity?: Severity | undefined;
  /** Epoch ms: when channels were last told anything, and last told or reminded that it fires. */
  readonly toldAt?: number | undefined;
  readonly remindedAt?: number | undefined;
  /** Epoch ms, the last few: when something fired again after its end was told, or was to be told. Newest last. */
  readonly turns: readonly number[];
  /** Epoch ms: it goes back and forth since then, and nothing is told until it stood still for a group interval. */
  readonly flappingSince?: number | undefined;
  /** Epoch ms: what was told is over since then, and that is not told yet, for it goes back and forth. */
  readonly overSince?: number | undefined;
  /** It was said on the timeline that there is no channel to tell. */
  readonly isUntellable?: boolean | undefined;
  /** Rules whose alerts it had, by id, at most `mostRules`: for the noise report. */
  readonly rules: Readonly<Record<string, { readonly name: string; readonly fired: number }>>;
  /** Checks, by id, that people were told of: what a public page may know of it. At most `mostAffected`. Missing on what was decided before this was kept. */
  readonly affected?: Readonly<Record<string, AffectedCheck>> | undefined;
  /** Number of the last announcement; each has its own, and channels take them in this order. */
  readonly announcementNo: number;
  /** Epoch ms: when it must be looked at again: end of the group wait, interval, repeat, escalation, silence. */
  readonly wakeAt?: number | undefined;
  readonly version: number;
};

/** How a check was affected by an incident. */
export type AffectedCheck = {
  /** Epoch ms: since when, and until when; it goes on while there is no end. */
  readonly at: number;
  readonly clearedAt?: number | undefined;
  /** It was down at some time; else it was slow or failed now and then. */
  readonly isDown: boolean;
};

/**
 * Why a firing member is not told: a silence or maintenance, its parent is down, it is mere information, the group wait is
 * not over, or no channel is there.
 */
export type HeldBecause = 'muted' | 'parent' | 'info' | 'wait' | 'channel';

/** 36 KB of an item's 400. */
export const mostTracked = 1000;
/** So many of what is over are named and counted; what ended longest ago gives way. */
export const mostOver = 200;
export const mostRules = 50;

/** As it begins: nobody was told anything yet. */
export const newIncident = (
  given: Pick<Incident, 'id' | 'groupKey' | 'deploymentId' | 'title' | 'severity' | 'openedAt'>,
): Incident => ({
  ...given,
  status: 'open',
  firing: 0,
  resolved: 0,
  escalationStep: 0,
  escalated: [],
  roundAt: given.openedAt,
  reopenings: 0,
  told: {},
  held: {},
  over: [],
  toldTo: [],
  owed: [],
  turns: [],
  rules: {},
  announcementNo: 0,
  version: 1,
});

/** Sorts by when it was opened, and tells where it lies. */
export const incidentIdOf = (openedAt: number, random: string): string =>
  `${sortable(openedAt)}-${random.replaceAll('-', '').slice(0, 12)}`;

export const incidentKey = (incidentId: string) => ({
  pk: `INCIDENTS#${new Date(instantIn(incidentId)).toISOString().slice(0, 7)}`,
  sk: incidentId,
});
export const memberKey = (incidentId: string, alertId: string) => ({
  pk: `INC#${incidentId}`,
  sk: `A#${alertId}`,
});
/** Who knows at once whether a check is in trouble: its children, when they are to be told or to join. */
export const firesKey = (checkId: string, alertId: string) => ({ pk: `FIRES#${checkId}`, sk: alertId });
export const groupKeyItem = (groupKey: string) => ({ pk: `GROUP#${groupKey}`, sk: 'OPEN' });

/** An alert that comes so soon after the incident of its group was resolved reopens that one. */
export const reopenWithinMs = 10 * 60_000;

export const keptSeconds = 400 * 86_400;
