import { useRead } from '../../client/queries.ts';
import { Told } from '../../components/told.tsx';
import { DefinitionEditor, type Existing } from '../../editing/definition-editor.tsx';
import type { RouteProps } from '../page.ts';
import { maintenanceBodyOf } from './words.ts';

const EditMaintenancePage = ({
  params: { id },
}: {
  readonly params: Partial<RouteProps<'id'>['params']>;
}) => {
  const read = useRead(
    'mutes',
    'readMaintenance',
    { params: { id: id ?? '' } },
    { enabled: id !== undefined, everyMs: false },
  );
  if (id === undefined) return <Editor />;
  return (
    <Told read={read}>
      {(one) => (
        <Editor
          existing={{ id: one.id, revision: one.revision, written: maintenanceBodyOf(one) }}
          name={one.name}
        />
      )}
    </Told>
  );
};
export default EditMaintenancePage;

type EditorProps = { readonly existing?: Existing; readonly name?: string };

const Editor = ({ existing, name }: EditorProps) => (
  <DefinitionEditor
    title={name ?? 'Plan maintenance'}
    create="createMaintenance"
    replace="replaceMaintenance"
    existing={existing}
    begin={{ matchers: [], windows: [] }}
    topics={['mutes']}
    order={['name', 'reason', 'matchers', 'windows']}
    fixed={existing ? ['name'] : []}
    saved={() => '/maintenance'}
    back="/maintenance"
  />
);
