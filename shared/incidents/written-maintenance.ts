import { writtenWindow } from '../health/index.ts';
import { toIso } from '../platform/clock.ts';
import type { MaintenanceDefinition } from './define-maintenance.ts';
import { writtenMatcher } from './matchers.ts';

/** A maintenance as people write it: what it gives resolves to the same maintenance. Instants are ISO 8601. */
export const writtenMaintenance = (definition: MaintenanceDefinition) => {
  const { name, matchers, windows, reason, startsAt, endsAt } = definition;
  return {
    name,
    matchers: matchers.map(writtenMatcher),
    windows: windows.map(writtenWindow),
    reason,
    ...(startsAt !== undefined && { startsAt: toIso(startsAt) }),
    ...(endsAt !== undefined && { endsAt: toIso(endsAt) }),
  };
};
export type WrittenMaintenance = ReturnType<typeof writtenMaintenance>;
