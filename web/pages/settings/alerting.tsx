import { useMay } from '../../client/hooks.ts';
import { useList, useRead } from '../../client/queries.ts';
import { PageHead } from '../../components/panel.tsx';
import { Told } from '../../components/told.tsx';
import { Definition } from '../../editing/definition.tsx';
import { DefinitionEditor } from '../../editing/definition-editor.tsx';

/** Default channels, routes, times, escalation and digest. */
const AlertSettingsPage = () => {
  const read = useRead('settings', 'readAlerting', {}, { everyMs: false });
  const channels = useList('channels', 'listChannels', { limit: 100 }, { all: true });
  const mayWrite = useMay('write');
  const names = channels.items?.map(({ name }) => name) ?? [];
  return (
    <Told read={read}>
      {(told) => {
        const { managedBy, revision, updatedAt: _, ...written } = told;
        return mayWrite && managedBy !== 'file' ? (
          <DefinitionEditor
            title="Alert settings"
            replace="replaceAlerting"
            existing={{ revision, written }}
            topics={['settings']}
            order={[
              'defaultChannels',
              'groupWait',
              'groupInterval',
              'repeatInterval',
              'routes',
              'escalation',
              'digest',
            ]}
            suggestions={{ defaultChannels: names, 'digest.channels': names }}
            saved={() => '/settings'}
            back="/settings"
          />
        ) : (
          <div class="stack">
            <PageHead title="Alert settings">
              Default channels, routes, times, escalation and digest.
            </PageHead>
            <Definition section="alerting" definition={written} isSingle isOfFile={managedBy === 'file'} />
          </div>
        );
      }}
    </Told>
  );
};
export default AlertSettingsPage;
