import { useState } from 'preact/hooks';
import { useMay } from '../../client/hooks.ts';
import { useList } from '../../client/queries.ts';
import { Button } from '../../components/button.tsx';
import { SearchField } from '../../components/field.tsx';
import { PageHead } from '../../components/panel.tsx';
import { StatusMark } from '../../components/status.tsx';
import { Table } from '../../components/table.tsx';
import { Ago } from '../../components/time.tsx';
import { Empty, ProblemNote, Waiting } from '../../components/told.tsx';
import { StatusCounts } from './counts.tsx';
import { Register } from './register.tsx';

const worstFirst = ['unhealthy', 'degraded', 'unknown', 'healthy'];

const DeploymentsPage = () => {
  const list = useList('deployments', 'listDeployments', { limit: 200 }, { all: true });
  const mayWrite = useMay('write');
  const [words, setWords] = useState('');
  const [isRegistering, setRegistering] = useState(false);
  const shown = list.items
    ?.filter(({ deploymentId, environment }) =>
      `${deploymentId} ${environment}`.toLowerCase().includes(words.toLowerCase()),
    )
    .sort(
      (left, right) =>
        worstFirst.indexOf(left.health.status) - worstFirst.indexOf(right.health.status) ||
        left.deploymentId.localeCompare(right.deploymentId),
    );
  return (
    <div class="stack">
      <PageHead
        title="Deployments"
        actions={mayWrite && <Button onClick={() => setRegistering(true)}>Register a deployment</Button>}
      >
        What the team runs. Checks, rules and policies hang on a deployment.
      </PageHead>
      <SearchField label="Filter deployments" value={words} onInput={setWords} />
      {list.error && <ProblemNote error={list.error} />}
      {!shown && !list.error && <Waiting />}
      {list.items?.length === 0 && (
        <Empty
          title="No deployment is registered yet"
          action={mayWrite && <Button onClick={() => setRegistering(true)}>Register the first one</Button>}
        >
          Or write it into homeostat.yaml under deployments:.
        </Empty>
      )}
      {shown && shown.length > 0 && (
        <Table
          caption="Deployments"
          columns={['Deployment', 'Status', 'Checks', 'Environment', 'Since', 'Kept in']}
        >
          {shown.map(({ deploymentId, environment, health, managedBy }) => (
            <tr key={deploymentId}>
              <td>
                <a href={`#/deployments/${encodeURIComponent(deploymentId)}`}>{deploymentId}</a>
              </td>
              <td>
                <StatusMark status={health.status} />
                <div class="small soft">{health.reason}</div>
              </td>
              <td>
                <StatusCounts counts={health.counts} />
              </td>
              <td>{environment}</td>
              <td>{health.since ? <Ago at={health.since} /> : '–'}</td>
              <td>{managedBy === 'file' ? 'a file' : 'the console or API'}</td>
            </tr>
          ))}
        </Table>
      )}
      {isRegistering && <Register onClose={() => setRegistering(false)} />}
    </div>
  );
};
export default DeploymentsPage;
