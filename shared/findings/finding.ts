import type { Severity } from '../platform/events.ts';
import type { Cause } from './cause-of.ts';

/**
 * What was found. `unhealthy` and `exhausted` are made by Homeostat of checks; `remediation` is a remedy that did not
 * help; the others come from detectors and from a team's own guardrail engine.
 */
export const findingKinds = [
  'unhealthy',
  'exhausted',
  'drift',
  'violation',
  'cost',
  'idle',
  'oversized',
  'remediation',
] as const;
export type FindingKind = (typeof findingKinds)[number];

/** What a JSON Patch (RFC 6902) of Cloud Control would change back; `test` operations guard it. */
export type PatchOperation = {
  readonly op: 'add' | 'remove' | 'replace' | 'test';
  readonly path: string;
  readonly value?: unknown;
};

export type FindingDetails = {
  /** Of a drift or a violation that Cloud Control can put right. */
  readonly typeName?: string | undefined;
  readonly identifier?: string | undefined;
  readonly patch?: readonly PatchOperation[] | undefined;
  /** Of something idle or oversized. */
  readonly savingsUsdPerMonth?: number | undefined;
  /** What a smaller one would be: an instance type, for one. */
  readonly recommended?: string | undefined;
  /** Measured use in percent of what there is, of something exhausted or oversized; held against the policy's threshold. */
  readonly usagePercent?: number | undefined;
  /** For how long something idle was seen idle; held against the policy's detection period. */
  readonly idleSeconds?: number | undefined;
  /** Of an unhealthy service: its checks. */
  readonly checkIds?: readonly string[] | undefined;
  /** And what is the matter with it. */
  readonly cause?: Cause | undefined;
};

/** Something wrong that was found by comparing, in the table `state`: `FINDINGS#<0–7>` / `<id>`. */
export type Finding = {
  /** hash(source, kind, deploymentId, resource, key): the same thing found again is the same finding. */
  readonly id: string;
  readonly kind: FindingKind;
  readonly state: 'open' | 'resolved';
  readonly severity: Severity;
  readonly deploymentId: string | null;
  /** An ARN, or the name of one of the deployment's resources. */
  readonly resource: string;
  readonly title: string;
  readonly reason: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Who found it: `homeostat`, or what a team's engine calls itself. */
  readonly source: string;
  readonly details: FindingDetails;
  /** Grows each time it opens again: tomorrow's identical finding may be remedied anew. */
  readonly occurrence: number;
  /** Epoch ms. */
  readonly openedAt: number;
  readonly updatedAt: number;
  readonly resolvedAt?: number | undefined;
  readonly revision: number;
};
