import type { CheckStatus } from '../../platform/events.ts';
import type { Seen } from '../slot-results.ts';

/** How a look counts: by what it saw, or as maintenance, whatever it saw. */
export const tallied = ['healthy', 'degraded', 'unhealthy', 'unknown', 'maintenance'] as const;
export type Tallied = (typeof tallied)[number];

export const noSeconds: Readonly<Record<Tallied, number>> = {
  healthy: 0,
  degraded: 0,
  unhealthy: 0,
  unknown: 0,
  maintenance: 0,
};

export const countsAs = (seen: Pick<Seen, 'status' | 'inMaintenance'>): CheckStatus | 'maintenance' =>
  seen.inMaintenance ? 'maintenance' : seen.status;
