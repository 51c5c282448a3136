import { useList } from '../../client/queries.ts';
import { Panel } from '../../components/panel.tsx';
import { Pill } from '../../components/status.tsx';
import { Table } from '../../components/table.tsx';
import { Ago } from '../../components/time.tsx';
import { ProblemNote } from '../../components/told.tsx';

const tones = {
  began: 'calm',
  finished: 'calm',
  confirmed: 'good',
  failed: 'bad',
  rolled_back: 'warn',
  superseded: 'plain',
} as const;

/** What was released, and whether it proved good. */
export const Releases = ({ id }: { readonly id: string }) => {
  const list = useList('deployments', 'listReleases', { limit: 10 }, { params: { deploymentId: id } });
  if (list.error) return <ProblemNote error={list.error} />;
  if (!list.items || list.items.length === 0) return null;
  return (
    <Panel title="Releases">
      <Table caption="Releases" columns={['Version', 'State', 'Began', 'Told by']}>
        {list.items.map(({ id: releaseId, version, state, reason, beganAt, by }) => (
          <tr key={releaseId}>
            <td class="mono">{version}</td>
            <td>
              <Pill tone={tones[state]}>{state.replace('_', ' ')}</Pill>
              <div class="small soft">{reason}</div>
            </td>
            <td>
              <Ago at={beganAt} />
            </td>
            <td>{by}</td>
          </tr>
        ))}
      </Table>
    </Panel>
  );
};
