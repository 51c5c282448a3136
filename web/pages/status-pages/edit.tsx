import { useList, useRead } from '../../client/queries.ts';
import { Told } from '../../components/told.tsx';
import { DefinitionEditor, type Existing } from '../../editing/definition-editor.tsx';
import type { RouteProps } from '../page.ts';
import { statusPageBodyOf } from './words.ts';

const EditStatusPagePage = ({ params: { id } }: { readonly params: Partial<RouteProps<'id'>['params']> }) => {
  const read = useRead(
    'statusPages',
    'readStatusPage',
    { params: { id: id ?? '' } },
    { enabled: id !== undefined, everyMs: false },
  );
  if (id === undefined) return <Editor />;
  return (
    <Told read={read}>
      {(page) => (
        <Editor
          existing={{ id: page.id, revision: page.revision, written: statusPageBodyOf(page) }}
          name={page.name}
        />
      )}
    </Told>
  );
};
export default EditStatusPagePage;

type EditorProps = { readonly existing?: Existing; readonly name?: string };

const order = [
  'slug',
  'name',
  'description',
  'groups',
  ...['name', 'deploymentId', 'checks', 'tag'].map((name) => `groups.${name}`),
  'isPublished',
  'logoUrl',
];

const Editor = ({ existing, name }: EditorProps) => {
  const deployments = useList('deployments', 'listDeployments', { limit: 200 }, { all: true });
  const names = deployments.items?.map(({ deploymentId }) => deploymentId) ?? [];
  return (
    <DefinitionEditor
      title={name ?? 'A new status page'}
      create="createStatusPage"
      replace="replaceStatusPage"
      existing={existing}
      begin={{ groups: [{ name: 'Services' }] }}
      topics={['statusPages']}
      order={order}
      fixed={existing ? ['slug'] : []}
      suggestions={{ 'groups.deploymentId': names, 'groups.checks.deploymentId': names }}
      saved={() => '/status-pages'}
      back="/status-pages"
    />
  );
};
