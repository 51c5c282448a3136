import { useList } from '../../client/queries.ts';
import { Panel } from '../../components/panel.tsx';
import { Pill } from '../../components/status.tsx';
import { Table } from '../../components/table.tsx';
import { Ago } from '../../components/time.tsx';
import { ProblemNote } from '../../components/told.tsx';

/** When a rule fired, and what became of it. */
export const Firings = ({ ruleId }: { readonly ruleId: string }) => {
  const list = useList('incidents', 'listAlertEvents', { ruleId, limit: 20 });
  return (
    <Panel title="Fired">
      {list.error && <ProblemNote error={list.error} />}
      {list.items?.length === 0 && <p class="soft">Not in the last 90 days.</p>}
      {list.items && list.items.length > 0 && (
        <Table caption="When it fired" columns={['When', 'For', 'State', 'Why']}>
          {list.items.map((event) => (
            <tr key={event.id}>
              <td>
                <Ago at={event.firedAt} />
              </td>
              <td>{event.subject.name}</td>
              <td>
                <Pill tone={event.state === 'firing' ? 'bad' : 'plain'}>{event.state}</Pill>
              </td>
              <td>
                {event.incidentId ? (
                  <a href={`#/incidents/${event.incidentId}`}>{event.reason}</a>
                ) : (
                  event.reason
                )}
              </td>
            </tr>
          ))}
        </Table>
      )}
    </Panel>
  );
};
