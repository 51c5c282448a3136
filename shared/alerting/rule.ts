import type { Severity } from '../platform/events.ts';
import { bucketOf, sha256 } from '../platform/ids.ts';

export const ruleTypes = [
  'threshold',
  'error_rate',
  'downtime',
  'performance',
  'absence',
  'finding',
  'external',
  'custom',
  'composite',
] as const;
/** Open: anomaly, forecast and burn rate come as further files of `types/`. */
export type RuleType = (typeof ruleTypes)[number];

/** What becomes of an alert whose rule finds no data: nothing, as if the value were 0, it fires, or it stays as it is. */
export const noDataPolicies = ['ignore', 'zero', 'fire', 'keep'] as const;
export type NoDataPolicy = (typeof noDataPolicies)[number];

/** Whose alerts join one incident. */
export const groupings = ['deployment', 'rule', 'subject'] as const;
export type Grouping = (typeof groupings)[number];

/** Unacknowledged for so long, then these channels too, and the incident is at least so severe. */
export type EscalationStep = {
  readonly afterSeconds: number;
  readonly channels: readonly string[];
  readonly severity?: Severity | undefined;
};

/** A validated rule. `condition` is what the type's own schema gave, in normal form (seconds, ids). */
export type RuleDefinition = {
  /** Null: for all deployments; only tokens that reach all may write such a rule. */
  readonly deploymentId: string | null;
  readonly name: string;
  readonly type: RuleType;
  /** Of an alert whose threshold names none. */
  readonly severity: Severity;
  readonly condition: Readonly<Record<string, unknown>>;
  /** Names or ids; empty: as the routes say, and where no route fits the default channels. */
  readonly channels: readonly string[];
  /** True for so long before it fires. */
  readonly forSeconds: number;
  /** False for so long before it is resolved. */
  readonly keepFiringSeconds: number;
  /** After a resolution, so long nothing fires anew for the subject. */
  readonly cooldownSeconds: number;
  readonly noData: NoDataPolicy;
  /** Share of the window (0 to 1) that must be covered by data for a verdict. */
  readonly minCoverage: number;
  readonly groupBy: Grouping;
  readonly escalation: readonly EscalationStep[];
  readonly runbookUrl?: string | undefined;
  readonly description?: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly isActive: boolean;
};

export type RuleOwner = 'file' | 'api' | 'builtin';

/** A rule as the registry keeps it: the truth. What the evaluator reads is made from it. */
export type RuleRecord = {
  readonly id: string;
  readonly definition: RuleDefinition;
  /** Grows by one with each write; the ETag. A built-in rule that nobody wrote has 0. */
  readonly revision: number;
  readonly managedBy: RuleOwner;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly deletedAt?: number;
  /** Epoch ms: when it last began to fire for anything. Written by the evaluator beside the definition. */
  readonly lastTriggeredAt?: number;
};

/** What identifies a rule: its deployment (or all) and its name, so a renamed rule is a new one. Begins with its deployment's part. */
export const ruleIdOf = (deploymentId: string | null, name: string): string =>
  `${rulePrefixOf(deploymentId)}${sha256(`${deploymentId ?? '*'}\n${name}`).slice(0, 16)}`;

export const rulePrefixOf = (deploymentId: string | null): string => sha256(deploymentId ?? '*').slice(0, 8);

export const ruleBuckets = 8;

/** Keys of the registry: `RULES#<0–7>` / `<ruleId>` in `state`; one query lists the rules of a deployment. */
export const ruleKey = (ruleId: string) => ({
  pk: `RULES#${bucketOf(ruleId.slice(0, 8), ruleBuckets)}`,
  sk: ruleId,
});
