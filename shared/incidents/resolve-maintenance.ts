import { DomainError } from '../platform/errors.ts';
import type { MaintenanceDefinition } from './define-maintenance.ts';
import { readMuteMatchers } from './mute-input.ts';
import type { MaintenanceInput } from './mute-model.ts';

/** What people gave, with its matchers read. Throws VALIDATION_ERROR. */
export const resolveMaintenance = async (input: MaintenanceInput): Promise<MaintenanceDefinition> => {
  const { endsAt, ...given } = input;
  const isWithEnd = endsAt !== undefined && endsAt !== null;
  if (given.startsAt !== undefined && isWithEnd && endsAt <= given.startsAt) {
    const message = 'Give an end that is later than startsAt.';
    throw new DomainError('VALIDATION_ERROR', 'The maintenance ends before it starts.', [
      { path: 'endsAt', message },
    ]);
  }
  const matchers = await readMuteMatchers(given.matchers);
  return { ...given, matchers, ...(isWithEnd && { endsAt }) };
};
