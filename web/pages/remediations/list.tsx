import { useState } from 'preact/hooks';
import { useMay } from '../../client/hooks.ts';
import { useList } from '../../client/queries.ts';
import { Button, ButtonLink } from '../../components/button.tsx';
import { SearchField } from '../../components/field.tsx';
import { More } from '../../components/more.tsx';
import { PageHead } from '../../components/panel.tsx';
import { Pill } from '../../components/status.tsx';
import { Table } from '../../components/table.tsx';
import { Tabs } from '../../components/tabs.tsx';
import { Ago } from '../../components/time.tsx';
import { Empty, ProblemNote, Waiting } from '../../components/told.tsx';
import { bySituation, statusWords, workflowWords } from './words.ts';

type Which = 'active' | 'all';
const tabs = [
  { name: 'active', title: 'Under way' },
  { name: 'all', title: 'All' },
] as const;

const RemediationsPage = () => {
  const [which, setWhich] = useState<Which>('all');
  const [words, setWords] = useState('');
  const mayOperate = useMay('operate');
  const list = useList('remediations', 'listRemediations', {
    limit: 100,
    ...(which === 'active' && { status: 'active' }),
  });
  const wanted = words.toLowerCase();
  const shown = list.items
    ?.filter(({ title, deploymentId, resources, policy, status }) =>
      [title, deploymentId, policy ?? '', status, ...resources].some((text) =>
        text.toLowerCase().includes(wanted),
      ),
    )
    .sort(bySituation);
  return (
    <div class="stack">
      <PageHead
        title="Remediations"
        actions={mayOperate && <ButtonLink href="#/remediations/ask">Ask for a remedy</ButtonLink>}
      >
        What Homeostat changed, changes, or waits to change.
      </PageHead>
      <div class="row">
        <Tabs label="Which" tabs={tabs} chosen={which} onChoose={(name) => setWhich(name)} />
        <span class="push">
          <SearchField label="Filter remediations" value={words} onInput={setWords} />
        </span>
      </div>
      {list.error && <ProblemNote error={list.error} />}
      {!shown && !list.error && <Waiting />}
      {shown?.length === 0 && list.items?.length === 0 && (
        <Empty
          title={which === 'active' ? 'Nothing is under way' : 'Nothing was ever changed'}
          action={<ButtonLink href="#/policies">See the policies</ButtonLink>}
        >
          Without a policy nothing is changed by itself. A policy says what may be done about what, and who
          approves.
        </Empty>
      )}
      {shown?.length === 0 && (list.items?.length ?? 0) > 0 && (
        <Empty
          title="None of them matches"
          action={<Button onClick={() => setWords('')}>Clear the filter</Button>}
        />
      )}
      {shown && shown.length > 0 && (
        <Table caption="Remediations" columns={['What', 'State', 'Deployment', 'For', 'Began']}>
          {shown.map((one) => (
            <tr key={one.id}>
              <td>
                <a href={`#/remediations/${one.id}`}>{one.title}</a>
                <div class="small soft">{one.resources.join(', ')}</div>
              </td>
              <td>
                <Pill tone={statusWords[one.status].tone}>{statusWords[one.status].word}</Pill>
                <div class="small soft">{one.reason}</div>
              </td>
              <td>{one.deploymentId}</td>
              <td>{workflowWords[one.workflow]}</td>
              <td class="numbers">
                <Ago at={one.startedAt} />
              </td>
            </tr>
          ))}
        </Table>
      )}
      <More list={list} />
    </div>
  );
};
export default RemediationsPage;
