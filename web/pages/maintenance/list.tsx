import { useState } from 'preact/hooks';
import { useMay } from '../../client/hooks.ts';
import { useList } from '../../client/queries.ts';
import { ButtonLink } from '../../components/button.tsx';
import { More } from '../../components/more.tsx';
import { PageHead } from '../../components/panel.tsx';
import { Pill } from '../../components/status.tsx';
import { Table } from '../../components/table.tsx';
import { Tabs } from '../../components/tabs.tsx';
import { Empty, ProblemNote, Waiting } from '../../components/told.tsx';
import { keeperWords } from '../../editing/keeper.ts';
import { RemoveButton } from '../../editing/remove-button.tsx';
import { stateWords, windowText } from './words.ts';

type Which = 'coming' | 'ended';
const tabs = [
  { name: 'coming', title: 'Now and to come' },
  { name: 'ended', title: 'Over' },
] as const;

const MaintenancePage = () => {
  const [which, setWhich] = useState<Which>('coming');
  const list = useList('mutes', 'listMaintenance', {
    limit: 100,
    ...(which === 'ended' && { state: 'ended' }),
  });
  const mayWrite = useMay('write');
  const shown = list.items?.filter(({ state }) => which === 'ended' || state !== 'ended');
  return (
    <div class="stack">
      <PageHead
        title="Maintenance"
        actions={mayWrite && <ButtonLink href="#/maintenance/new">Plan maintenance</ButtonLink>}
      >
        While a window is open, nobody is woken by what it matches, and nothing is healed.
      </PageHead>
      <Tabs label="Which" tabs={tabs} chosen={which} onChoose={(name) => setWhich(name)} />
      {list.error && <ProblemNote error={list.error} />}
      {!shown && !list.error && <Waiting />}
      {shown?.length === 0 && (
        <Empty title={which === 'ended' ? 'None is over' : 'No maintenance is planned'}>
          A window can be given once, each week, or as a cron expression.
        </Empty>
      )}
      {shown && shown.length > 0 && (
        <Table
          caption="Maintenance"
          columns={['Maintenance', 'State', 'When', 'Of', 'Kept in', { title: 'Change', isUnseen: true }]}
        >
          {shown.map((one) => (
            <tr key={one.id}>
              <td>
                {one.name}
                <div class="small soft">
                  {one.reason} · {one.author}
                </div>
              </td>
              <td>
                <Pill tone={stateWords[one.state].tone}>{stateWords[one.state].word}</Pill>
              </td>
              <td>
                {one.windows.map((window) => (
                  <div key={windowText(window)}>{windowText(window)}</div>
                ))}
              </td>
              <td class="mono small">{one.matchers.join(', ')}</td>
              <td>{keeperWords[one.managedBy]}</td>
              <td>
                {mayWrite && one.managedBy === 'api' && (
                  <div class="row">
                    <ButtonLink href={`#/maintenance/${one.id}/edit`}>Edit</ButtonLink>
                    <RemoveButton
                      operation="removeMaintenance"
                      id={one.id}
                      revision={one.revision}
                      name={one.name}
                      topics={['mutes']}
                      home="/maintenance"
                    />
                  </div>
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
export default MaintenancePage;
