import { useMay } from '../../client/hooks.ts';
import { useList } from '../../client/queries.ts';
import { ButtonLink } from '../../components/button.tsx';
import { PageHead } from '../../components/panel.tsx';
import { Pill } from '../../components/status.tsx';
import { Table } from '../../components/table.tsx';
import { Empty, ProblemNote, Waiting } from '../../components/told.tsx';
import { SendTest } from './send-test.tsx';
import { Undelivered } from './undelivered.tsx';

const ChannelsPage = () => {
  const list = useList('channels', 'listChannels', { limit: 100 }, { all: true });
  const mayWrite = useMay('write');
  const mayOperate = useMay('operate');
  return (
    <div class="stack">
      <PageHead
        title="Channels"
        actions={mayWrite && <ButtonLink href="#/channels/new">Add a channel</ButtonLink>}
      >
        Where alerts are told.
      </PageHead>
      <Undelivered />
      {list.error && <ProblemNote error={list.error} />}
      {!list.items && !list.error && <Waiting />}
      {list.items?.length === 0 && (
        <Empty
          title="Nobody is told of alerts yet"
          action={mayWrite && <ButtonLink href="#/channels/new">Add a channel</ButtonLink>}
        />
      )}
      {list.items && list.items.length > 0 && (
        <Table caption="Channels" columns={['Channel', 'Type', 'State', { title: 'Test', isUnseen: true }]}>
          {list.items.map((channel) => (
            <tr key={channel.id}>
              <td>
                <a href={`#/channels/${channel.id}`}>{channel.name}</a>
              </td>
              <td>{channel.type}</td>
              <td>
                <Pill tone={channel.isActive ? 'good' : 'plain'}>
                  {channel.isActive ? 'active' : 'switched off'}
                </Pill>
              </td>
              <td>{mayOperate && channel.isActive && <SendTest id={channel.id} name={channel.name} />}</td>
            </tr>
          ))}
        </Table>
      )}
    </div>
  );
};
export default ChannelsPage;
