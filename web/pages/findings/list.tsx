import { useState } from 'preact/hooks';
import { useMay } from '../../client/hooks.ts';
import { useList } from '../../client/queries.ts';
import { SearchField } from '../../components/field.tsx';
import { More } from '../../components/more.tsx';
import { PageHead } from '../../components/panel.tsx';
import { Pill, SeverityMark } from '../../components/status.tsx';
import { Table } from '../../components/table.tsx';
import { Tabs } from '../../components/tabs.tsx';
import { Ago } from '../../components/time.tsx';
import { Empty, ProblemNote, Waiting } from '../../components/told.tsx';

type Which = 'open' | 'resolved';
const tabs = [
  { name: 'open', title: 'Open' },
  { name: 'resolved', title: 'Resolved' },
] as const;

/** Which wish puts a finding right; the others are healed by asking for their resource. */
const wishes: Readonly<Record<string, string>> = {
  drift: 'fix-drift',
  violation: 'fix-compliance',
  idle: 'optimize-cost',
  oversized: 'optimize-cost',
};

const FindingsPage = () => {
  const [which, setWhich] = useState<Which>('open');
  const [words, setWords] = useState('');
  const mayOperate = useMay('operate');
  const list = useList('findings', 'listFindings', { state: which, limit: 100 });
  const wanted = words.toLowerCase();
  const shown = list.items?.filter((finding) =>
    [finding.title, finding.reason, finding.resource, finding.kind, finding.deploymentId ?? ''].some((text) =>
      text.toLowerCase().includes(wanted),
    ),
  );
  return (
    <div class="stack">
      <PageHead title="Findings">
        Something wrong that was found by comparing: drift, violations, idle resources, what your own engines
        tell.
      </PageHead>
      <div class="row">
        <Tabs label="Which" tabs={tabs} chosen={which} onChoose={(name) => setWhich(name)} />
        <span class="push">
          <SearchField label="Filter findings" value={words} onInput={setWords} />
        </span>
      </div>
      {list.error && <ProblemNote error={list.error} />}
      {!shown && !list.error && <Waiting />}
      {shown?.length === 0 && (
        <Empty
          title={
            words
              ? 'None of them matches'
              : which === 'open'
                ? 'Nothing is found to be wrong'
                : 'None was resolved yet'
          }
        >
          Your own engine tells findings with POST /api/v1/monitoring/findings.
        </Empty>
      )}
      {shown && shown.length > 0 && (
        <Table
          caption="Findings"
          columns={['Finding', 'Kind', 'Severity', 'Resource', 'Since', { title: 'Heal', isUnseen: true }]}
        >
          {shown.map((finding) => (
            <tr key={finding.id}>
              <td>
                {finding.title}
                <div class="small soft">{finding.reason}</div>
              </td>
              <td>
                <Pill>{finding.kind}</Pill>
              </td>
              <td>
                <SeverityMark severity={finding.severity} />
              </td>
              <td>
                {finding.deploymentId && (
                  <a href={`#/deployments/${encodeURIComponent(finding.deploymentId)}`}>
                    {finding.deploymentId}
                  </a>
                )}{' '}
                {finding.resource}
              </td>
              <td>
                <Ago at={finding.openedAt} />
              </td>
              <td>
                {mayOperate && finding.state === 'open' && finding.deploymentId && (
                  <a
                    href={`#/remediations/ask?deployment=${encodeURIComponent(finding.deploymentId)}&resource=${encodeURIComponent(finding.resource)}&action=${wishes[finding.kind] ?? 'restart'}`}
                  >
                    Heal<span class="unseen"> {finding.title}</span>
                  </a>
                )}
              </td>
            </tr>
          ))}
        </Table>
      )}
      <More list={list} />
    </div>
  );
};
export default FindingsPage;
