import { useState } from 'preact/hooks';
import { useList } from '../../client/queries.ts';
import { Diff } from '../../components/diff.tsx';
import { changesOf } from '../../components/diff-rows.ts';
import { SearchField } from '../../components/field.tsx';
import { More } from '../../components/more.tsx';
import { PageHead } from '../../components/panel.tsx';
import { Table } from '../../components/table.tsx';
import { Exact } from '../../components/time.tsx';
import { Empty, ProblemNote, Waiting } from '../../components/told.tsx';

const AuditPage = () => {
  const [words, setWords] = useState('');
  const list = useList('settings', 'listAudit', { limit: 100 });
  const wanted = words.toLowerCase();
  const shown = list.items?.filter((entry) =>
    [entry.by, entry.name, entry.kind, entry.action, entry.deploymentId ?? ''].some((text) =>
      text.toLowerCase().includes(wanted),
    ),
  );
  return (
    <div class="stack">
      <PageHead title="Audit">Who wrote what, newest first.</PageHead>
      <SearchField label="Filter the audit" value={words} onInput={setWords} />
      {list.error && <ProblemNote error={list.error} />}
      {!shown && !list.error && <Waiting />}
      {shown?.length === 0 && (
        <Empty title={words ? 'None of what was read matches' : 'Nothing was written yet'} />
      )}
      {shown && shown.length > 0 && (
        <Table caption="Audit" columns={['When', 'Who', 'What', 'Change']}>
          {shown.map((entry) => (
            <tr key={entry.id}>
              <td>
                <Exact at={entry.at} />
              </td>
              <td>{entry.by}</td>
              <td>
                {entry.action} {entry.kind.replaceAll('_', ' ')} <b>{entry.name}</b>
                {entry.deploymentId && <div class="small soft">{entry.deploymentId}</div>}
              </td>
              <td>
                <details>
                  <summary>Before and after</summary>
                  <Diff
                    rows={changesOf(entry.before ?? undefined, entry.after ?? undefined)}
                    caption={`Change of ${entry.name}`}
                    titles={['Before', 'After']}
                  />
                </details>
              </td>
            </tr>
          ))}
        </Table>
      )}
      <More list={list} />
    </div>
  );
};
export default AuditPage;
