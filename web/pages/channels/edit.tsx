import { useList, useRead } from '../../client/queries.ts';
import { Told } from '../../components/told.tsx';
import { DefinitionEditor, type Existing } from '../../editing/definition-editor.tsx';
import type { RouteProps } from '../page.ts';
import { channelBodyOf } from './words.ts';

const EditChannelPage = ({ params: { id } }: { readonly params: Partial<RouteProps<'id'>['params']> }) => {
  const read = useRead(
    'channels',
    'readChannel',
    { params: { id: id ?? '' } },
    { enabled: id !== undefined, everyMs: false },
  );
  if (id === undefined) return <Editor />;
  return (
    <Told read={read}>
      {(channel) => (
        <Editor
          existing={{ id: channel.id, revision: channel.revision, written: channelBodyOf(channel) }}
          name={channel.name}
        />
      )}
    </Told>
  );
};
export default EditChannelPage;

type EditorProps = { readonly existing?: Existing; readonly name?: string };

const order = [
  'type',
  'name',
  'config',
  ...['url', 'token', 'channel', 'topicArn'].map((name) => `config.${name}`),
  'fallback',
];

const Editor = ({ existing, name }: EditorProps) => {
  const channels = useList('channels', 'listChannels', { limit: 100 }, { all: true });
  return (
    <DefinitionEditor
      title={name ?? 'A new channel'}
      create="createChannel"
      replace="replaceChannel"
      existing={existing}
      begin={{ type: 'slack' }}
      topics={['channels']}
      order={order}
      fixed={existing ? ['type', 'name'] : []}
      suggestions={{ fallback: channels.items?.map((channel) => channel.name) ?? [] }}
      saved={(id) => `/channels/${id}`}
      back={existing?.id ? `/channels/${existing.id}` : '/channels'}
    />
  );
};
