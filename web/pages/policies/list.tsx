import { useMay } from '../../client/hooks.ts';
import { useList } from '../../client/queries.ts';
import { ButtonLink } from '../../components/button.tsx';
import { PageHead } from '../../components/panel.tsx';
import { Pill } from '../../components/status.tsx';
import { Table } from '../../components/table.tsx';
import { Empty, ProblemNote, Waiting } from '../../components/told.tsx';
import { Explain } from './explain.tsx';
import { sectionsText, selectorText } from './words.ts';

const PoliciesPage = () => {
  const list = useList('policies', 'listPolicies', { limit: 100 }, { all: true });
  const mayWrite = useMay('write');
  return (
    <div class="stack">
      <PageHead
        title="Policies"
        actions={mayWrite && <ButtonLink href="#/policies/new">Write a policy</ButtonLink>}
      >
        What may be done about what was found, and who approves. Without a policy nothing is ever done.
      </PageHead>
      {list.error && <ProblemNote error={list.error} />}
      {!list.items && !list.error && <Waiting />}
      {list.items?.length === 0 && (
        <Empty
          title="There is no policy: nothing is changed by itself"
          action={mayWrite && <ButtonLink href="#/policies/new">Write the first one</ButtonLink>}
        >
          Begin with approval: manual. Everything but the change itself then happens as it would, and each
          plan asks.
        </Empty>
      )}
      {list.items && list.items.length > 0 && (
        <Table caption="Policies" columns={['Policy', 'Speaks of', 'May act on', 'State', 'Kept in']}>
          {list.items.map((policy) => (
            <tr key={policy.id}>
              <td>
                <a href={`#/policies/${policy.id}`}>{policy.name}</a>
              </td>
              <td>{selectorText(policy)}</td>
              <td>{sectionsText(policy)}</td>
              <td>
                <Pill tone={policy.is_active ? 'good' : 'plain'}>
                  {policy.is_active ? 'active' : 'switched off'}
                </Pill>
              </td>
              <td>{policy.managedBy === 'file' ? 'a file' : 'the console or API'}</td>
            </tr>
          ))}
        </Table>
      )}
      <Explain />
    </div>
  );
};
export default PoliciesPage;
