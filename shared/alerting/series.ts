import type { Subject } from './subject.ts';

/** Which checks (later: which series) a rule looks at. An empty selector is everything in the rule's scope. */
export type Selector = {
  /** Null: of every deployment. The rule's own deployment, if it has one. */
  readonly deploymentId: string | null;
  /** By name; left out for all. */
  readonly checks?: readonly string[] | undefined;
  /** Check kinds: http, tcp … */
  readonly kinds?: readonly string[] | undefined;
  /** Each must be there with this value. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
};

/**
 * Series that results of checks give; pushed metrics join with names of their own. `check.response_time_ms` has a point
 * a look that was answered; `check.failure` 1 for a failed look and 0 for a good one; `check.up` 1 for healthy and
 * degraded, 0 for unhealthy. A look that is unknown has no point in any.
 */
export const checkSeries = ['check.response_time_ms', 'check.failure', 'check.up'] as const;
export type SeriesName = (typeof checkSeries)[number] | (string & {});

export type SeriesQuery = {
  readonly series: SeriesName;
  readonly selector: Selector;
  /** Epoch ms: points at `fromAt < at <= toAt`. */
  readonly fromAt: number;
  readonly toAt: number;
};

export type Point = { readonly at: number; readonly value: number };

export type Series = {
  readonly subject: Subject;
  /** Oldest first. */
  readonly points: readonly Point[];
  /** How far apart points should be; what tells how much of a window is covered. */
  readonly intervalSeconds: number;
  /** Epoch ms: since when the subject is looked at; before it nothing can be missing. */
  readonly since: number;
  /** Of single looks at a check: by how many its status turns. Left out where a point tells of more than one look. */
  readonly thresholds?:
    | {
        readonly failureThreshold: number;
        readonly failureWindow?: number | undefined;
        readonly successThreshold: number;
      }
    | undefined;
};

/**
 * The one port through which rules see the world: check results are its first source. Answers stand in the order of
 * the queries; a subject that matches and has no points is there with none (absence is a fact, too). May throw: then
 * nothing is judged, and the states of alerts stay.
 */
export interface SeriesReader {
  read(queries: readonly SeriesQuery[]): Promise<readonly (readonly Series[])[]>;
}
