import type { ScalerDefinition, ScalerRecord } from './scaler.ts';

/** As people write it: durations in seconds, what has its default said all the same. */
export type WrittenScaler = ReturnType<typeof writtenScalerOf>;
export const writtenScalerOf = (definition: ScalerDefinition) => {
  const { deploymentId, name, isActive, target, series, selector, aggregate, windowSeconds, scaling } =
    definition;
  return {
    deploymentId,
    name,
    isActive,
    target,
    series,
    selector,
    aggregate,
    window: windowSeconds,
    ...(scaling.kind === 'target' ? { targetValue: scaling.target } : { steps: scaling.steps }),
    min: definition.min,
    max: definition.max,
    ...(definition.schedule && { schedule: definition.schedule }),
    scaleOutCooldown: definition.scaleOutCooldownSeconds,
    scaleInCooldown: definition.scaleInCooldownSeconds,
    scaleInProtection: definition.scaleInProtection,
  };
};

export const viewScaler = ({ id, definition, revision, managedBy, createdAt, updatedAt }: ScalerRecord) => ({
  id,
  ...writtenScalerOf(definition),
  managedBy,
  revision,
  createdAt: new Date(createdAt).toISOString(),
  updatedAt: new Date(updatedAt).toISOString(),
});
