/** Scaling without its schemas: what the scaler needs, free of zod. */
export { decideScaling, type ScalingDecision, type ScalingState } from './decide-scaling.ts';
export { type DryRunPoint, dryRun } from './dry-run.ts';
export { type Judged, judgeScalers, type ScalingWorld } from './judge.ts';
export { scalerIdOf, scalerKind } from './kind.ts';
export { readValues } from './read-values.ts';
export type { ScalerDefinition, ScalerRecord, ScalingTarget } from './scaler.ts';
export { viewScaler, writtenScalerOf } from './written-scaler.ts';
