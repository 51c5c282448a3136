import { useMay } from '../../client/hooks.ts';
import { useRead, useWrite } from '../../client/queries.ts';
import { Button } from '../../components/button.tsx';
import { Panel } from '../../components/panel.tsx';
import { Table } from '../../components/table.tsx';
import { Ago } from '../../components/time.tsx';
import { ProblemNote } from '../../components/told.tsx';

/** What no channel took, and the way to send it again; nothing where all was delivered. */
export const Undelivered = () => {
  const read = useRead('notifications', 'listUndelivered', {});
  const redriving = useWrite('redriveNotifications', ['notifications', 'incidents']);
  const mayOperate = useMay('operate');
  const items = read.data?.items ?? [];
  if (items.length === 0) return <ProblemNote error={read.error} />;
  return (
    <Panel
      title="Not delivered"
      actions={
        mayOperate && (
          <Button isBusy={redriving.isPending} onClick={() => void redriving.run({ body: {} })}>
            Send all again
          </Button>
        )
      }
    >
      <ProblemNote error={redriving.problem} />
      <Table
        caption="Notifications that were not delivered"
        columns={['Incident', 'Channel', 'Why', 'Given up']}
      >
        {items.map((one) => (
          <tr key={one.channelId + one.incidentId}>
            <td>
              <a href={`#/incidents/${one.incidentId}`}>{one.title}</a>
            </td>
            <td>{one.channelName ?? one.channelId}</td>
            <td>{one.reason}</td>
            <td>
              <Ago at={one.undeliveredAt} />
            </td>
          </tr>
        ))}
      </Table>
    </Panel>
  );
};
