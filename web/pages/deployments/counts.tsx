import { StatusMark } from '../../components/status.tsx';

type Counts = {
  readonly total: number;
  readonly healthy: number;
  readonly degraded: number;
  readonly unhealthy: number;
  readonly unknown: number;
};
const order = ['unhealthy', 'degraded', 'unknown', 'healthy'] as const;

/** How many of its checks are how; what is none is left out. */
export const StatusCounts = ({ counts }: { readonly counts: Counts }) =>
  counts.total === 0 ? (
    <span class="soft">no checks</span>
  ) : (
    <span class="row">
      {order
        .filter((status) => counts[status] > 0)
        .map((status) => (
          <StatusMark key={status} status={status} word={`${counts[status]} ${status}`} />
        ))}
    </span>
  );
