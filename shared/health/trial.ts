import { type CheckDefinition, type CheckRecord, checkIdOf } from './check.ts';
import { entryOf } from './place.ts';
import type { PlanEntry } from './plan.ts';

/** Whoever asks waits for it, and the API answers within its own 20 s. */
const longestSeconds = 15;

/**
 * A definition that is not saved, as the tester takes it: an entry of no plan. What does not bear on a single attempt
 * (retries, thresholds, parents, maintenance) is left at its simplest.
 */
export const trialOf = (definition: CheckDefinition, now: number): PlanEntry => {
  const { parent: _parent, maintenance: _maintenance, ...rest } = definition;
  const record: CheckRecord = {
    id: checkIdOf(definition.deploymentId, definition.name),
    accountId: '',
    region: '',
    location: '',
    definition: { ...rest, retries: 0, timeoutSeconds: Math.min(rest.timeoutSeconds, longestSeconds) },
    revision: 0,
    managedBy: 'api',
    createdAt: now,
    updatedAt: now,
    placements: [],
  };
  return entryOf(record, { no: 0, placedAt: now });
};

/** What arrives at the tester. Only the API may call it, which has judged the definition: the shape is enough here. */
export const parseTrial = (payload: unknown): PlanEntry => {
  const entry = (typeof payload === 'object' && payload !== null ? payload : {}) as Partial<PlanEntry>;
  const { type, target, timeoutSeconds, config } = entry;
  const isWhole =
    typeof type === 'string' &&
    typeof target === 'string' &&
    typeof timeoutSeconds === 'number' &&
    typeof config === 'object' &&
    config !== null;
  if (!isWhole) throw new Error('the payload is no entry of a plan');
  return entry as PlanEntry;
};
