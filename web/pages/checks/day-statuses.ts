import type { Answer } from '../../client/call.ts';
import type { StripStatus } from '../../components/strip-text.ts';

type Point = Pick<
  Answer<'readHistory'>['points'][number],
  'uptimePercent' | 'downtimeSeconds' | 'maintenanceSeconds' | 'knownSeconds'
>;

/**
 * A day as a bar: any downtime shows. A minute or less is degraded, more is unhealthy; a day of nothing but maintenance
 * is that, and one that nobody looked at is none.
 */
const statusOf = ({ downtimeSeconds, maintenanceSeconds, knownSeconds }: Point): StripStatus => {
  if (downtimeSeconds > 60) return 'unhealthy';
  if (downtimeSeconds > 0) return 'degraded';
  if (knownSeconds > 0) return 'healthy';
  return maintenanceSeconds > 0 ? 'maintenance' : null;
};

export const dayStatuses = (points: readonly Point[]): readonly StripStatus[] => points.map(statusOf);
