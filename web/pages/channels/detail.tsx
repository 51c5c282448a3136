import { useMay } from '../../client/hooks.ts';
import { useRead } from '../../client/queries.ts';
import { ButtonLink } from '../../components/button.tsx';
import { Facts, PageHead, Panel } from '../../components/panel.tsx';
import { Pill } from '../../components/status.tsx';
import { Told } from '../../components/told.tsx';
import { Definition } from '../../editing/definition.tsx';
import { keeperWords } from '../../editing/keeper.ts';
import { RemoveButton } from '../../editing/remove-button.tsx';
import type { RouteProps } from '../page.ts';
import { SendTest } from './send-test.tsx';
import { type Channel, channelBodyOf } from './words.ts';

const ChannelPage = ({ params: { id } }: RouteProps<'id'>) => (
  <Told read={useRead('channels', 'readChannel', { params: { id } })}>
    {(channel) => <Shown channel={channel} />}
  </Told>
);
export default ChannelPage;

const Shown = ({ channel }: { readonly channel: Channel }) => {
  const mayWrite = useMay('write') && channel.managedBy !== 'file';
  const mayOperate = useMay('operate');
  const quiet = channel.quietHours;
  return (
    <div class="stack">
      <PageHead
        title={channel.name}
        actions={
          <>
            {mayOperate && channel.isActive && <SendTest id={channel.id} name={channel.name} />}
            {mayWrite && <ButtonLink href={`#/channels/${channel.id}/edit`}>Edit</ButtonLink>}
            {mayWrite && channel.managedBy === 'api' && (
              <RemoveButton
                operation="removeChannel"
                id={channel.id}
                revision={channel.revision}
                name={channel.name}
                topics={['channels']}
                home="/channels"
              />
            )}
          </>
        }
      >
        <Pill>{channel.type}</Pill>
        <Pill tone={channel.isActive ? 'good' : 'plain'}>{channel.isActive ? 'active' : 'switched off'}</Pill>
      </PageHead>
      <Panel>
        <Facts
          facts={[
            ['Told of the end', channel.tellsResolved ? 'yes' : 'no'],
            quiet && [
              'Quiet',
              `${quiet.from} to ${quiet.until}${quiet.timeZone ? ` (${quiet.timeZone})` : ''}`,
            ],
            channel.fallback !== undefined && ['When it fails', `${channel.fallback} is told`],
            ['Kept in', keeperWords[channel.managedBy]],
          ]}
        />
      </Panel>
      <Definition section="channels" definition={channelBodyOf(channel)} />
    </div>
  );
};
