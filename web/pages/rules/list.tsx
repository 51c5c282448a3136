import { useState } from 'preact/hooks';
import { useMay } from '../../client/hooks.ts';
import { useList } from '../../client/queries.ts';
import { ButtonLink } from '../../components/button.tsx';
import { SearchField } from '../../components/field.tsx';
import { PageHead } from '../../components/panel.tsx';
import { Pill, SeverityMark } from '../../components/status.tsx';
import { Table } from '../../components/table.tsx';
import { Ago } from '../../components/time.tsx';
import { Empty, ProblemNote, Waiting } from '../../components/told.tsx';
import { keeperWords } from '../../editing/keeper.ts';

const RulesPage = () => {
  const list = useList('rules', 'listRules', { limit: 100 }, { all: true });
  const mayWrite = useMay('write');
  const [words, setWords] = useState('');
  const wanted = words.toLowerCase();
  const shown = list.items?.filter((rule) =>
    [rule.name, rule.type, rule.deploymentId ?? 'all deployments', rule.severity].some((text) =>
      text.toLowerCase().includes(wanted),
    ),
  );
  return (
    <div class="stack">
      <PageHead
        title="Alert rules"
        actions={mayWrite && <ButtonLink href="#/rules/new">Write a rule</ButtonLink>}
      >
        When something is wrong. Six rules are there without anybody writing them.
      </PageHead>
      <SearchField label="Filter rules" value={words} onInput={setWords} />
      {list.error && <ProblemNote error={list.error} />}
      {!shown && !list.error && <Waiting />}
      {shown?.length === 0 && <Empty title="None of them matches" />}
      {shown && shown.length > 0 && (
        <Table
          caption="Alert rules"
          columns={['Rule', 'Type', 'Severity', 'About', 'Fired', 'State', 'Kept in']}
        >
          {shown.map((rule) => (
            <tr key={rule.id}>
              <td>
                <a href={`#/rules/${rule.id}`}>{rule.name}</a>
              </td>
              <td>{rule.type.replace('_', ' ')}</td>
              <td>
                <SeverityMark severity={rule.severity} />
              </td>
              <td>{rule.deploymentId ?? 'all deployments'}</td>
              <td>{rule.lastTriggered ? <Ago at={rule.lastTriggered} /> : 'not yet'}</td>
              <td>
                <Pill tone={rule.isActive ? 'good' : 'plain'}>
                  {rule.isActive ? 'active' : 'switched off'}
                </Pill>
              </td>
              <td>{keeperWords[rule.managedBy]}</td>
            </tr>
          ))}
        </Table>
      )}
    </div>
  );
};
export default RulesPage;
