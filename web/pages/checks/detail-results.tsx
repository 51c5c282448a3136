import { useState } from 'preact/hooks';
import { useList } from '../../client/queries.ts';
import { Button } from '../../components/button.tsx';
import { Panel } from '../../components/panel.tsx';
import { StatusMark } from '../../components/status.tsx';
import { Table } from '../../components/table.tsx';
import { Tabs } from '../../components/tabs.tsx';
import { Exact } from '../../components/time.tsx';
import { milliseconds } from '../../components/time-text.ts';
import { Empty, ProblemNote, Waiting } from '../../components/told.tsx';
import { phasesIn, phaseWord, type Result } from './latency.ts';

const pageSize = 20;

/** Single looks, newest first. */
export const DetailResults = ({ id }: { readonly id: string }) => {
  const [which, setWhich] = useState<'all' | 'bad'>('all');
  const list = useList('checks', 'listResults', { limit: pageSize }, { params: { id }, everyMs: 15_000 });
  const rows = list.items?.filter(({ status }) => which === 'all' || status !== 'healthy');
  return (
    <Panel
      title="Looks"
      actions={
        <Tabs<'all' | 'bad'>
          label="Which looks"
          tabs={[
            { name: 'all', title: 'All' },
            { name: 'bad', title: 'Not healthy' },
          ]}
          chosen={which}
          onChoose={setWhich}
        />
      }
    >
      <ProblemNote error={list.error} />
      {!rows && !list.error && <Waiting />}
      {rows?.length === 0 && (
        <Empty
          title={which === 'all' ? 'It was not looked at yet' : 'All of those read so far were healthy'}
        />
      )}
      {rows && rows.length > 0 && <Rows rows={rows} />}
      {list.isMore && (
        <div>
          <Button isBusy={list.isReading} onClick={list.more}>
            Older looks
          </Button>
        </div>
      )}
      {!list.isMore && rows && <p class="small soft">Single looks are kept for three days.</p>}
    </Panel>
  );
};

const Rows = ({ rows }: { readonly rows: readonly Result[] }) => (
  <div class="check-results">
    <Table
      caption="Looks, newest first"
      columns={['Status', 'When', 'Response', 'Code', 'Attempts', 'Phases', 'Reason']}
    >
      {rows.map((row) => (
        <tr key={`${row.at} ${row.runId ?? ''}`} class="numbers">
          <td>
            <StatusMark status={row.status} />
          </td>
          <td>
            <Exact at={row.at} />
          </td>
          <td>{milliseconds(row.responseTime)}</td>
          <td>{row.statusCode ?? '–'}</td>
          <td>{row.attempts}</td>
          <td class="small soft">{phasesText(row)}</td>
          <td class="reason">
            {row.reason ?? ''}
            {row.runId !== undefined && <span class="soft small"> (asked for)</span>}
          </td>
        </tr>
      ))}
    </Table>
  </div>
);

const phasesText = (row: Result): string =>
  phasesIn([row])
    .map((phase) => `${phaseWord(phase)} ${milliseconds(row.phases[phase] ?? null)}`)
    .join(' · ') || '–';
