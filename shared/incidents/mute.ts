import type { MaintenanceWindow } from '../health/index.ts';
import type { Matcher } from './settings.ts';

/**
 * A time in which matching alerts are recorded and not told. A silence is once and made by a person in need (author,
 * reason and end are mandatory); a maintenance is planned, may repeat and may come from a file. Neither ever holds back a
 * resolution of what was told.
 */
export type Mute = {
  readonly id: string;
  readonly kind: 'silence' | 'maintenance';
  readonly name?: string | undefined;
  readonly matchers: readonly Matcher[];
  readonly author: string;
  readonly reason: string;
  /** Epoch ms. A maintenance without an end has none. */
  readonly startsAt: number;
  readonly endsAt?: number | undefined;
  /** Only of a maintenance: within start and end it mutes while one of these is open. */
  readonly windows?: readonly MaintenanceWindow[] | undefined;
  readonly managedBy: 'file' | 'api';
  readonly revision: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly deletedAt?: number;
};

/** `MUTES` / `<id>` in `state`; expires 30 days after its end. A team has tens of them. */
export const muteKey = (id: string) => ({ pk: 'MUTES', sk: id });
