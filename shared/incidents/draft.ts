import type { ChannelRecord } from '../notifications/index.ts';
import type { EventDetails } from '../platform/events.ts';
import { type Severity, severities } from '../platform/events.ts';
import type { Incident, IncidentMember } from './incident.ts';
import type { DigestLine, Handing } from './left.ts';
import type { Mute } from './mute.ts';
import type { Targets } from './routing.ts';
import type { AlertingSettings } from './settings.ts';
import type { EntryKind, TimelineEntry } from './timeline.ts';

/** Everything that an incident is decided on, gathered before. */
export type Surroundings = {
  readonly members: readonly IncidentMember[];
  /** Muted members by alert id. */
  readonly muted: ReadonlyMap<string, Mute>;
  /** Parent checks (ids) that are down. */
  readonly parentsDown: ReadonlySet<string>;
  /** Where each firing member, and each that was told, goes, by alert id. */
  readonly targets: ReadonlyMap<string, Targets>;
  readonly settings: AlertingSettings;
  readonly channels: readonly ChannelRecord[];
  /** Epoch ms. */
  readonly now: number;
};

export type IncidentChange = EventDetails['incident.changed']['change'];

/** From what weighs least to what weighs most: one event tells of a decision. */
const changes: readonly IncidentChange[] = [
  'grown',
  'unacknowledged',
  'acknowledged',
  'escalated',
  'opened',
  'reopened',
  'resolved',
];

/** What became of an incident, and what follows from it. */
export type Decision = {
  /** The very same object when nothing changed; else the version after it. */
  readonly incident: Incident;
  readonly isChanged: boolean;
  readonly handing: readonly Handing[];
  readonly entries: readonly TimelineEntry[];
  readonly digest: readonly DigestLine[];
  readonly change: IncidentChange | undefined;
  readonly by: string | null;
  /** In a sentence, why this was decided. */
  readonly reason: string;
};

/** A decision while it is made: the only thing here that changes, and it never leaves the function that decides. */
export class Draft {
  incident: Incident;
  readonly before: Incident;
  readonly now: number;
  readonly handing: Handing[] = [];
  readonly entries: TimelineEntry[] = [];
  readonly digest: DigestLine[] = [];
  change: IncidentChange | undefined;
  by: string | null = null;

  constructor(before: Incident, now: number) {
    this.before = before;
    this.now = now;
    this.incident = before;
  }

  set(fields: Partial<Incident>): void {
    this.incident = { ...this.incident, ...fields };
  }

  note(
    kind: EntryKind,
    text: string,
    given: Partial<Pick<TimelineEntry, 'by' | 'channels' | 'alertId'>> = {},
  ) {
    const id = `${this.before.version + 1}.${this.entries.length}`;
    this.entries.push({ id, at: this.now, kind, text, by: null, ...given });
  }

  changed(change: IncidentChange): void {
    if (this.change === undefined || changes.indexOf(change) > changes.indexOf(this.change)) {
      this.change = change;
    }
  }

  finish(): Decision {
    const isChanged = !isAlike(this.before, this.incident) || this.entries.length + this.handing.length > 0;
    const { handing, entries, digest, change, by } = this;
    const incident = isChanged ? { ...this.incident, version: this.before.version + 1 } : this.before;
    const reason = entries.map(({ text }) => text).join(' ') || 'Nothing changed.';
    return { incident, isChanged, handing, entries, digest, change, by, reason };
  }
}

const isAlike = (left: Incident, right: Incident): boolean =>
  left === right || JSON.stringify(sorted(left)) === JSON.stringify(sorted(right));

/** What is undefined and what is not there are the same, and so is any order of fields. */
const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, each]) => each !== undefined)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, each]) => [name, sorted(each)]),
  );
};

export const rankOf = (severity: Severity): number => severities.indexOf(severity);

/** The worst of them; undefined when there is none. */
export const worstOf = (given: readonly (Severity | undefined)[]): Severity | undefined =>
  given.reduce(
    (worst, each) =>
      each !== undefined && (worst === undefined || rankOf(each) > rankOf(worst)) ? each : worst,
    undefined,
  );

/** The first few names, and how many there are beside them. */
export const listed = (names: readonly string[], most = 5): string =>
  names.length <= most
    ? names.join(', ')
    : `${names.slice(0, most).join(', ')} and ${names.length - most} more`;
