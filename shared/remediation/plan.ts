import type { ResourceType } from '../catalog/index.ts';
import type { Cause, FindingKind } from '../findings/index.ts';
import type { ActionKind } from '../platform/action-kinds.ts';
import type { Severity } from '../platform/events.ts';
import type { Approval, Brakes, Limits, PolicySection } from '../policies/index.ts';

/** Anything that JSON can say: before-images and parameters. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

export const workflows = ['heal', 'drift', 'cost', 'rollback', 'scale'] as const;
export type Workflow = (typeof workflows)[number];

/** What a person may ask for at `POST /remediate/:deploymentId`. */
export const askedActions = [
  'fix-drift',
  'restart',
  'scale',
  'rollback',
  'optimize-cost',
  'fix-compliance',
] as const;
export type AskedAction = (typeof askedActions)[number];

export type PlannedResource = {
  /** As the deployment names it; the finding's own name when the deployment does not. */
  readonly name: string;
  readonly type: ResourceType;
  readonly id: string;
  /** As the deployment gives them: whoever reads it again has to read the same. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
};

/** How one planned action would be taken back. */
export type Undo = { readonly kind: ActionKind; readonly params: Readonly<Record<string, Json>> };

/** One change to the world, complete: nothing is looked up or decided again when it is applied. */
export type PlannedAction = {
  readonly kind: ActionKind;
  readonly resource: PlannedResource;
  readonly params: Readonly<Record<string, Json>>;
  /** One sentence: what it does. */
  readonly summary: string;
  /** What was there when the plan was made, as far as the action changes it. */
  readonly before: Json;
  /** What the same reading should show afterwards. */
  readonly expected: Json;
  /** Undefined: it cannot be taken back; `summary` says why. */
  readonly undo?: Undo | undefined;
  readonly risk: 'low' | 'medium' | 'high';
  /** What the session that applies it is narrowed to; empty for what is not of AWS. */
  readonly permissions: readonly {
    readonly actions: readonly string[];
    readonly resources: readonly string[];
  }[];
};

/** What the plan is for. Of a person's own wish the kind is `asked`. */
export type Occasion = {
  readonly kind: FindingKind | 'asked' | 'undo' | 'release' | 'scaling';
  /** The finding's, release's, scaling rule's or undone plan's id; of a wish a new one. */
  readonly id: string;
  /** Makes tomorrow's identical plan another one: the finding's occurrence, the instant of the wish. */
  readonly occurrence: string;
  readonly title: string;
  readonly severity: Severity;
  readonly checkIds: readonly string[];
  /** Of an unhealthy service: what is the matter with it. */
  readonly cause?: Cause | undefined;
};

export type Plan = {
  /** SHA-256 of the canonical JSON of everything else in it; also the id of its remediation, and its execution's name. */
  readonly hash: string;
  readonly workflow: Workflow;
  readonly deploymentId: string;
  readonly environment: string;
  readonly occasion: Occasion;
  /** Null: a person asked for it, and no policy speaks of it. */
  readonly policy: {
    readonly id: string;
    readonly name: string;
    readonly revision: number;
    readonly section: PolicySection;
  } | null;
  readonly actions: readonly PlannedAction[];
  readonly approval: Approval;
  readonly limits: Limits;
  readonly brakes: Brakes;
  readonly attempts: { readonly max: number; readonly backoff: 'exponential' | 'constant' };
  readonly verification: {
    /** These checks must be healthy by results that are newer than the action. */
    readonly checkIds: readonly string[];
    readonly afterSeconds: number;
    readonly deadlineSeconds: number;
  };
  /** What would be saved, of a cost plan. */
  readonly savingsUsdPerMonth?: number | undefined;
  /** Of a release's plan: how long its checks are watched, and what counts as failed. */
  readonly watch?:
    | { readonly windowSeconds: number; readonly maxBurnRate: number; readonly releaseId: string }
    | undefined;
  readonly undoOf?: string | undefined;
  /** Epoch ms. */
  readonly madeAt: number;
  /** Who asked: `policy:<name>`, `token:<id>`, `admin` … */
  readonly madeBy: string;
};
