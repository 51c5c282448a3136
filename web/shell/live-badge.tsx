import type { Live } from '../client/live.ts';
import { Ago, useNow } from '../components/time.tsx';
import { exactTime } from '../components/time-text.ts';

/** An answer comes every few seconds; after this long something is amiss. */
const staleMs = 20_000;

/** Says whether what is shown is of now, and else how old it is. */
export const LiveBadge = ({ live: { state, heardAt } }: { readonly live: Live }) => {
  const now = useNow();
  if (heardAt === 0)
    return <span class="live soft">{state === 'offline' ? 'No answer yet' : 'Connecting …'}</span>;
  if (state !== 'offline' && (state !== 'live' || now - heardAt < staleMs)) {
    return (
      <span class="live on" title={`Last answer ${exactTime(heardAt)}`}>
        <i aria-hidden="true" /> Live
      </span>
    );
  }
  return (
    <span class="live off" role="status">
      <i aria-hidden="true" /> {navigator.onLine ? 'No answer' : 'Offline'}: as of{' '}
      <Ago at={new Date(heardAt).toISOString()} />
    </span>
  );
};
