import { useContext } from 'preact/hooks';
import { useList } from '../../client/queries.ts';
import { Diff } from '../../components/diff.tsx';
import { changesOf } from '../../components/diff-rows.ts';
import { More } from '../../components/more.tsx';
import { Panel } from '../../components/panel.tsx';
import { Exact, TimeZone } from '../../components/time.tsx';
import { milliseconds, readableInstants } from '../../components/time-text.ts';
import { Empty, ProblemNote, Waiting } from '../../components/told.tsx';
import './record.css';

/** Who did what and why: each call, what was there before and after. */
export const Record = ({ id, isUnderWay }: { readonly id: string; readonly isUnderWay: boolean }) => {
  const log = useList(
    'remediations',
    'readRemediationLog',
    { limit: 100 },
    { params: { id }, everyMs: isUnderWay ? 3000 : 60_000 },
  );
  const timeZone = useContext(TimeZone);
  return (
    <Panel title="Record">
      {log.error && <ProblemNote error={log.error} />}
      {log.items === undefined && !log.error && <Waiting />}
      {log.items?.length === 0 && <Empty title="Nothing was done yet" />}
      <ol class="remediation-record">
        {log.items?.map((entry) => (
          <li key={`${entry.at}${entry.kind}${entry.text}`}>
            <div class="row small soft">
              <Exact at={entry.at} /> <span>{entry.by}</span>
              {entry.attempt > 0 && <span>attempt {entry.attempt}</span>}
              {entry.durationMs !== null && <span>{milliseconds(entry.durationMs)}</span>}
            </div>
            <p>{readableInstants(entry.text, timeZone)}</p>
            {entry.call && (
              <p class="mono small">
                {entry.call.service}:{entry.call.operation} {entry.call.outcome}
                {entry.call.detail && `: ${entry.call.detail}`}
              </p>
            )}
            {entry.before !== null && entry.after !== null && (
              <Diff
                rows={changesOf(entry.before, entry.after)}
                caption={entry.text}
                titles={['Before', 'After']}
              />
            )}
          </li>
        ))}
      </ol>
      <More list={log} />
    </Panel>
  );
};
