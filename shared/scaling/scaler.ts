import type { Selector, SeriesName } from '../alerting/index.ts';
import type { ScheduledBounds } from './bounds-at.ts';

/** What is scaled: a resource of the deployment; `probe-concurrency` is how many checks Homeostat looks at side by side. */
export type ScalingTarget = {
  readonly kind: 'ecs-service' | 'auto-scaling-group' | 'lambda-concurrency' | 'probe-concurrency';
  /** The name of one of the deployment's resources. */
  readonly resource: string;
};

export type Aggregate = 'avg' | 'min' | 'max' | 'sum' | 'p50' | 'p90' | 'p95' | 'p99';

/** Desired = ceil(present × value ÷ target), as target tracking of Application Auto Scaling has it. */
export type TargetTracking = { readonly kind: 'target'; readonly target: number };
/** The step whose bounds (`from <= value < to`, over the threshold) hold the value; the change is a number or a percentage. */
export type StepRule = {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly change: number;
  readonly unit: 'count' | 'percent' | 'exact';
};
export type StepScaling = { readonly kind: 'steps'; readonly steps: readonly StepRule[] };

export type ScalerDefinition = {
  readonly deploymentId: string;
  readonly name: string;
  readonly isActive: boolean;
  readonly target: ScalingTarget;
  readonly series: SeriesName;
  readonly selector: Omit<Selector, 'deploymentId'>;
  readonly aggregate: Aggregate;
  readonly windowSeconds: number;
  readonly scaling: TargetTracking | StepScaling;
  readonly min: number;
  readonly max: number;
  /** Other bounds by the time of the week; the first entry whose time it is holds. */
  readonly schedule?: readonly ScheduledBounds[] | undefined;
  readonly scaleOutCooldownSeconds: number;
  readonly scaleInCooldownSeconds: number;
  /** Never fewer than now. */
  readonly scaleInProtection: boolean;
};

export type ScalerRecord = {
  readonly id: string;
  readonly definition: ScalerDefinition;
  readonly revision: number;
  readonly managedBy: 'file' | 'api';
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly deletedAt?: number | undefined;
};
