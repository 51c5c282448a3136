import { useMay } from '../../client/hooks.ts';
import { useList } from '../../client/queries.ts';
import { ButtonLink } from '../../components/button.tsx';
import { PageHead } from '../../components/panel.tsx';
import { Pill } from '../../components/status.tsx';
import { Table } from '../../components/table.tsx';
import { Empty, ProblemNote, Waiting } from '../../components/told.tsx';
import { keeperWords } from '../../editing/keeper.ts';
import { RemoveButton } from '../../editing/remove-button.tsx';
import { hiddenText } from './words.ts';

const StatusPagesPage = () => {
  const list = useList('statusPages', 'listStatusPages', { limit: 50 }, { all: true });
  const mayWrite = useMay('write');
  return (
    <div class="stack">
      <PageHead
        title="Status pages"
        actions={mayWrite && <ButtonLink href="#/status-pages/new">Make a page</ButtonLink>}
      >
        What customers see. Only checks that say isPublic are ever shown.
      </PageHead>
      {list.error && <ProblemNote error={list.error} />}
      {!list.items && !list.error && <Waiting />}
      {list.items?.length === 0 && (
        <Empty
          title="There is no status page yet"
          action={mayWrite && <ButtonLink href="#/status-pages/new">Make the first one</ButtonLink>}
        >
          Name the checks it shows, and mark those checks public.
        </Empty>
      )}
      {list.items && list.items.length > 0 && (
        <Table
          caption="Status pages"
          columns={['Page', 'Address', 'State', 'Shows', 'Kept in', { title: 'Change', isUnseen: true }]}
        >
          {list.items.map((page) => (
            <tr key={page.id}>
              <td>{page.name}</td>
              <td>
                <a href={`status/${page.slug}`}>/status/{page.slug}</a>
              </td>
              <td>
                <Pill tone={page.isPublished ? 'good' : 'plain'}>
                  {page.isPublished ? 'published' : 'not published'}
                </Pill>
              </td>
              <td>
                {page.groups.reduce((sum, { shown }) => sum + shown, 0)} checks in {page.groups.length}{' '}
                {page.groups.length === 1 ? 'group' : 'groups'}
                {hiddenText(page).map((text) => (
                  <div key={text} class="small soft">
                    {text}
                  </div>
                ))}
              </td>
              <td>{keeperWords[page.managedBy]}</td>
              <td>
                {mayWrite && page.managedBy === 'api' && (
                  <div class="row">
                    <ButtonLink href={`#/status-pages/${page.id}/edit`}>Edit</ButtonLink>
                    <RemoveButton
                      operation="removeStatusPage"
                      id={page.id}
                      revision={page.revision}
                      name={page.name}
                      topics={['statusPages']}
                      home="/status-pages"
                    />
                  </div>
                )}
              </td>
            </tr>
          ))}
        </Table>
      )}
    </div>
  );
};
export default StatusPagesPage;
