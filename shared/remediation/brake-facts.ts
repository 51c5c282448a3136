import type { Finding } from '../findings/index.ts';
import type { ActionKind } from '../platform/action-kinds.ts';
import type { CheckStatus } from '../platform/events.ts';
import type { PolicyDecision, PolicyRecord } from '../policies/index.ts';
import type { Remedied } from './decide-limits.ts';
import type { HealItem } from './heal-item.ts';
import type { Plan, PlannedResource } from './plan.ts';
import type { Hold } from './remediation.ts';

/** Something that was read, or could not be: what cannot be read holds. */
export type Known<T> = { readonly value: T } | { readonly unreadable: string };

export type StopSwitch = {
  readonly isOn: boolean;
  readonly by?: string | undefined;
  readonly reason?: string | undefined;
  /** Epoch ms: since when. */
  readonly at?: number | undefined;
};

/** What the plan's policy says today. */
export type PolicyStanding = {
  /** Undefined: it was removed. */
  readonly record: PolicyRecord | undefined;
  /** What the policies would do now about what the plan is for; undefined when there is nothing to decide about. */
  readonly decision: PolicyDecision | undefined;
  /** Kinds of actions that the remedy of today means for the plan's resources; undefined when nobody can say. */
  readonly kinds?: readonly ActionKind[] | undefined;
  /** Outside of the policy's windows. */
  readonly window: Hold | undefined;
};

/** One of the checks for whose sake something is done. */
export type CheckFacts = {
  readonly checkId: string;
  readonly name: string;
  readonly status: CheckStatus;
  readonly isPaused: boolean;
  /** Name of the parent check that is down, and its id. */
  readonly parentDown?: { readonly checkId: string; readonly name: string } | undefined;
};

/** How the checks of the plan's deployment stand. */
export type WatchFacts = {
  /** Those of the occasion and of the verification; one that is gone is unknown. */
  readonly checks: readonly CheckFacts[];
  /** All of the deployment that are not paused, and those of them whose last look failed. */
  readonly total: number;
  readonly failing: readonly string[];
  /** Where the monitor's own way out fails, of the networks that these checks are looked at from. */
  readonly blind: readonly { readonly network: string; readonly since: number }[];
};

export type MaintenanceFacts = {
  readonly name: string;
  /** Epoch ms, as far as it is known and within the next hour. */
  readonly untilAt?: number | undefined;
};

/** What limits go by. */
export type NeedFacts = {
  /** All resources in need under the policy and environment. */
  readonly inNeed: readonly Remedied[];
  /** Those that other plans of the policy changed, or are about to, within the last hour. */
  readonly changed: readonly Remedied[];
  /** How many resources the matched deployments of the environment have. */
  readonly total: number;
};

export type ResourceStanding = {
  readonly resource: PlannedResource;
  readonly heal: HealItem;
  /** Who else writes it, when it flaps and that could be found out. */
  readonly writer?: string | undefined;
};

/** Everything the brakes look at, read once. */
export type BrakeWorld = {
  readonly now: number;
  readonly plan: Plan;
  readonly attempt: number;
  readonly stop: Known<StopSwitch>;
  /** Kinds of actions that the deployment of Homeostat was given permissions for. */
  readonly optedIn: readonly string[];
  /** What the plan is for, where it is a finding that is kept. */
  readonly finding: Known<Finding | undefined>;
  /** `value: undefined`: a person asked, and no policy speaks of it. */
  readonly policy: Known<PolicyStanding | undefined>;
  readonly watch: Known<WatchFacts>;
  readonly maintenance: Known<MaintenanceFacts | undefined>;
  readonly need: Known<NeedFacts>;
  readonly resources: Known<readonly ResourceStanding[]>;
};
