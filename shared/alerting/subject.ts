/** What a rule is true for: a check, a finding, an alarm of AWS, a deployment. One alert is one rule for one subject. */
export type Subject = {
  /** `check:<id>`, `finding:<id>`, `external:<source>:<name>`, `deployment:<id>`, `rule`: unique among all subjects. */
  readonly key: string;
  /** Null where none is known: alarms of AWS without a tag that says so. */
  readonly deploymentId: string | null;
  /** What people call it. */
  readonly name: string;
  /** What silences, routes and messages go by: `deployment`, `check`, `type`, `target`, `tag.<name>`, `source` … */
  readonly labels: Readonly<Record<string, string>>;
  readonly checkId?: string | undefined;
  /** The check that this one hangs on: while it is down, trouble of this one is not told. */
  readonly parentCheckId?: string | undefined;
};
