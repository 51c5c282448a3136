import type * as Zod from 'zod';
import type { CheckStatus, EventDetails, Severity } from '../../platform/events.ts';
import type { RuleDefinition } from '../rule.ts';
import type { Series, SeriesQuery } from '../series.ts';
import type { Subject } from '../subject.ts';

/** What one rule finds of one subject at one instant. */
export type Reading = {
  readonly subject: Subject;
  /** Null: there was no data, or too little of it for a verdict. */
  readonly value: number | null;
  /**
   * `breached`: a threshold is crossed, the worst one counts. `clear`: beyond every recovery bound. `between`: neither,
   * so that a firing alert stays and a resolved one too (hysteresis). `nothing`: no verdict; the rule's no-data policy decides.
   */
  readonly verdict: 'breached' | 'clear' | 'between' | 'nothing';
  /** Of the worst threshold crossed; the rule's own where the threshold names none. */
  readonly severity: Severity;
  /**
   * The worst threshold that is not recovered from, crossed or not: an alert that is already so severe stays so, and a
   * milder one does not become it. Left out: `severity` while breached.
   */
  readonly holds?: Severity | undefined;
  /** Channels of that threshold beside the rule's. */
  readonly channels?: readonly string[] | undefined;
  /** A sentence with the actual value and the bound: `average response time 812 ms over 5 minutes is above 500 ms`. */
  readonly reason: string;
  /** Epoch ms: when what is judged happened; not when it was judged. */
  readonly at: number;
};

/** How a check stands, for rules that judge statuses. */
export type StatusSeen = {
  readonly subject: Subject;
  readonly status: CheckStatus;
  /** Epoch ms: since when it stands so. */
  readonly since: number;
  readonly reason: string | null;
};

/** A signal of AWS itself, brought into one form. */
export type ExternalSignal = {
  readonly source: 'cloudwatch' | 'guardduty' | 'securityhub' | 'health';
  readonly subject: Subject;
  readonly state: 'firing' | 'resolved';
  readonly severity: Severity;
  readonly reason: string;
  readonly at: number;
};

/** State of another rule for one subject, for composites. */
export type RuleState = {
  readonly ruleId: string;
  readonly subject: Subject;
  readonly isFiring: boolean;
  readonly severity: Severity;
};

/** What a type looks at; `evaluate` gathers it and hands it over. Only the field of its own `feed` is filled. */
export type Seen = {
  readonly series: readonly (readonly Series[])[];
  readonly statuses: readonly StatusSeen[];
  readonly finding?: EventDetails['finding.changed'] | undefined;
  readonly external?: ExternalSignal | undefined;
  /** What the team's own function answered. */
  readonly verdict?: unknown;
  readonly rules: readonly RuleState[];
};

export type Judging = { readonly rule: RuleDefinition; readonly now: number };

export type Feed = 'series' | 'statuses' | 'findings' | 'external' | 'verdict' | 'rules';

/** What schemas of conditions need beside zod and must not bring into the evaluator: says why a text is no pattern of RE2. */
export type PatternFault = (pattern: string) => string | undefined;

/**
 * A type of rule: one file and one line of the registry. `condition` gets zod as an argument, so that it never enters
 * the evaluator's bundle. `queries` and `judge` are pure; `judge` may be asynchronous only to load RE2.
 */
export type RuleTypeDefinition = {
  /**
   * `series`: judged every 30 s from the queries' answers. `statuses`: at each transition of a check; what time alone
   * changes, the alert's own timer does. `findings`, `external`: at each such event. `verdict`: every 30 s from the
   * function's answer. `rules`: when an alert of a rule it names changes.
   */
  readonly feed: Feed;
  /** Where it depends on the condition; `feed` when left out. */
  feedOf?(rule: RuleDefinition): Feed;
  /** Where the usual values do not fit. */
  readonly defaults?: Partial<
    Pick<
      RuleDefinition,
      'severity' | 'forSeconds' | 'keepFiringSeconds' | 'cooldownSeconds' | 'noData' | 'minCoverage'
    >
  >;
  /** Gives the condition as it is written, with durations in seconds; what is derived from it may be added. */
  condition(
    z: typeof Zod,
    patternFault: PatternFault,
  ): Zod.ZodType<Record<string, unknown>, Record<string, unknown>>;
  /** Takes away what `condition` added. */
  written?(condition: RuleDefinition['condition']): RuleDefinition['condition'];
  /** How long the condition must hold before it fires, where the condition itself says so; the longer of this and `for` counts. */
  holdSeconds?(rule: RuleDefinition): number;
  /** Faults that only the whole shows: `[path, what to write instead]`. */
  faults?(rule: RuleDefinition): readonly (readonly [path: string, message: string])[];
  queries?(judging: Judging): readonly SeriesQuery[];
  judge(judging: Judging, seen: Seen): readonly Reading[] | Promise<readonly Reading[]>;
};
