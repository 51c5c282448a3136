import type { Answer } from '../../client/call.ts';
import type { Check } from '../../client/checks.ts';
import { shownStatus } from '../../client/checks.ts';
import { useRead } from '../../client/queries.ts';
import { Panel } from '../../components/panel.tsx';
import { Strip } from '../../components/strip.tsx';
import { withStatusNow } from '../../components/strip-text.ts';
import { ProblemNote, Waiting } from '../../components/told.tsx';
import { dayStatuses } from './day-statuses.ts';

/** Strips change by the hour and the day. */
const everyMs = 300_000;

/** The last day by the hour, and the last quarter by the day. */
export const DetailStrips = ({ check }: { readonly check: Check }) => {
  const hours = useRead('checks', 'readCheckStrips', { query: { ids: check.id } }, { everyMs });
  const days = useRead(
    'checks',
    'readHistory',
    { params: { id: check.id }, query: { period: '90d' } },
    { everyMs },
  );
  return (
    <Panel title="History">
      <ProblemNote error={hours.error ?? days.error} />
      {!hours.data && !hours.error && <Waiting />}
      {hours.data && <Hours check={check} strips={hours.data} />}
      {days.data && days.data.points.length > 1 && (
        <div class="check-strip-days">
          <Strip
            label="By the day"
            isExplained
            statuses={dayStatuses(days.data.points)}
            uptimePercents={days.data.points.map(({ uptimePercent }) => uptimePercent)}
            from={days.data.from}
            bucketSeconds={days.data.bucketSeconds}
          />
        </div>
      )}
    </Panel>
  );
};

const Hours = ({ check, strips }: { readonly check: Check; readonly strips: Answer<'readCheckStrips'> }) => {
  const strip = strips.items.find(({ id }) => id === check.id);
  if (!strip) return <p class="soft">Nothing is known of the last 24 hours.</p>;
  const now = shownStatus(check);
  return (
    <Strip
      label="By the hour"
      isExplained
      statuses={now === 'paused' ? strip.statuses : withStatusNow(strip.statuses, now)}
      uptimePercents={strip.uptimePercents}
      from={strips.from}
      bucketSeconds={strips.bucketSeconds}
    />
  );
};
